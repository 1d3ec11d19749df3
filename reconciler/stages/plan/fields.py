"""Differences for a report: sensitive values masked, each with its location in git."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.kind import Kind
from reconciler.model.difference import (
    ABSENT,
    REDACTED,
    FieldDifference,
    FieldValue,
    ForeignField,
    Why,
    Writer,
)
from reconciler.model.document import Json, JsonObject, canonical
from reconciler.model.manifest import Manifest
from reconciler.model.path import FieldPath, at, present
from reconciler.semantics.compare import Pair
from reconciler.text.foreign import masked_value


def difference(
    kind: Kind, manifest: Manifest, pair: Pair, why: Why, by: Writer | None = None
) -> FieldDifference:
    """A field that differs, with its location in git; a sensitive value is masked."""
    source = manifest.document.body()
    origin = manifest.origin(pair.path) if present(source, pair.path) else None
    masked = kind.is_sensitive(pair.path)
    return FieldDifference(
        path=pair.path,
        live=_value(pair.left, pair.path, exists=pair.in_left, masked=masked),
        predicted=_value(pair.right, pair.path, exists=pair.in_right, masked=masked),
        why=why,
        where=origin.best if origin else None,
        also=tuple(p for p in origin.places if p != origin.best) if origin else (),
        by=by,
    )


def _value(value: Json, path: FieldPath, *, exists: bool, masked: bool) -> FieldValue:
    if not exists:
        return ABSENT
    return REDACTED if masked else FieldValue(canonical(masked_value(value, str(path[-1]))))


def foreign_fields(
    kind: Kind, live: JsonObject, added: Iterable[tuple[FieldPath, Writer]]
) -> tuple[ForeignField, ...]:
    """The fields that others added to an object of ours, ordered by path; of a mapping, its leaves."""
    fields: dict[FieldPath, ForeignField] = {}
    for path, by in added:
        value = at(live, path)
        if present(live, path) and not (isinstance(value, dict) and value):
            masked = kind.is_sensitive(path)
            fields[path] = ForeignField(path, _value(value, path, exists=True, masked=masked), by)
    return tuple(fields[path] for path in sorted(fields, key=lambda p: tuple(map(str, p))))
