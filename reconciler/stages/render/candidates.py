"""The objects of a rendered text: its documents, and the elements of lists in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.model.document import Json, JsonObject
from reconciler.model.identity import GroupKind
from reconciler.model.location import Origin
from reconciler.model.path import FieldPath
from reconciler.stages.render.sourcemap import SourceMap
from reconciler.text.yaml import YamlDocument


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be an object: a document, or an element of a list in one. `file` is what was rendered."""

    body: Json
    origins: Mapping[FieldPath, Origin]
    file: str

    def origin(self, path: FieldPath) -> Origin:
        return next(o for end in range(len(path), -1, -1) if (o := self.origins.get(path[:end])))


def candidates(document: YamlDocument, sources: SourceMap) -> Iterator[Candidate]:
    """The objects of a document. A List is taken apart as kubectl does.

    A bare list is nothing that kubectl takes: it comes itself, to be refused, and what looks like an object in it
    comes as well, to be judged in the same run.
    """
    origins = {path: sources.origin(place) for path, place in document.positions.items()}
    yield from _apart(Candidate(document.value, origins, sources.rendered.template))


def field_key(body: JsonObject, field: str) -> str:
    """The key of a field: its name, else one that differs in case alone; "" without either."""
    if field in body:
        return field
    return next((key for key in body if key.lower() == field.lower()), "")


def group_kind(body: Json) -> GroupKind | None:
    """What a document says it is; None where one of the two fields is missing, or no text."""
    if not isinstance(body, dict):
        return None
    api_version, kind = (body.get(field_key(body, field)) for field in ("apiVersion", "kind"))
    if not (isinstance(api_version, str) and isinstance(kind, str) and api_version and kind):
        return None
    return GroupKind(api_version.rpartition("/")[0], kind)


def _apart(candidate: Candidate) -> Iterator[Candidate]:
    body = candidate.body
    if isinstance(body, list):
        yield candidate
        for index, origins in _by_element(candidate.origins, ()).items():
            element = body[index]
            if isinstance(element, dict) and {"apiVersion", "kind"} & element.keys():
                yield from _apart(Candidate(element, origins, candidate.file))
    elif _is_list(body):
        for index, origins in _by_element(candidate.origins, ("items",)).items():
            element = _typed(body["items"][index], body)
            yield from _apart(Candidate(element, origins, candidate.file))
    else:
        yield candidate


def _is_list(body: Json) -> bool:
    return (
        isinstance(body, dict)
        and isinstance(body.get("items"), list)
        and str(body.get("kind", "")).endswith("List")
    )


def _typed(element: Json, around: JsonObject) -> Json:
    """What the elements of a ProviderList leave out is known from the list."""
    kind = around["kind"].removesuffix("List")
    untyped = isinstance(element, dict) and not {"apiVersion", "kind"} & element.keys()
    if not (kind and untyped and "apiVersion" in around):
        return element
    return {"apiVersion": around["apiVersion"], "kind": kind, **element}


def _by_element(
    origins: Mapping[FieldPath, Origin], above: FieldPath
) -> dict[int, dict[FieldPath, Origin]]:
    """The origins of each element of a list, in one go: a list may be long."""
    depth = len(above)
    found: dict[int, dict[FieldPath, Origin]] = defaultdict(dict)
    for path, origin in origins.items():
        if len(path) > depth and path[:depth] == above and isinstance(path[depth], int):
            found[int(path[depth])][path[depth + 1 :]] = origin
    return dict(sorted(found.items()))
