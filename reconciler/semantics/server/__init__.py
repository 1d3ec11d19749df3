"""What an API server does with one request for one custom resource, as pure functions.

request    decode and check the body of a request
storage    the stored object: system fields, validation, whether it changes
refusals   the server's refusals, in its words
strict     `fieldValidation=Strict` of a POST and a PUT

Each function takes the live object (None: it does not exist) and returns the object that the server would store. It
stores nothing, so a dry run is the same call. A refusal is raised as `errors.Refused` with the server's message and
causes. The caller checks that the namespace exists.

4.0 is read as 4, as the server's YAML reader does. (The server keeps the 4.0 of a PUT or a merge patch as a float
until it stores the object; only a set of numbers makes the difference visible.)

To predict an apply offline, call `apply` on the live object, and again with `force` after a FIELD_CONFLICT.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.identity import ObjectRef
from reconciler.model.marks import LAST_APPLIED
from reconciler.semantics.ownership.merge import FieldConflictError
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.schema.defaults import set_defaults
from reconciler.semantics.server import refusals
from reconciler.semantics.server.request import (
    at_version,
    check_apply,
    check_name,
    check_types,
    decode,
    field_manager,
    json_merge_patch,
    resolve_namespace,
    served_version,
    with_update_ownership,
)
from reconciler.semantics.server.storage import (
    STATUS,
    Result,
    WriteContext,
    create_result,
    update_result,
)
from reconciler.semantics.validation.objectmeta import CLEARED_ON_CREATE, uid_and_resource_version
from reconciler.semantics.values import copied, with_plain_numbers

__all__ = [
    "Result",
    "WriteContext",
    "apply",
    "create",
    "delete",
    "json_merge_patch",
    "merge_patch",
    "update",
    "update_status",
]

# The server migrates fields of client-side apply to server-side apply for this field manager only.
_KUBECTL = "kubectl"


def apply(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    context: WriteContext,
    *,
    force: bool = False,
) -> Result:
    """Server-side apply (PATCH application/apply-patch+yaml) of `body` at the version in its apiVersion.

    Raises:
        Refused: UNDECLARED, FIELD_CONFLICT, STALE, INVALID or NO_KIND.
    """
    applied: JsonObject = with_plain_numbers(dict(body))
    version = served_version(crd, applied)
    check_apply(applied, context)
    before = (
        {"apiVersion": version.api_version, "kind": crd.kind}
        if live is None
        else at_version(version, live)
    )
    check_types(version, before, applied)
    try:
        new, changed = field_manager(crd, version, context).apply(before, applied, force=force)
    except FieldConflictError as error:
        raise refusals.field_conflict(error) from error
    if changed:
        set_defaults(version.schema, new)
    result = _store_applied(crd, version, ref, None if live is None else before, new, context)
    annotations = dig_map(result.object, "metadata", "annotations")
    if context.manager == _KUBECTL and LAST_APPLIED in annotations:
        reason = f"for {_KUBECTL} the server keeps {LAST_APPLIED} up to date"
        return replace(result, not_provable=(*result.not_provable, reason))
    return result


def create(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    context: WriteContext,
) -> Result:
    """POST.

    Raises:
        Refused: EXISTS if there is a live object; INVALID or NO_KIND.
    """
    version, new = decode(crd, body)
    for key in CLEARED_ON_CREATE:
        new["metadata"].pop(key, None)
    resolve_namespace(ref, new)
    if uid_and_resource_version(new)[1] not in ("", "0"):
        raise Refused(
            RefusalReason.FAILED, "resourceVersion should not be set on objects to be created"
        )
    empty: JsonObject = {"apiVersion": version.api_version, "kind": crd.kind}
    new = with_update_ownership(field_manager(crd, version, context), version, empty, new)
    result = create_result(crd, version, ref, new, context)
    if live is not None:
        raise refusals.exists(crd, ref)
    return result


def update(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    context: WriteContext,
) -> Result:
    """PUT: replaces everything but status and system fields; resourceVersion and uid are preconditions.

    Raises:
        Refused: NOT_FOUND, STALE, INVALID or NO_KIND.
    """
    return _replace(crd, ref, live, body, context, "")


def update_status(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    context: WriteContext,
) -> Result:
    """PUT of /status: replaces only `status`.

    Raises:
        Refused: NOT_FOUND (also if the CRD has no status subresource), STALE, INVALID or NO_KIND.
    """
    if not served_version(crd, body).status_subresource:
        raise refusals.not_found(crd.name, ref)
    return _replace(crd, ref, live, body, context, STATUS)


def _replace(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    context: WriteContext,
    subresource: str,
) -> Result:
    version, new = decode(crd, body)
    resolve_namespace(ref, new)
    check_name(ref, new)
    if live is None:
        raise refusals.not_found(crd.name, ref)
    before = at_version(version, live)
    expected, actual = uid_and_resource_version(new)[0], uid_and_resource_version(before)[0]
    if expected and expected != actual:
        raise refusals.uid_precondition(crd, ref, expected, actual)
    manager = field_manager(crd, version, context, subresource)
    new = with_update_ownership(manager, version, before, new)
    return update_result(crd, version, ref, before, new, context, subresource=subresource)


def merge_patch(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    patch: Mapping[str, Any],
    context: WriteContext,
    *,
    version: str = "",
    subresource: str = "",
) -> Result:
    """PATCH application/merge-patch+json; `version` is the version in the URL, "" for the storage version.

    Raises:
        Refused: NOT_FOUND, STALE, INVALID or NO_KIND.
    """
    crd_version = crd.version(version) if version else crd.storage_version
    if crd_version is None or not crd_version.served:
        raise refusals.no_kind()
    if live is None or (subresource and not crd_version.status_subresource):
        raise refusals.not_found(crd.name, ref)
    before = at_version(crd_version, live)
    patched = json_merge_patch(before, with_plain_numbers(dict(patch)))
    crd_version, new = decode(crd, patched)
    manager = field_manager(crd, crd_version, context, subresource)
    new = with_update_ownership(manager, crd_version, before, new)
    resolve_namespace(ref, new)
    check_name(ref, new)
    return update_result(crd, crd_version, ref, before, new, context, subresource=subresource)


def delete(
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    context: WriteContext,
    *,
    uid: str = "",
    resource_version: str = "",
    group_resource: str = "",
) -> Result:
    """DELETE: removes the object, or sets its deletionTimestamp while it has finalizers.

    `uid` and `resource_version` are preconditions. `group_resource` is the name by which the server's message names
    the kind (`providers.omnia.altairalabs.ai`, the name of the CRD).

    Raises:
        Refused: NOT_FOUND or STALE.
    """
    if live is None:
        raise refusals.not_found(group_resource or str(ref.group_kind), ref)
    live_uid, live_version = uid_and_resource_version(live)
    if uid and uid != live_uid:
        raise refusals.uid_mismatch(ref, uid, live_uid)
    if resource_version and resource_version != live_version:
        raise refusals.resource_version_mismatch(ref, resource_version, live_version)
    body: JsonObject = copied(dict(live))
    metadata = body["metadata"]
    if not metadata.get("finalizers"):
        return Result(body, changed=True, deleted=True)
    if metadata.get("deletionTimestamp"):
        return Result(body, changed=False)
    metadata |= {"deletionTimestamp": context.now, "deletionGracePeriodSeconds": 0}
    metadata["generation"] = int(metadata.get("generation") or 0) + 1
    if context.resource_version:
        metadata["resourceVersion"] = context.resource_version
    return Result(body, changed=True)


def _store_applied(
    crd: Crd,
    version: CrdVersion,
    ref: ObjectRef,
    live: JsonObject | None,
    new: JsonObject,
    context: WriteContext,
) -> Result:
    uid = uid_and_resource_version(new)[0]
    if live is None and uid:
        raise refusals.uid_without_object(crd, ref, uid)
    new = {**new, "metadata": dict(dig_map(new, "metadata"))}
    resolve_namespace(ref, new)
    check_name(ref, new)
    if live is None:
        return create_result(crd, version, ref, new, context)
    return update_result(crd, version, ref, live, new, context)
