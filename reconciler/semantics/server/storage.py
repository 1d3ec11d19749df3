"""From a finished request to what is stored: system fields, validation, and whether anything changes.

Source: apiserver's registry (rest.BeforeCreate, rest.BeforeUpdate) and apiextensions' strategies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.model.document import Json, JsonObject, dig, dig_map
from reconciler.model.identity import ObjectRef
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.schema.defaults import fill, pruned
from reconciler.semantics.server import refusals
from reconciler.semantics.validation.custom_resource import Verdict, validate, validate_status
from reconciler.semantics.validation.objectmeta import (
    create_problems,
    identity_of,
    normal,
    update_problems,
)
from reconciler.semantics.values import same

STATUS = "status"


@dataclass(frozen=True, slots=True)
class WriteContext:
    """Who writes, and what a server would make up: the clock, the next resourceVersion, a uid."""

    manager: str
    now: str  # "2026-07-30T12:00:00Z"
    resource_version: (
        str  # of the object if the write changes it; "" leaves it out (dry-run create)
    )
    uid: Callable[[], str]  # asked for a create only

    @classmethod
    def dry(cls, manager: str) -> WriteContext:
        """Of a question whose answer is never stored: nothing is made up."""
        return cls(manager, now="", resource_version="", uid=str)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the server would store and answer.

    Attributes:
        changed: False where nothing is written (same resourceVersion, same managedFields).
        deleted: the write took the last finalizer of an object that was being deleted.
        settled: False where the server's storage now holds something that no reader sees (an empty map of
            labels, a field to be pruned): its next write counts as a change even if it is none.
        not_provable: what this engine does not model; with any, only the server's word counts.
    """

    object: JsonObject
    changed: bool
    created: bool = False
    deleted: bool = False
    settled: bool = True
    not_provable: tuple[str, ...] = ()


def read(version: CrdVersion, body: Mapping[str, Any]) -> JsonObject:
    """An object as the server reads it from its storage or from a request: pruned and defaulted."""
    out = pruned(version.schema, dict(body))
    fill(version.schema, out)
    if "metadata" in out:
        out["metadata"] = normal(out["metadata"])
    return out


def created(
    crd: Crd, version: CrdVersion, ref: ObjectRef, new: JsonObject, by: WriteContext
) -> Stored:
    """Store a new object.

    Raises:
        Refused: it is not valid.
    """
    body = {
        key: value for key, value in new.items() if key != STATUS or not version.status_subresource
    }
    metadata = dict(dig_map(new, "metadata"))
    metadata |= {"creationTimestamp": by.now, "uid": by.uid(), "generation": 1}
    metadata.pop("resourceVersion", None)
    body["metadata"] = metadata
    verdict = validate(version, body)
    if verdict.violations:
        raise refusals.invalid(crd, ref, verdict.violations)
    stored = read(version, body)
    settled = same(stored, body)
    if by.resource_version:
        stored["metadata"]["resourceVersion"] = by.resource_version
    open_questions = (*crd.not_provable, *verdict.not_provable)
    return Stored(stored, changed=True, created=True, settled=settled, not_provable=open_questions)


def updated(
    crd: Crd,
    version: CrdVersion,
    ref: ObjectRef,
    live: JsonObject,
    new: JsonObject,
    by: WriteContext,
    *,
    subresource: str = "",
) -> Stored:
    """Store `new` in place of `live`.

    Raises:
        Refused: it is not valid, or not of the live resourceVersion.
    """
    _check_version(crd, ref, live, new)
    body = _prepared(version, live, new, subresource)
    verdict = _verdict(version, live, body, subresource)
    common = [
        *create_problems(body["metadata"], namespaced=version.namespaced, subdomain=False),
        *update_problems(body["metadata"], dig_map(live, "metadata")),
    ]
    if common or verdict.violations:
        raise refusals.invalid(crd, ref, (*common, *verdict.violations))
    open_questions = (*crd.not_provable, *verdict.not_provable)
    body = _with_old_times(live, body)
    body["metadata"].pop("selfLink", None)
    if same(body, live):
        return Stored(live, changed=False, not_provable=open_questions)
    stored = read(version, body)
    settled = same(stored, body)
    if by.resource_version:
        stored["metadata"]["resourceVersion"] = by.resource_version
    gone = bool(dig(live, "metadata", "deletionTimestamp")) and not stored["metadata"].get(
        "finalizers"
    )
    return Stored(stored, changed=True, deleted=gone, settled=settled, not_provable=open_questions)


def _check_version(crd: Crd, ref: ObjectRef, live: JsonObject, new: JsonObject) -> None:
    sent = str(dig(new, "metadata", "resourceVersion") or "0")
    if sent.isdecimal() and int(sent) == 0:
        raise refusals.no_resource_version(crd, ref)
    if sent != identity_of(live)[1]:
        raise refusals.stale(crd.name, ref, refusals.OPTIMISTIC_LOCK)


def _prepared(
    version: CrdVersion, live: JsonObject, new: JsonObject, subresource: str
) -> JsonObject:
    """What a write cannot set is taken from the live object."""
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


def _verdict(version: CrdVersion, live: JsonObject, body: JsonObject, subresource: str) -> Verdict:
    return validate_status(version, body, live) if subresource else validate(version, body, live)


def _with_old_times(live: JsonObject, body: JsonObject) -> JsonObject:
    """Where only times of managedFields would change, nothing does."""
    old, new = (dig(one, "metadata", "managedFields") or [] for one in (live, body))
    if not new or len(old) != len(new) or not same(_without_times(old), _without_times(new)):
        return body
    candidate = {**body, "metadata": {**body["metadata"], "managedFields": old}}
    return candidate if same(candidate, live) else body


def _without_times(entries: Json) -> Json:
    return [{key: value for key, value in entry.items() if key != "time"} for entry in entries]
