"""Decode and check the body of a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import Json, JsonObject, dig
from reconciler.model.identity import ObjectRef
from reconciler.semantics.ownership.atoms import root_atom
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.managed_fields import FieldManager, without_managed_fields
from reconciler.semantics.ownership.merge import VersionedTypes
from reconciler.semantics.ownership.typed import mismatches
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.server import refusals
from reconciler.semantics.server.storage import WriteContext, normalized
from reconciler.semantics.validation.objectmeta import decode_error
from reconciler.semantics.values import with_plain_numbers
from reconciler.semantics.violation import REQUIRED, violation


def served_version(crd: Crd, body: Mapping[str, Any]) -> CrdVersion:
    """The version in the apiVersion of a body.

    Raises:
        Refused: INVALID for an object of another kind; NO_KIND for a version that is not served.
    """
    group, _, name = str(body.get("apiVersion") or "").rpartition("/")
    if body.get("kind") != crd.kind or group != crd.group:
        actual = f"{group}/{name}, Kind={body.get('kind') or ''}"
        raise refusals.bad_request(f"invalid object type: {actual}")
    version = crd.version(name)
    if version is None or not version.served:
        raise refusals.no_kind()
    return version


def check_apply(body: JsonObject, context: WriteContext) -> None:
    """Check that an apply names a field manager and has no managedFields; the server checks this first.

    Raises:
        Refused: INVALID.
    """
    if not context.manager:
        missing = violation(
            ("fieldManager",), "fieldManager", REQUIRED, "is required for apply patch"
        )
        message = f'PatchOptions.meta.k8s.io "" is invalid: {missing.sentence}'
        raise Refused(RefusalReason.INVALID, message, (missing.cause,))
    if isinstance(dig(body, "metadata", "managedFields"), list):
        raise refusals.bad_request("metadata.managedFields must be nil")


def check_types(version: CrdVersion, live: JsonObject, body: JsonObject) -> None:
    """Check that the live object and the body of an apply fit the schema's types.

    Raises:
        Refused: FAILED for the live object, which comes first if it has no managedFields; UNDECLARED for the body.
    """
    in_live = mismatches(version.schema, live, duplicates=True)
    if in_live and not dig(live, "metadata", "managedFields"):
        raise refusals.untyped_live(live, in_live, unowned=True)
    if in_body := mismatches(version.schema, body):
        raise refusals.untyped_patch(body, in_body)
    if in_live:
        raise refusals.untyped_live(live, in_live)


def field_manager(
    crd: Crd, version: CrdVersion, context: WriteContext, subresource: str = ""
) -> FieldManager:
    """The field manager for writes at a version of the CRD, to the object or to its `subresource`."""
    atoms = {each.api_version: root_atom(each.schema) for each in crd.versions}
    if subresource:
        reset = {each.api_version: FieldSet.of_paths([("f:spec",)]) for each in crd.versions}
    elif version.status_subresource:
        reset = {version.api_version: FieldSet.of_paths([("f:status",)])}
    else:
        reset = {}
    types = VersionedTypes(version.api_version, atoms, reset)
    return FieldManager(types, context.manager, context.now, subresource)


def at_version(version: CrdVersion, live: Mapping[str, Any]) -> JsonObject:
    """A live object as the server returns it at a version of the CRD."""
    return normalized(version, {**live, "apiVersion": version.api_version})


def decode(crd: Crd, body: Mapping[str, Any]) -> tuple[CrdVersion, JsonObject]:
    """The version of a body, and the body itself with valid metadata, pruned and with defaults.

    Raises:
        Refused: INVALID or NO_KIND.
    """
    version = served_version(crd, body)
    error = decode_error(body.get("metadata"))
    if error:
        prefix = f'{crd.kind} in version "{version.name}" cannot be handled as a {crd.kind}'
        raise refusals.bad_request(f"{prefix}: {error}")
    return version, normalized(version, {"metadata": {}, **with_plain_numbers(dict(body))})


def with_update_ownership(
    fields: FieldManager, version: CrdVersion, live: JsonObject, new: JsonObject
) -> JsonObject:
    """`new` with the managedFields of an update, or without any if an object does not fit the schema's types.

    The server does not refuse an update for its types at this point: validation does.
    """
    if any(mismatches(version.schema, body, duplicates=True) for body in (new, live)):
        return without_managed_fields(new)
    return fields.update(live, new)


def resolve_namespace(ref: ObjectRef, new: JsonObject) -> None:
    """Set the namespace of the URL on an object that has none.

    Raises:
        Refused: INVALID for an object with another namespace.
    """
    metadata = new["metadata"]
    if not ref.namespace:
        metadata.pop("namespace", None)
    elif not metadata.get("namespace"):
        metadata["namespace"] = ref.namespace
    elif metadata["namespace"] != ref.namespace:
        raise refusals.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def check_name(ref: ObjectRef, new: JsonObject) -> None:
    """Check that an object has the name in the URL.

    Raises:
        Refused: INVALID.
    """
    name = new["metadata"].get("name")
    if not name:
        raise refusals.bad_request(
            f"the name of the object ({ref.name} based on URL) was undeterminable: name must be provided"
        )
    if name != ref.name:
        raise refusals.bad_request(
            f"the name of the object ({name}) does not match the name on the URL ({ref.name})"
        )


def json_merge_patch(value: Json, patch: Json) -> Json:
    """The value after a merge patch (RFC 7386): a mapping merges, null deletes, any other value replaces."""
    if not isinstance(patch, dict):
        return patch
    patched = dict(value) if isinstance(value, dict) else {}
    for key, change in patch.items():
        if change is None:
            patched.pop(key, None)
        else:
            patched[key] = json_merge_patch(patched.get(key), change)
    return patched
