"""The parts of a rendered text that may be objects: its documents, and the elements of lists in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from reconciler.frozen import dataclass
from reconciler.model.document import Json, JsonObject
from reconciler.model.identity import GroupKind
from reconciler.model.location import Origin
from reconciler.model.path import FieldPath
from reconciler.stages.render.sourcemap import SourceMap
from reconciler.text.yaml import YamlDocument
from reconciler.text.yaml.position import NodePosition


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document, or an element of a list in one, that may be an object. `file` is its template."""

    body: Json
    origins: Mapping[FieldPath, Origin]
    file: str

    def origin(self, path: FieldPath) -> Origin:
        return next(o for end in range(len(path), -1, -1) if (o := self.origins.get(path[:end])))


def candidates(document: YamlDocument, sources: SourceMap) -> Iterator[Candidate]:
    """The candidates in a document. A List is split into its elements, as kubectl does.

    A YAML list is not an object, and kubectl does not accept it. It is a candidate itself, which becomes a finding. Its
    elements that look like objects are candidates too, so that the same run validates them.
    """
    origins = _Origins(document.positions, sources)
    yield from _split(Candidate(document.value, origins, sources.rendered.template))


class _Origins(Mapping[FieldPath, Origin]):
    """The origin of each field, worked out when it is asked for: most fields are in no report."""

    def __init__(self, positions: Mapping[FieldPath, NodePosition], sources: SourceMap) -> None:
        self._positions = positions
        self._sources = sources
        self._known: dict[FieldPath, Origin] = {}

    def __getitem__(self, path: FieldPath) -> Origin:
        origin = self._known.get(path)
        if origin is None:
            origin = self._known[path] = self._sources.origin(self._positions[path])
        return origin

    def __contains__(self, path: object) -> bool:
        return path in self._positions

    def __iter__(self) -> Iterator[FieldPath]:
        return iter(self._positions)

    def __len__(self) -> int:
        return len(self._positions)


def field_key(body: JsonObject, field: str) -> str:
    """The key of a field: its name, or else a key that differs only in case; "" if there is neither."""
    if field in body:
        return field
    return next((key for key in body if key.lower() == field.lower()), "")


def group_kind(body: Json) -> GroupKind | None:
    """The group and kind that a document declares; None if one of the two fields is missing or not a string."""
    if not isinstance(body, dict):
        return None
    api_version, kind = (body.get(field_key(body, field)) for field in ("apiVersion", "kind"))
    if not (isinstance(api_version, str) and isinstance(kind, str) and api_version and kind):
        return None
    return GroupKind(api_version.rpartition("/")[0], kind)


def _split(candidate: Candidate) -> Iterator[Candidate]:
    body = candidate.body
    if isinstance(body, list):
        yield candidate
        for index, origins in _by_element(candidate.origins, ()).items():
            element = body[index]
            if isinstance(element, dict) and {"apiVersion", "kind"} & element.keys():
                yield from _split(Candidate(element, origins, candidate.file))
    elif _is_list(body):
        for index, origins in _by_element(candidate.origins, ("items",)).items():
            element = _with_type(body["items"][index], body)
            yield from _split(Candidate(element, origins, candidate.file))
    else:
        yield candidate


def _is_list(body: Json) -> bool:
    return (
        isinstance(body, dict)
        and isinstance(body.get("items"), list)
        and str(body.get("kind", "")).endswith("List")
    )


def _with_type(element: Json, parent: JsonObject) -> Json:
    """An element of, say, a ProviderList may omit its apiVersion and kind: the list implies them."""
    kind = parent["kind"].removesuffix("List")
    untyped = isinstance(element, dict) and not {"apiVersion", "kind"} & element.keys()
    if not (kind and untyped and "apiVersion" in parent):
        return element
    return {"apiVersion": parent["apiVersion"], "kind": kind, **element}


def _by_element(
    origins: Mapping[FieldPath, Origin], above: FieldPath
) -> dict[int, dict[FieldPath, Origin]]:
    """The origins of each element of a list, collected in one pass, since a list may be long."""
    depth = len(above)
    elements: dict[int, dict[FieldPath, Origin]] = defaultdict(dict)
    for path, origin in origins.items():
        if len(path) > depth and path[:depth] == above and isinstance(path[depth], int):
            elements[int(path[depth])][path[depth + 1 :]] = origin
    return dict(sorted(elements.items()))
