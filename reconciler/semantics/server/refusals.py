"""The server's refusals, in its words, and what the product reads from such refusals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler.errors import Cause, RefusalReason, Refused
from reconciler.model.identity import ObjectRef
from reconciler.model.path import FieldPath
from reconciler.semantics.ownership.managed_fields import UPDATE, owner_sort_key
from reconciler.semantics.ownership.merge import FieldConflictError, FieldOwner
from reconciler.semantics.ownership.path_elements import printed
from reconciler.semantics.ownership.typed import Mismatch
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.validation.objectmeta import describe
from reconciler.semantics.violation import INVALID, Violation, aggregate, value_text, violation

OPTIMISTIC_LOCK = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
# The server's message for a body that does not fit the schema's types. Such a refusal has no causes.
UNTYPED_PATCH = "failed to create typed patch object"
# structured-merge-diff prints `.spec.nope: field not declared in schema`, each on a line if there are several.
_MISMATCH = re.compile(r"^\s*(?P<field>[.\[].*?): (?P<message>.+)$", re.MULTILINE)


def causes_in(message: str) -> tuple[Cause, ...]:
    """The causes that the server gives only in its message, not as causes; () for all other messages."""
    head, _, fields = message.partition("): ")
    if UNTYPED_PATCH not in head:
        return ()
    return tuple(
        Cause(match["field"], INVALID, match["message"]) for match in _MISMATCH.finditer(fields)
    )


def is_uid_mismatch(causes: Iterable[Cause]) -> bool:
    """Whether a 422 refuses the uid of the body: the object was deleted and created again."""
    return any(cause.field == "metadata.uid" and "immutable" in cause.message for cause in causes)


def bad_request(message: str) -> Refused:
    """400: the request itself is not valid."""
    return Refused(RefusalReason.INVALID, message)


def no_kind() -> Refused:
    """404 without a Status: no CRD serves the kind."""
    return Refused(RefusalReason.NO_KIND, "the server could not find the requested resource")


def not_found(group_resource: str, ref: ObjectRef) -> Refused:
    """404: the object does not exist."""
    return Refused(RefusalReason.NOT_FOUND, f'{group_resource} "{ref.name}" not found')


def exists(crd: Crd, ref: ObjectRef) -> Refused:
    """409 of a POST: the object exists."""
    return Refused(RefusalReason.EXISTS, f'{crd.name} "{ref.name}" already exists')


def stale(group_resource: str, ref: ObjectRef, detail: str) -> Refused:
    """409: the object does not meet a precondition, which `detail` names."""
    message = f'Operation cannot be fulfilled on {group_resource} "{ref.name}": {detail}'
    return Refused(RefusalReason.STALE, message)


def uid_without_object(crd: Crd, ref: ObjectRef, uid: str) -> Refused:
    """409 of an apply: the body has a uid, and no object exists."""
    detail = (
        f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
    )
    return stale(crd.name, ref, detail)


def uid_precondition(crd: Crd, ref: ObjectRef, expected: str, actual: str) -> Refused:
    """409 of a PUT: the uid in the body is not the live one."""
    key = "/".join(
        part for part in ("/registry", crd.group, crd.plural, ref.namespace, ref.name) if part
    )
    detail = (
        f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: "
        f"Precondition failed: UID in precondition: {expected}, UID in object meta: {actual}"
    )
    return stale(crd.name, ref, detail)


def uid_mismatch(ref: ObjectRef, expected: str, actual: str) -> Refused:
    """409 of a DELETE: the uid in its preconditions is not the live one."""
    detail = (
        f"the UID in the precondition ({expected}) does not match the UID in record ({actual}). "
        "The object might have been deleted and then recreated"
    )
    return stale(str(ref.group_kind), ref, detail)


def resource_version_mismatch(ref: ObjectRef, expected: str, actual: str) -> Refused:
    """409 of a DELETE: the resourceVersion in its preconditions is not the live one."""
    detail = (
        f"the ResourceVersion in the precondition ({expected}) does not match "
        f"the ResourceVersion in record ({actual}). The object might have been modified"
    )
    return stale(str(ref.group_kind), ref, detail)


def invalid(crd: Crd, ref: ObjectRef, violations: Sequence[Violation]) -> Refused:
    """422: the object is not valid; a cause for each violation."""
    message = f'{crd.kind}.{crd.group} "{ref.name}" is invalid: {aggregate(violations)}'
    return Refused(RefusalReason.INVALID, message, tuple(each.cause for each in violations))


def no_resource_version(crd: Crd, ref: ObjectRef) -> Refused:
    """422: an update has no resourceVersion."""
    detail = "must be specified for an update"
    path = ("metadata", "resourceVersion")
    missing = violation(path, ".".join(path), INVALID, detail, value=value_text(0))
    message = f'{crd.name} "{ref.name}" is invalid: {missing.sentence}'
    return Refused(RefusalReason.INVALID, message, (missing.cause,))


def untyped_patch(body: Mapping[str, Any], mismatches: Iterable[Mismatch]) -> Refused:
    """500 of an apply: the body does not fit the schema's types.

    The server reports every wrong type, but only the first undeclared field of each mapping. It reports them in its
    message; here they are causes as well.
    """
    parents: set[FieldPath] = set()
    reported: list[Mismatch] = []
    for mismatch in mismatches:
        parent = mismatch.path[:-1]
        if not (mismatch.undeclared and parent in parents):
            reported.append(mismatch)
        if mismatch.undeclared:
            parents.add(parent)
    return Refused(
        RefusalReason.UNDECLARED,
        f"{UNTYPED_PATCH} ({describe(body)}): {_sentences(reported)}",
        tuple(Cause(each.field, INVALID, each.message) for each in reported),
    )


def untyped_live(
    live: Mapping[str, Any], mismatches: Sequence[Mismatch], *, unowned: bool = False
) -> Refused:
    """500 of every apply to a live object that does not fit the schema's types; `unowned`: it has no managedFields."""
    sentences = _sentences(mismatches)
    if unowned:
        prefix = "failed to create manager for existing fields: failed to convert new object"
        message = f"{prefix} ({describe(live)}) to smd typed: {sentences}"
    else:
        message = f"failed to create typed live object ({describe(live)}): {sentences}"
    return Refused(RefusalReason.FAILED, message)


def _sentences(mismatches: Sequence[Mismatch]) -> str:
    sentences = [mismatch.sentence for mismatch in mismatches]
    return sentences[0] if len(sentences) == 1 else "\n  ".join(["errors:", *sentences])


def field_conflict(error: FieldConflictError) -> Refused:
    """409 of an apply without force: a cause for each field of each other owner."""
    owners = sorted(error.conflicts, key=owner_sort_key)
    fields = {owner: list(map(printed, error.conflicts[owner])) for owner in owners}
    causes = tuple(
        Cause(
            field,
            "FieldManagerConflict",
            f"conflict with {_named(owner)}",
            owner.manager,
            owner.operation,
        )
        for owner in owners
        for field in fields[owner]
    )
    if len(causes) == 1:
        message = f"Apply failed with 1 conflict: {causes[0].message}: {causes[0].field}"
    else:
        lines: list[str] = []
        for owner in owners:
            lines.append(f"conflicts with {_named(owner)}:")
            lines += [f"- {field}" for field in fields[owner]]
        message = f"Apply failed with {len(causes)} conflicts: " + "\n".join(lines)
    return Refused(RefusalReason.FIELD_CONFLICT, message, causes)


def _named(owner: FieldOwner) -> str:
    name = f'"{owner.manager}"'
    if owner.subresource:
        name += f' with subresource "{owner.subresource}"'
    return f"{name} using {owner.api_version}" if owner.operation == UPDATE else name
