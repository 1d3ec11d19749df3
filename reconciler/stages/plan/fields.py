"""Differences for a report: sensitive values masked, each with its location in git."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache

from reconciler.kind import Kind
from reconciler.model.difference import (
    ABSENT,
    REDACTED,
    FieldDifference,
    FieldValue,
    Why,
    Writer,
)
from reconciler.model.document import Json, JsonObject, canonical
from reconciler.model.manifest import Manifest
from reconciler.model.path import FieldPath, present
from reconciler.semantics.compare import Pair
from reconciler.text.foreign import masked_value


def differences(
    kind: Kind,
    manifest: Manifest,
    pairs: Iterable[Pair],
    cause: Callable[[FieldPath], tuple[Why, Writer | None]],
) -> tuple[FieldDifference, ...]:
    """The fields that differ, each with its cause and its location in git; a sensitive value is masked."""
    source = manifest.document.body()
    return tuple(_difference(kind, manifest, source, pair, *cause(pair.path)) for pair in pairs)


def _difference(
    kind: Kind, manifest: Manifest, source: JsonObject, pair: Pair, why: Why, by: Writer | None
) -> FieldDifference:
    origin = manifest.origin(pair.path) if present(source, pair.path) else None
    of_others = why is Why.ADOPT and pair.path[:2] == ("metadata", "annotations")  # any content
    masked = of_others or kind.is_sensitive(pair.path)
    return FieldDifference(
        path=pair.path,
        live=field_value(pair.left, pair.path, exists=pair.in_left, masked=masked),
        predicted=field_value(pair.right, pair.path, exists=pair.in_right, masked=masked),
        why=why,
        where=origin.best if origin else None,
        also=tuple(p for p in origin.places if p != origin.best) if origin else (),
        by=by,
    )


def field_value(value: Json, path: FieldPath, *, exists: bool, masked: bool) -> FieldValue:
    """A value for a report, without what looks like a credential."""
    if not exists:
        return ABSENT
    return REDACTED if masked else FieldValue(_masked_json(canonical(value), str(path[-1])))


@lru_cache(4096)  # objects of one template share most values
def _masked_json(text: str, name: str) -> str:
    return canonical(masked_value(json.loads(text), name))
