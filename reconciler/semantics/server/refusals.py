"""The server's refusals, in its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.errors import Cause, RefusalReason, Refused
from reconciler.model.identity import ObjectRef
from reconciler.semantics.ownership.fieldset import printed
from reconciler.semantics.ownership.managers import UPDATE, sort_text
from reconciler.semantics.ownership.merge import FieldConflictError, Identity
from reconciler.semantics.ownership.typed import Mistyped
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.validation.objectmeta import describe
from reconciler.semantics.violation import INVALID, Violation, aggregate, value_text, violation

OPTIMISTIC_LOCK = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
# Of a body that does not fit the types; details.causes stay empty then, and the sentence alone names the fields.
UNTYPED_PATCH = "failed to create typed patch object"
# structured-merge-diff writes `.spec.nope: field not declared in schema`, one per line if there are several.
_TYPED = re.compile(r"^\s*(?P<field>[.\[].*?): (?P<message>.+)$", re.MULTILINE)


def causes_in(message: str) -> tuple[Cause, ...]:
    """The fields that a refusal names in its sentence alone; () for all others."""
    head, _, places = message.partition("): ")
    if UNTYPED_PATCH not in head:
        return ()
    return tuple(
        Cause(found["field"], INVALID, found["message"]) for found in _TYPED.finditer(places)
    )


def is_other_uid(causes: Iterable[Cause]) -> bool:
    """The uid of a predecessor: the object was deleted and created again."""
    return any(cause.field == "metadata.uid" and "immutable" in cause.message for cause in causes)


def bad_request(message: str) -> Refused:
    """400: the request is wrong in itself."""
    return Refused(RefusalReason.INVALID, message)


def no_kind() -> Refused:
    """404 without a Status: no CRD serves the kind."""
    return Refused(RefusalReason.NO_KIND, "the server could not find the requested resource")


def not_found(resource: str, ref: ObjectRef) -> Refused:
    """404 of an object; `resource` is the plural with its group."""
    return Refused(RefusalReason.NOT_FOUND, f'{resource} "{ref.name}" not found')


def exists(crd: Crd, ref: ObjectRef) -> Refused:
    """409 of a create."""
    return Refused(RefusalReason.EXISTS, f'{crd.name} "{ref.name}" already exists')


def stale(resource: str, ref: ObjectRef, words: str) -> Refused:
    """409 of a precondition; `words` say which one."""
    return Refused(
        RefusalReason.STALE, f'Operation cannot be fulfilled on {resource} "{ref.name}": {words}'
    )


def uid_of_nothing(crd: Crd, ref: ObjectRef, uid: str) -> Refused:
    """409 of an apply with a uid where no object is."""
    words = (
        f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
    )
    return stale(crd.name, ref, words)


def uid_precondition(crd: Crd, ref: ObjectRef, wanted: str, actual: str) -> Refused:
    """Of a PUT, straight from the storage layer."""
    key = "/".join(
        part for part in ("/registry", crd.group, crd.plural, ref.namespace, ref.name) if part
    )
    words = (
        f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: "
        f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {actual}"
    )
    return stale(crd.name, ref, words)


def other_uid(ref: ObjectRef, wanted: str, actual: str) -> Refused:
    """Of a DELETE; the server names the kind here."""
    words = (
        f"the UID in the precondition ({wanted}) does not match the UID in record ({actual}). "
        "The object might have been deleted and then recreated"
    )
    return stale(str(ref.group_kind), ref, words)


def other_version(ref: ObjectRef, wanted: str, actual: str) -> Refused:
    """409 of an apply with a resourceVersion that is not the live one."""
    words = (
        f"the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({actual}). "
        "The object might have been modified"
    )
    return stale(str(ref.group_kind), ref, words)


def invalid(crd: Crd, ref: ObjectRef, violations: Iterable[Violation]) -> Refused:
    """422, with a cause for each violation."""
    found = tuple(violations)
    message = f'{crd.kind}.{crd.group} "{ref.name}" is invalid: {aggregate(found)}'
    return Refused(RefusalReason.INVALID, message, tuple(one.cause for one in found))


def no_resource_version(crd: Crd, ref: ObjectRef) -> Refused:
    """Where one must be sent; the server names the resource in place of the kind here."""
    words = "must be specified for an update"
    path = ("metadata", "resourceVersion")
    found = violation(path, ".".join(path), INVALID, words, value=value_text(0))
    message = f'{crd.name} "{ref.name}" is invalid: {found.sentence}'
    return Refused(RefusalReason.INVALID, message, (found.cause,))


def mistyped_patch(body: Mapping[str, Any], found: tuple[Mistyped, ...]) -> Refused:
    """The server names the first undeclared field of each mapping, and every wrong type.

    It names them in the sentence alone; here they are causes too.
    """
    seen: set[Any] = set()
    told: list[Mistyped] = []
    for one in found:
        if one.undeclared and one.path[:-1] in seen:
            continue
        if one.undeclared:
            seen.add(one.path[:-1])
        told.append(one)
    words = _listed([one.sentence for one in told])
    return Refused(
        RefusalReason.UNDECLARED,
        f"{UNTYPED_PATCH} ({describe(body)}): {words}",
        tuple(Cause(one.printed, INVALID, one.message) for one in told),
    )


def mistyped_live(
    live: Mapping[str, Any], found: tuple[Mistyped, ...], *, unowned: bool = False
) -> Refused:
    """What is stored does not fit the schema (any more): no apply gets through."""
    words = _listed([one.sentence for one in found])
    if unowned:
        prefix = "failed to create manager for existing fields: failed to convert new object"
        return Refused(RefusalReason.FAILED, f"{prefix} ({describe(live)}) to smd typed: {words}")
    return Refused(
        RefusalReason.FAILED, f"failed to create typed live object ({describe(live)}): {words}"
    )


def _listed(sentences: list[str]) -> str:
    return sentences[0] if len(sentences) == 1 else "\n  ".join(["errors:", *sentences])


def field_conflict(error: FieldConflictError) -> Refused:
    """409 of a server-side apply without force, with a cause for each field and manager."""
    owners = sorted(error.conflicts, key=sort_text)
    pairs = [(owner, printed(steps)) for owner in owners for steps in error.conflicts[owner]]
    causes = tuple(
        Cause(
            path,
            "FieldManagerConflict",
            f"conflict with {_named(owner)}",
            owner.manager,
            owner.operation,
        )
        for owner, path in pairs
    )
    if len(pairs) == 1:
        owner, path = pairs[0]
        message = f"Apply failed with 1 conflict: conflict with {_named(owner)}: {path}"
    else:
        lines: list[str] = []
        for owner in owners:
            lines.append(f"conflicts with {_named(owner)}:")
            lines += [f"- {path}" for one, path in pairs if one == owner]
        message = f"Apply failed with {len(pairs)} conflicts: " + "\n".join(lines)
    return Refused(RefusalReason.FIELD_CONFLICT, message, causes)


def _named(owner: Identity) -> str:
    name = f'"{owner.manager}"'
    if owner.subresource:
        name += f' with subresource "{owner.subresource}"'
    return f"{name} using {owner.api_version}" if owner.operation == UPDATE else name
