"""The parts of a request: which version, whose fields, and an object as the server reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import Json, JsonObject, dig
from reconciler.model.identity import ObjectRef
from reconciler.semantics.ownership.atoms import root_atom
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.managers import FieldManager, without_managed
from reconciler.semantics.ownership.merge import Typing
from reconciler.semantics.ownership.typed import mistyped
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.server import refusals
from reconciler.semantics.server.storage import WriteContext, read
from reconciler.semantics.validation.objectmeta import decode_error
from reconciler.semantics.values import with_plain_numbers
from reconciler.semantics.violation import REQUIRED, violation


def version_of(crd: Crd, body: Mapping[str, Any]) -> CrdVersion:
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


def check_apply(sent: JsonObject, by: WriteContext) -> None:
    """What the server checks of an apply before it looks at the object.

    Raises:
        Refused: INVALID.
    """
    if not by.manager:
        missing = violation(
            ("fieldManager",), "fieldManager", REQUIRED, "is required for apply patch"
        )
        message = f'PatchOptions.meta.k8s.io "" is invalid: {missing.sentence}'
        raise Refused(RefusalReason.INVALID, message, (missing.cause,))
    if isinstance(dig(sent, "metadata", "managedFields"), list):
        raise refusals.bad_request("metadata.managedFields must be nil")


def check_types(version: CrdVersion, live: JsonObject, sent: JsonObject) -> None:
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


def field_manager(
    crd: Crd, version: CrdVersion, by: WriteContext, subresource: str = ""
) -> FieldManager:
    """The keeper of managedFields for writes to a kind, in every version that it has."""
    atoms = {one.api_version: root_atom(one.schema) for one in crd.versions}
    if subresource:
        reset = {one.api_version: FieldSet.of_paths([("f:spec",)]) for one in crd.versions}
    elif version.status_subresource:
        reset = {version.api_version: FieldSet.of_paths([("f:status",)])}
    else:
        reset = {}
    return FieldManager(Typing(version.api_version, atoms, reset), by.manager, by.now, subresource)


def read_live(version: CrdVersion, live: Mapping[str, Any]) -> JsonObject:
    """A stored object as a version of its kind shows it."""
    return read(version, {**live, "apiVersion": version.api_version})


def decoded(crd: Crd, body: Mapping[str, Any]) -> tuple[CrdVersion, JsonObject]:
    """A whole object from a request: typed metadata, pruned, defaulted."""
    version = version_of(crd, body)
    wrong = decode_error(body.get("metadata"))
    if wrong:
        kind = f'{crd.kind} in version "{version.name}" cannot be handled as a {crd.kind}'
        raise refusals.bad_request(f"{kind}: {wrong}")
    new = read(version, {"metadata": {}, **with_plain_numbers(dict(body))})
    return version, new


def tracked(
    fields: FieldManager, version: CrdVersion, live: JsonObject, new: JsonObject
) -> JsonObject:
    """An update is never refused for its types here: without them nobody is said to own anything."""
    if mistyped(version.schema, new, duplicates=True) or mistyped(
        version.schema, live, duplicates=True
    ):
        return without_managed(new)
    return fields.update(live, new)


def settle_namespace(ref: ObjectRef, new: JsonObject) -> None:
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


def check_name(ref: ObjectRef, new: JsonObject) -> None:
    """Whether the name of an object is that of its request.

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
