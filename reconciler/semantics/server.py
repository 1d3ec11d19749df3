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
from typing import Any

from reconciler.errors import Refusal, Refused
from reconciler.model.document import Json, JsonObject, dig, dig_map
from reconciler.model.identity import ObjectRef
from reconciler.semantics import refusals
from reconciler.semantics.atoms import root_atom
from reconciler.semantics.crd import Crd, CrdVersion
from reconciler.semantics.defaults import fill
from reconciler.semantics.fieldset import FieldSet
from reconciler.semantics.managers import FieldManager, without_managed
from reconciler.semantics.merge import FieldConflictError, Typing
from reconciler.semantics.objectmeta import decode_error, identity_of
from reconciler.semantics.problem import REQUIRED, problem
from reconciler.semantics.storage import STATUS, Stored, Writer, created, read, updated
from reconciler.semantics.typed import mistyped
from reconciler.semantics.values import copied, with_plain_numbers

__all__ = [
    "Stored",
    "Writer",
    "apply",
    "create",
    "delete",
    "delete_check",
    "merge_patch",
    "patched",
    "update",
    "update_status",
]


def apply(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    by: Writer,
    *,
    force: bool = False,
) -> Stored:
    """Server-side apply (PATCH application/apply-patch+yaml) of `body`, whose apiVersion names the version.

    Raises:
        Refused: UNDECLARED, FIELD_CONFLICT, STALE, INVALID or NO_KIND.
    """
    sent: JsonObject = with_plain_numbers(dict(body))
    version = _version_of(crd, sent)
    _check_apply(sent, by)
    fields = _fields(crd, version, by)
    before = (
        {"apiVersion": version.api_version, "kind": crd.kind}
        if live is None
        else _read_live(version, live)
    )
    _check_types(version, before, sent)
    try:
        new, changed = fields.apply(before, sent, force=force)
    except FieldConflictError as error:
        raise refusals.field_conflict(error) from error
    if changed:
        fill(version.schema, new)
    return _stored(crd, version, ref, None if live is None else before, new, by)


def create(
    crd: Crd, ref: ObjectRef, live: Mapping[str, Any] | None, body: Mapping[str, Any], by: Writer
) -> Stored:
    """POST.

    Raises:
        Refused: EXISTS when there is a live object; INVALID, NO_KIND.
    """
    version, new = _decoded(crd, body)
    for key in (
        "creationTimestamp",
        "uid",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
    ):
        new["metadata"].pop(key, None)
    _settle_namespace(ref, new)
    if identity_of(new)[1] not in ("", "0"):
        raise Refused(Refusal.FAILED, "resourceVersion should not be set on objects to be created")
    nothing: JsonObject = {"apiVersion": version.api_version, "kind": crd.kind}
    new = _tracked(_fields(crd, version, by), version, nothing, new)
    stored = created(crd, version, ref, new, by)
    if live is not None:
        raise refusals.exists(crd, ref)
    return stored


def update(
    crd: Crd, ref: ObjectRef, live: Mapping[str, Any] | None, body: Mapping[str, Any], by: Writer
) -> Stored:
    """PUT: replaces all but status and system fields; a resourceVersion or uid in it must be the live one.

    Raises:
        Refused: NOT_FOUND, STALE, INVALID or NO_KIND.
    """
    return _replace(crd, ref, live, body, by, "")


def update_status(
    crd: Crd, ref: ObjectRef, live: Mapping[str, Any] | None, body: Mapping[str, Any], by: Writer
) -> Stored:
    """PUT of /status: only `status` is taken from the body.

    Raises:
        Refused: NOT_FOUND (also where the CRD has no status subresource), STALE, INVALID, NO_KIND.
    """
    if not _version_of(crd, body).status_subresource:
        raise refusals.not_found(crd.name, ref)
    return _replace(crd, ref, live, body, by, STATUS)


def _replace(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    body: Mapping[str, Any],
    by: Writer,
    subresource: str,
) -> Stored:
    version, new = _decoded(crd, body)
    _settle_namespace(ref, new)
    _check_name(ref, new)
    if live is None:
        raise refusals.not_found(crd.name, ref)
    before = _read_live(version, live)
    wanted, actual = identity_of(new)[0], identity_of(before)[0]
    if wanted and wanted != actual:
        raise refusals.uid_precondition(crd, ref, wanted, actual)
    new = _tracked(_fields(crd, version, by, subresource), version, before, new)
    return updated(crd, version, ref, before, new, by, subresource=subresource)


def merge_patch(
    crd: Crd,
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    patch: Mapping[str, Any],
    by: Writer,
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
    before = _read_live(at, live)
    at, new = _decoded(crd, patched(before, with_plain_numbers(dict(patch))))
    new = _tracked(_fields(crd, at, by, subresource), at, before, new)
    _settle_namespace(ref, new)
    _check_name(ref, new)
    return updated(crd, at, ref, before, new, by, subresource=subresource)


def patched(value: Json, patch: Json) -> Json:
    """RFC 7386: mappings merge, null deletes, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    out = dict(value) if isinstance(value, dict) else {}
    for key, change in patch.items():
        if change is None:
            out.pop(key, None)
        else:
            out[key] = patched(out.get(key), change)
    return out


def delete(
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    by: Writer,
    *,
    uid: str = "",
    resource_version: str = "",
    resource: str = "",
) -> Stored:
    """DELETE: gone at once, or marked when finalizers hold it; the arguments are those of `delete_check`.

    Raises:
        Refused: NOT_FOUND or STALE.
    """
    delete_check(ref, live, uid=uid, resource_version=resource_version, resource=resource)
    marked: JsonObject = copied(dict(live or {}))
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


def delete_check(
    ref: ObjectRef,
    live: Mapping[str, Any] | None,
    *,
    uid: str = "",
    resource_version: str = "",
    resource: str = "",
) -> None:
    """The preconditions of a DELETE; returns when it may happen.

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


def _version_of(crd: Crd, body: Mapping[str, Any]) -> CrdVersion:
    """The version that a body names.

    Raises:
        Refused: it is an object of another kind, or a version that is not served.
    """
    group, _, name = str(body.get("apiVersion") or "").rpartition("/")
    if body.get("kind") != crd.kind or group != crd.group:
        found = f"{group or ''}/{name}, Kind={body.get('kind') or ''}"
        raise refusals.bad_request(f"invalid object type: {found}")
    version = crd.version(name)
    if version is None or not version.served:
        raise refusals.no_kind()
    return version


def _check_apply(sent: JsonObject, by: Writer) -> None:
    if not by.manager:
        missing = problem(
            ("fieldManager",), "fieldManager", REQUIRED, "is required for apply patch"
        )
        message = f'PatchOptions.meta.k8s.io "" is invalid: {missing.sentence}'
        raise Refused(Refusal.INVALID, message, (missing.cause,))
    if isinstance(dig(sent, "metadata", "managedFields"), list):
        raise refusals.bad_request("metadata.managedFields must be nil")


def _check_types(version: CrdVersion, live: JsonObject, sent: JsonObject) -> None:
    """Both must fit the types; a live object that nobody owns yet is looked at first."""
    wrong, unowned = (
        mistyped(version.schema, live, duplicates=True),
        not dig(live, "metadata", "managedFields"),
    )
    if wrong and unowned:
        raise refusals.mistyped_live(live, wrong, unowned=True)
    if found := mistyped(version.schema, sent):
        raise refusals.mistyped_patch(sent, found)
    if wrong:
        raise refusals.mistyped_live(live, wrong)


def _fields(crd: Crd, version: CrdVersion, by: Writer, subresource: str = "") -> FieldManager:
    atoms = {one.api_version: root_atom(one.schema) for one in crd.versions}
    if subresource:
        reset = {one.api_version: FieldSet.of_paths([("f:spec",)]) for one in crd.versions}
    elif version.status_subresource:
        reset = {version.api_version: FieldSet.of_paths([("f:status",)])}
    else:
        reset = {}
    return FieldManager(Typing(version.api_version, atoms, reset), by.manager, by.now, subresource)


def _read_live(version: CrdVersion, live: Mapping[str, Any]) -> JsonObject:
    return read(version, {**live, "apiVersion": version.api_version})


def _decoded(crd: Crd, body: Mapping[str, Any]) -> tuple[CrdVersion, JsonObject]:
    """A whole object from a request: typed metadata, pruned, defaulted."""
    version = _version_of(crd, body)
    wrong = decode_error(body.get("metadata"))
    if wrong:
        kind = f'{crd.kind} in version "{version.name}" cannot be handled as a {crd.kind}'
        raise refusals.bad_request(f"{kind}: {wrong}")
    new = read(version, {"metadata": {}, **with_plain_numbers(dict(body))})
    return version, new


def _tracked(
    fields: FieldManager, version: CrdVersion, live: JsonObject, new: JsonObject
) -> JsonObject:
    """An update is never refused for its types here: without them nobody is said to own anything."""
    if mistyped(version.schema, new, duplicates=True) or mistyped(
        version.schema, live, duplicates=True
    ):
        return without_managed(new)
    return fields.update(live, new)


def _stored(
    crd: Crd,
    version: CrdVersion,
    ref: ObjectRef,
    live: JsonObject | None,
    new: JsonObject,
    by: Writer,
) -> Stored:
    uid = identity_of(new)[0]
    if live is None and uid:
        raise refusals.uid_of_nothing(crd, ref, uid)
    new = {**new, "metadata": dict(dig_map(new, "metadata"))}
    _settle_namespace(ref, new)
    _check_name(ref, new)
    if live is None:
        return created(crd, version, ref, new, by)
    return updated(crd, version, ref, live, new, by)


def _settle_namespace(ref: ObjectRef, new: JsonObject) -> None:
    """An object without a namespace is of the one in the URL."""
    metadata = new["metadata"]
    if not ref.namespace:
        metadata.pop("namespace", None)
    elif not metadata.get("namespace"):
        metadata["namespace"] = ref.namespace
    elif metadata["namespace"] != ref.namespace:
        raise refusals.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def _check_name(ref: ObjectRef, new: JsonObject) -> None:
    name = new["metadata"].get("name")
    if not name:
        raise refusals.bad_request(
            f"the name of the object ({ref.name} based on URL) was undeterminable: name must be provided"
        )
    if name != ref.name:
        raise refusals.bad_request(
            f"the name of the object ({name}) does not match the name on the URL ({ref.name})"
        )
