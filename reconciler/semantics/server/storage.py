"""The object that a decoded request stores: its system fields, its validation, and whether it changes.

Source: apiserver's registry (rest.BeforeCreate, rest.BeforeUpdate) and apiextensions' strategies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reconciler.frozen import dataclass
from reconciler.model.document import Json, JsonObject, dig, dig_map
from reconciler.model.identity import ObjectRef
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.schema.defaults import pruned, set_defaults
from reconciler.semantics.server import refusals
from reconciler.semantics.validation.custom_resource import validate, validate_status
from reconciler.semantics.validation.objectmeta import (
    create_violations,
    normalized_metadata,
    uid_and_resource_version,
    update_violations,
)
from reconciler.semantics.values import same

STATUS = "status"


@dataclass(frozen=True, slots=True)
class WriteContext:
    """The field manager of a write, and the values that a server generates for it."""

    manager: str
    now: str  # "2026-07-30T12:00:00Z"
    resource_version: str  # of the object if the write changes it; "" for none (dry-run create)
    uid: Callable[[], str]  # called for a new object only

    @classmethod
    def for_prediction(cls, manager: str) -> WriteContext:
        """The context of a write that is never stored: it generates no values."""
        return cls(manager, now="", resource_version="", uid=str)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a write that the server accepts.

    Attributes:
        object: the object that the server stores and returns.
        changed: False if the server writes nothing, so that resourceVersion and managedFields remain.
        deleted: the object is gone: a DELETE removed it, or the write removed its last finalizer after a DELETE.
        normalized: False if the server stores a value that no read returns (empty labels, a field that is pruned).
            The next write then counts as a change even if it changes no field.
        not_provable: what this engine does not model; if there is any, only the server knows the result.
    """

    object: JsonObject
    changed: bool
    created: bool = False
    deleted: bool = False
    normalized: bool = True
    not_provable: tuple[str, ...] = ()


def normalized(version: CrdVersion, body: Mapping[str, Any]) -> JsonObject:
    """An object as the server decodes it from its storage or from a request: pruned and with defaults."""
    decoded = pruned(version.schema, dict(body))
    set_defaults(version.schema, decoded)
    if "metadata" in decoded:
        decoded["metadata"] = normalized_metadata(decoded["metadata"])
    return decoded


def create_result(
    crd: Crd, version: CrdVersion, ref: ObjectRef, new: JsonObject, context: WriteContext
) -> Result:
    """The result of a write of an object that does not exist yet.

    Raises:
        Refused: INVALID.
    """
    body = {
        key: value for key, value in new.items() if key != STATUS or not version.status_subresource
    }
    metadata = dict(dig_map(new, "metadata"))
    metadata |= {"creationTimestamp": context.now, "uid": context.uid(), "generation": 1}
    metadata.pop("resourceVersion", None)
    body["metadata"] = metadata
    verdict = validate(version, body)
    if verdict.violations:
        raise refusals.invalid(crd, ref, verdict.violations)
    result = _write(version, body, context, (*crd.not_provable, *verdict.not_provable))
    return replace(result, created=True)


def update_result(
    crd: Crd,
    version: CrdVersion,
    ref: ObjectRef,
    live: JsonObject,
    new: JsonObject,
    context: WriteContext,
    *,
    subresource: str = "",
) -> Result:
    """The result of a write that replaces `live` by `new`.

    Raises:
        Refused: INVALID, or STALE for a resourceVersion that is not the live one.
    """
    _check_resource_version(crd, ref, live, new)
    body = _prepare_for_update(version, live, new, subresource)
    verdict = (validate_status if subresource else validate)(version, body, live)
    violations = (
        *create_violations(body["metadata"], namespaced=version.namespaced, subdomain=False),
        *update_violations(body["metadata"], dig_map(live, "metadata")),
        *verdict.violations,
    )
    if violations:
        raise refusals.invalid(crd, ref, violations)
    not_provable = (*crd.not_provable, *verdict.not_provable)
    body = _without_new_times(live, body)
    body["metadata"].pop("selfLink", None)
    if same(body, live):
        return Result(live, changed=False, not_provable=not_provable)
    result = _write(version, body, context, not_provable)
    being_deleted = bool(dig(live, "metadata", "deletionTimestamp"))
    if being_deleted and not result.object["metadata"].get("finalizers"):
        # The server does not store it, and answers with the object as it was merged: with `labels: null`, for one.
        return replace(result, object=body, deleted=True)
    return result


def _write(
    version: CrdVersion, body: JsonObject, context: WriteContext, not_provable: tuple[str, ...]
) -> Result:
    stored = normalized(version, body)
    is_normalized = same(stored, body)
    if context.resource_version:
        stored["metadata"]["resourceVersion"] = context.resource_version
    return Result(stored, changed=True, normalized=is_normalized, not_provable=not_provable)


def _check_resource_version(crd: Crd, ref: ObjectRef, live: JsonObject, new: JsonObject) -> None:
    expected = str(dig(new, "metadata", "resourceVersion") or "0")
    if expected.isdecimal() and int(expected) == 0:
        raise refusals.no_resource_version(crd, ref)
    if expected != uid_and_resource_version(live)[1]:
        raise refusals.stale(crd.name, ref, refusals.OPTIMISTIC_LOCK)


def _prepare_for_update(
    version: CrdVersion, live: JsonObject, new: JsonObject, subresource: str
) -> JsonObject:
    """`new`, with the live value of every field that this write cannot set."""
    before = dig_map(live, "metadata")
    if subresource:
        body = {key: value for key, value in live.items() if key != STATUS}
        body |= {STATUS: new[STATUS]} if STATUS in new else {}
        managed = dig(new, "metadata", "managedFields")
        metadata = {key: value for key, value in before.items() if key != "managedFields"}
        body["metadata"] = metadata | ({"managedFields": managed} if managed else {})
        return body
    body = dict(new)
    if version.status_subresource:
        body.pop(STATUS, None)
        body |= {STATUS: live[STATUS]} if STATUS in live else {}
    metadata = dict(dig_map(new, "metadata"))
    generation = int(before.get("generation") or 0)
    metadata["generation"] = generation + (not same(_content(body), _content(live)))
    if not metadata.get("uid"):
        metadata["uid"] = before.get("uid", "")
    for key in ("creationTimestamp", "deletionTimestamp"):
        if before.get(key):
            metadata[key] = before[key]
    if "deletionGracePeriodSeconds" in before:
        metadata.setdefault("deletionGracePeriodSeconds", before["deletionGracePeriodSeconds"])
    body["metadata"] = metadata
    return body


def _content(body: JsonObject) -> JsonObject:
    return {key: value for key, value in body.items() if key != "metadata"}


def _without_new_times(live: JsonObject, body: JsonObject) -> JsonObject:
    """`body` with the live managedFields if only their times differ: new times alone are no change."""
    old, new = (dig(each, "metadata", "managedFields") or [] for each in (live, body))
    if not new or len(old) != len(new) or not same(_without_times(old), _without_times(new)):
        return body
    candidate = {**body, "metadata": {**body["metadata"], "managedFields": old}}
    return candidate if same(candidate, live) else body


def _without_times(entries: Json) -> Json:
    return [{key: value for key, value in entry.items() if key != "time"} for entry in entries]
