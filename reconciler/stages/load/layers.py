"""Values layers: nearest wins, mappings merge, lists replace, null deletes; each value knows the file that set it."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model.document import Json, JsonObject
from reconciler.model.environment import SourceFile
from reconciler.model.location import Location
from reconciler.model.path import FieldPath, starts_with
from reconciler.ports import Repository
from reconciler.stages.load.findings import FindingCollector
from reconciler.stages.load.templates import UNREAD, misnamed
from reconciler.text.yaml import NodePosition, load_documents


class Values:
    """Values under construction, layer by layer."""

    def __init__(self) -> None:
        self.content: JsonObject = {}
        self._origins: dict[FieldPath, Location] = {}

    @property
    def origins(self) -> tuple[tuple[FieldPath, Location], ...]:
        """The place of every value and mapping, sorted by path; of what a null removed, that of the null."""
        return tuple(
            sorted(self._origins.items(), key=lambda pair: [str(step) for step in pair[0]])
        )

    def add(self, layer: JsonObject, places: Mapping[FieldPath, NodePosition], file: str) -> None:
        """Put a nearer layer on top."""
        self._merge(self.content, layer, (), _Source(places, file))

    def _merge(self, into: JsonObject, layer: JsonObject, path: FieldPath, source: _Source) -> None:
        for key, value in layer.items():
            here = (*path, key)
            if isinstance(value, dict) and isinstance(into.get(key), dict):
                self._origins[here] = source.location(here)
                self._merge(into[key], value, here, source)
                continue
            if key in into:
                self._forget(here)
                del into[key]
            if value is None:
                self._origins[here] = source.key(here)
            else:
                into[key] = self._taken(value, here, source)

    def _taken(self, value: Json, path: FieldPath, source: _Source) -> Json:
        """A value as it is, its nulls in mappings deleted, its places noted."""
        self._origins[path] = source.location(path)
        if isinstance(value, dict):
            taken: JsonObject = {}
            self._merge(taken, value, path, source)
            return taken
        if isinstance(value, list):
            return [self._taken(child, (*path, index), source) for index, child in enumerate(value)]
        return value

    def _forget(self, path: FieldPath) -> None:
        for known in [known for known in self._origins if starts_with(known, path)]:
            del self._origins[known]


class _Source:
    def __init__(self, places: Mapping[FieldPath, NodePosition], file: str) -> None:
        self._places, self._file = places, file

    def key(self, path: FieldPath) -> Location:
        return self._places[path].best.location(self._file)

    def location(self, path: FieldPath) -> Location:
        """Where a scalar stands; for a mapping or list, its key."""
        place = self._places[path]
        return (place.value if place.scalar else place.best).location(self._file)


def read_values(
    repository: Repository, layers: tuple[str, ...], findings: FindingCollector
) -> tuple[Values, tuple[SourceFile, ...]]:
    """The values of several layers, the nearest last, and the files that were read."""
    values = Values()
    files: list[SourceFile] = []
    for layer in layers:
        folder = f"environments/{layer}"
        _check_names(repository, folder, findings)
        path = f"{folder}/values.yaml"
        text = findings.text(path)
        if text is None:
            continue
        files.append(SourceFile(path, text))
        stream = load_documents(text, aliases=True)
        findings.add_yaml_findings(path, stream.errors)
        if stream.errors or not stream.documents:
            continue
        document = stream.documents[0]
        if len(stream.documents) > 1 or not isinstance(document.value, dict):
            message = "must hold one mapping of values"
            findings.add("E005", document.position.location(path), message)
            continue
        values.add(document.value, document.positions, path)
    return values, tuple(files)


def _check_names(repository: Repository, folder: str, findings: FindingCollector) -> None:
    """A layer may hold what nobody reads, but not what looks as if it were read."""
    for path in repository.files(folder):
        if hint := misnamed(path.removeprefix(f"{folder}/")):
            findings.add("E009", Location(path), UNREAD, hint)
