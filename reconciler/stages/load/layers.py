"""Values layers: the nearest wins, mappings merge, lists replace, null deletes. Each value keeps its location."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model.document import Json, JsonObject
from reconciler.model.environment import SourceFile
from reconciler.model.location import Location
from reconciler.model.path import FieldPath
from reconciler.ports import Repository
from reconciler.stages.load.findings import LoadFindings
from reconciler.stages.load.templates import UNREAD_FILE, misnamed
from reconciler.text.yaml import NodePosition, load_documents


class Values:
    """The merged values, built layer by layer."""

    def __init__(self) -> None:
        self.content: JsonObject = {}
        self._origins = _Origins()

    @property
    def origins(self) -> tuple[tuple[FieldPath, Location], ...]:
        """The location of every value and mapping, sorted by path; for a removed value, that of the null."""
        return tuple(
            sorted(self._origins.items(), key=lambda pair: [str(step) for step in pair[0]])
        )

    def add(self, layer: JsonObject, places: Mapping[FieldPath, NodePosition], file: str) -> None:
        """Merge a nearer layer into the values."""
        self._merge(self.content, layer, (), _Source(places, file))

    def _merge(self, into: JsonObject, layer: JsonObject, path: FieldPath, source: _Source) -> None:
        for key, value in layer.items():
            field = (*path, key)
            if isinstance(value, dict) and isinstance(into.get(key), dict):
                self._origins[field] = source.location(field)
                self._merge(into[key], value, field, source)
                continue
            if key in into:
                self._origins.forget(field)
                del into[key]
            if value is None:
                self._origins[field] = source.key_location(field)
            else:
                into[key] = self._copy(value, field, source)

    def _copy(self, value: Json, path: FieldPath, source: _Source) -> Json:
        """A copy without the nulls in its mappings; records the location of each field."""
        self._origins[path] = source.location(path)
        if isinstance(value, dict):
            copy: JsonObject = {}
            self._merge(copy, value, path, source)
            return copy
        if isinstance(value, list):
            return [self._copy(child, (*path, index), source) for index, child in enumerate(value)]
        return value


class _Origins:
    """The locations of values, as a tree: a value is forgotten in one step, with all that is below it."""

    def __init__(self) -> None:
        self.location: Location | None = None
        self.below: dict[str | int, _Origins] = {}

    def __setitem__(self, path: FieldPath, location: Location) -> None:
        node = self
        for step in path:
            node = node.below.setdefault(step, _Origins())
        node.location = location

    def forget(self, path: FieldPath) -> None:
        node = self
        for step in path[:-1]:
            node = node.below[step]
        node.below.pop(path[-1], None)

    def items(self) -> Iterator[tuple[FieldPath, Location]]:
        pending: list[tuple[FieldPath, _Origins]] = [((), self)]
        while pending:
            path, node = pending.pop()
            if node.location is not None:
                yield path, node.location
            pending += [((*path, step), child) for step, child in node.below.items()]


class _Source:
    def __init__(self, places: Mapping[FieldPath, NodePosition], file: str) -> None:
        self._places, self._file = places, file

    def key_location(self, path: FieldPath) -> Location:
        return self._places[path].best.location(self._file)

    def location(self, path: FieldPath) -> Location:
        """The location of a scalar; for a mapping or a list, that of its key."""
        place = self._places[path]
        return (place.value if place.scalar else place.best).location(self._file)


def read_values(
    repository: Repository, layers: tuple[str, ...], findings: LoadFindings
) -> tuple[Values, tuple[SourceFile, ...]]:
    """The merged values of several layers, the nearest last, and the files that were read."""
    values = Values()
    files: list[SourceFile] = []
    for layer in layers:
        folder = f"environments/{layer}"
        _check_names(repository, folder, findings)
        path = f"{folder}/values.yaml"
        text = findings.read(path)
        if text is None:
            continue
        files.append(SourceFile(path, text))
        stream = load_documents(text, aliases=True)
        findings.add_yaml_findings(path, stream.errors)
        if stream.errors or not stream.documents:
            continue
        document = stream.documents[0]
        if len(stream.documents) > 1 or not isinstance(document.value, dict):
            message = "this file must contain one mapping"
            findings.add("E005", message, document.position.location(path))
            continue
        values.add(document.value, document.positions, path)
    return values, tuple(files)


def _check_names(repository: Repository, folder: str, findings: LoadFindings) -> None:
    """A layer may contain files that nothing reads, unless their names look like those of files that are read."""
    for path in repository.files(folder):
        if hint := misnamed(path.removeprefix(f"{folder}/")):
            findings.add("E009", UNREAD_FILE, Location(path), hint)
