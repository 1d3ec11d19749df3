"""One request of an API server against one stored custom resource, pure.

Each function takes the stored object (None: not there) and gives what would be stored; nothing is
stored here, so a dry-run is a call whose answer is dropped. All refusals are `errors.Refused`, with
the sentence and the causes of the server. Whether the namespace is there is the caller's to know.

Numbers are read as YAML readers do: 4.0 is 4. (A server keeps a float that a PUT or a merge patch
sends as 4.0 until it stores it, which nobody but a set of numbers can tell.)

Offline prediction is `apply` on the live object, once more with `force` after a FIELD_CONFLICT.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.identity import ObjectRef
from reconciler.semantics.ownership.merge import FieldConflictError
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.schema.defaults import fill
from reconciler.semantics.server import refusals
from reconciler.semantics.server.request import (
    check_apply,
    check_name,
    check_types,
    decoded,
    field_manager,
    patched,
    read_live,
    settle_namespace,
    tracked,
    version_of,
)
from reconciler.semantics.server.storage import STATUS, Stored, WriteContext, created, updated
from reconciler.semantics.validation.objectmeta import NOT_BROUGHT, identity_of
from reconciler.semantics.values import copied, with_plain_numbers

__all__ = [
    "Stored",
    "WriteContext",
    "apply",
    "create",
    "delete",
    "merge_patch",
    "patched",
    "update",
    "update_status",
]

# For this manager alone the server carries client-side apply over into server-side apply.
_KUBECTL = "kubectl"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def apply(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    by: WriteContext,
    *,
    force: bool = False,
) -> Stored:
    """Server-side apply (PATCH application/apply-patch+yaml) of `body`, whose apiVersion names the version.

    Raises:
        Refused: UNDECLARED, FIELD_CONFLICT, STALE, INVALID or NO_KIND.
    """
    sent: JsonObject = with_plain_numbers(dict(body))
    version = version_of(crd, sent)
    check_apply(sent, by)
    fields = field_manager(crd, version, by)
    before = (
        {"apiVersion": version.api_version, "kind": crd.kind}
        if live is None
        else read_live(version, live)
    )
    check_types(version, before, sent)
    try:
        new, changed = fields.apply(before, sent, force=force)
    except FieldConflictError as error:
        raise refusals.field_conflict(error) from error
    if changed:
        fill(version.schema, new)
    stored = _stored(crd, version, ref, None if live is None else before, new, by)
    if by.manager == _KUBECTL and _LAST_APPLIED in dig_map(
        stored.object, "metadata", "annotations"
    ):
        reason = f"for {_KUBECTL} the server keeps {_LAST_APPLIED} up to date"
        return replace(stored, not_provable=(*stored.not_provable, reason))
    return stored


def create(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    by: WriteContext,
) -> Stored:
    """POST.

    Raises:
        Refused: EXISTS when there is a live object; INVALID, NO_KIND.
    """
    version, new = decoded(crd, body)
    for key in NOT_BROUGHT:
        new["metadata"].pop(key, None)
    settle_namespace(ref, new)
    if identity_of(new)[1] not in ("", "0"):
        raise Refused(
            RefusalReason.FAILED, "resourceVersion should not be set on objects to be created"
        )
    nothing: JsonObject = {"apiVersion": version.api_version, "kind": crd.kind}
    new = tracked(field_manager(crd, version, by), version, nothing, new)
    stored = created(crd, version, ref, new, by)
    if live is not None:
        raise refusals.exists(crd, ref)
    return stored


def update(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    by: WriteContext,
) -> Stored:
    """PUT: replaces all but status and system fields; a resourceVersion or uid in it must be the live one.

    Raises:
        Refused: NOT_FOUND, STALE, INVALID or NO_KIND.
    """
    return _replace(crd, ref, live, body, by, "")


def update_status(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    by: WriteContext,
) -> Stored:
    """PUT of /status: only `status` is taken from the body.

    Raises:
        Refused: NOT_FOUND (also where the CRD has no status subresource), STALE, INVALID, NO_KIND.
    """
    if not version_of(crd, body).status_subresource:
        raise refusals.not_found(crd.name, ref)
    return _replace(crd, ref, live, body, by, STATUS)


def _replace(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    by: WriteContext,
    subresource: str,
) -> Stored:
    version, new = decoded(crd, body)
    settle_namespace(ref, new)
    check_name(ref, new)
    if live is None:
        raise refusals.not_found(crd.name, ref)
    before = read_live(version, live)
    wanted, actual = identity_of(new)[0], identity_of(before)[0]
    if wanted and wanted != actual:
        raise refusals.uid_precondition(crd, ref, wanted, actual)
    new = tracked(field_manager(crd, version, by, subresource), version, before, new)
    return updated(crd, version, ref, before, new, by, subresource=subresource)


def merge_patch(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    patch: Mapping[str, Any],
    by: WriteContext,
    *,
    version: str = "",
    subresource: str = "",
) -> Stored:
    """PATCH application/merge-patch+json; `version` is that of the URL, else the storage version.

    Raises:
        Refused: NOT_FOUND, STALE, INVALID or NO_KIND.
    """
    at = crd.version(version) if version else crd.storage_version
    if at is None or not at.served:
        raise refusals.no_kind()
    if live is None or (subresource and not at.status_subresource):
        raise refusals.not_found(crd.name, ref)
    before = read_live(at, live)
    at, new = decoded(crd, patched(before, with_plain_numbers(dict(patch))))
    new = tracked(field_manager(crd, at, by, subresource), at, before, new)
    settle_namespace(ref, new)
    check_name(ref, new)
    return updated(crd, at, ref, before, new, by, subresource=subresource)


def delete(
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    by: WriteContext,
    *,
    uid: str = "",
    resource_version: str = "",
    resource: str = "",
) -> Stored:
    """DELETE: gone at once, or marked when finalizers hold it; uid and resourceVersion are its preconditions.

    `resource` is what the server calls the kind (`providers.omnia.altairalabs.ai`, a CRD's name).

    Raises:
        Refused: NOT_FOUND or STALE.
    """
    if live is None:
        raise refusals.not_found(resource or str(ref.group_kind), ref)
    live_uid, live_version = identity_of(live)
    if uid and uid != live_uid:
        raise refusals.other_uid(ref, uid, live_uid)
    if resource_version and resource_version != live_version:
        raise refusals.other_version(ref, resource_version, live_version)
    marked: JsonObject = copied(dict(live))
    metadata = marked["metadata"]
    if not metadata.get("finalizers"):
        return Stored(marked, changed=True, deleted=True)
    if metadata.get("deletionTimestamp"):
        return Stored(marked, changed=False)
    metadata |= {"deletionTimestamp": by.now, "deletionGracePeriodSeconds": 0}
    metadata["generation"] = int(metadata.get("generation") or 0) + 1
    if by.resource_version:
        metadata["resourceVersion"] = by.resource_version
    return Stored(marked, changed=True)


def _stored(
    crd: Crd,
    version: CrdVersion,
    ref: ObjectRef,
    live: JsonObject | None,
    new: JsonObject,
    by: WriteContext,
) -> Stored:
    uid = identity_of(new)[0]
    if live is None and uid:
        raise refusals.uid_of_nothing(crd, ref, uid)
    new = {**new, "metadata": dict(dig_map(new, "metadata"))}
    settle_namespace(ref, new)
    check_name(ref, new)
    if live is None:
        return created(crd, version, ref, new, by)
    return updated(crd, version, ref, live, new, by)
