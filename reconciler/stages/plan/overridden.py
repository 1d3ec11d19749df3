"""Fields in which the cluster would store another value than git has: a mutating webhook sets them on every write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.model.change import Change
from reconciler.model.document import Json, dig
from reconciler.model.identity import GroupKind
from reconciler.model.observation import Observation
from reconciler.model.path import FieldPath
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.structural import Schema
from reconciler.semantics.values import ABSENT, same


def with_overridden(
    change: Change, observation: Observation, crds: Mapping[GroupKind, Crd]
) -> Change:
    """The change, with the fields of the spec whose applied value the prediction does not have."""
    predicted = observation.predicted
    if predicted is None or predicted is observation.live:  # the no-op proof has compared them
        return change
    crd = crds.get(change.ref.group_kind)
    version = crd.version(change.endpoint.version) if crd else None
    schema = version.schema.child("spec") if version else None
    sent, stored = (dig(each.body(), "spec") for each in (observation.sent, predicted))
    return replace(change, overridden=tuple(_overridden(sent, stored, schema, ("spec",))))


def _overridden(
    sent: Json, stored: object, schema: Schema | None, path: FieldPath
) -> Iterator[FieldPath]:
    """The paths at which the stored value lacks what was sent; defaults and others may have added fields."""
    if sent is None:  # the server may drop a null
        return
    if isinstance(sent, dict) and isinstance(stored, dict):
        for key, value in sent.items():
            child = schema.child(key) if schema else None
            yield from _overridden(value, stored.get(key, ABSENT), child, (*path, key))
    elif isinstance(sent, list) and isinstance(stored, list):
        if not _has_items(sent, stored, schema):
            yield path
    elif not same(sent, stored):
        yield path


def _has_items(sent: list[Json], stored: list[Json], schema: Schema | None) -> bool:
    """Whether a list has what was sent; a set and a map list may have items of others, in any order."""
    items = schema.items if schema else None
    if schema is None or schema.list_type in ("", "atomic"):
        pairs = zip(sent, stored, strict=False)
        return len(sent) == len(stored) and all(_has(a, b, items) for a, b in pairs)
    return all(any(_has(value, other, items) for other in stored) for value in sent)


def _has(sent: Json, stored: Json, schema: Schema | None) -> bool:
    return not any(True for _ in _overridden(sent, stored, schema, ()))
