"""The object and the owners of its fields after an apply or an update (KEP-555, structured-merge-diff's updater).

Fields that an owner wrote at another version of the CRD are compared by the schema of that version, without a
conversion. That is right for a CRD without a conversion webhook.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from reconciler.frozen import dataclass
from reconciler.model.document import Json, JsonObject
from reconciler.semantics.ownership.atoms import Atom
from reconciler.semantics.ownership.changes import FieldChanges, field_changes
from reconciler.semantics.ownership.combine import merged, removed
from reconciler.semantics.ownership.fieldset import EMPTY, FieldSet, field_set
from reconciler.semantics.values import same


@dataclass(frozen=True, slots=True)
class FieldOwner:
    """The identity of a managedFields entry: the server keeps one entry for each."""

    manager: str
    operation: str  # Apply or Update
    subresource: str = ""
    api_version: str = ""  # "" for Apply: an applier has one entry for all versions


@dataclass(frozen=True, slots=True)
class VersionedFields:
    """A set of fields, and the apiVersion at which their owner wrote them."""

    api_version: str
    fields: FieldSet


Owners: TypeAlias = Mapping[FieldOwner, VersionedFields]


class FieldConflictError(Exception):
    """An apply would change fields of other owners; `conflicts` has these fields by owner."""

    def __init__(self, conflicts: Mapping[FieldOwner, FieldSet]) -> None:
        super().__init__("field conflict")
        self.conflicts = dict(conflicts)


@dataclass(frozen=True, slots=True)
class VersionedTypes:
    """The types by which a write is merged: those of its own version and of all other versions of the CRD.

    Attributes:
        api_version: the version of the write.
        atoms: the atom of an object, by version.
        reset_fields: by version, the fields that the endpoint resets (status, or spec at /status); its writers do
            not own them.
    """

    api_version: str
    atoms: Mapping[str, Atom]
    reset_fields: Mapping[str, FieldSet]

    @property
    def atom(self) -> Atom:
        return self.atoms[self.api_version]

    def changes(self, old: JsonObject, new: JsonObject, api_version: str) -> FieldChanges:
        changes = field_changes(self.atoms[api_version], old, new)
        return changes.without(self.reset_fields.get(api_version, EMPTY))


def owners_after_update(
    types: VersionedTypes, live: JsonObject, new: JsonObject, owners: Owners
) -> tuple[dict[FieldOwner, VersionedFields], FieldSet]:
    """What the owners keep after `new` replaces `live`, and the fields that change, which only the writer owns then."""
    remaining, changes = _transfer(types, live, new, _reconciled(types, owners), None, force=True)
    return remaining, changes.modified | changes.added


def merge_apply(
    types: VersionedTypes,
    live: JsonObject,
    body: JsonObject,
    owners: Owners,
    writer: FieldOwner,
    *,
    force: bool,
) -> tuple[JsonObject | None, dict[FieldOwner, VersionedFields]]:
    """The object and its owners after an apply of `body`; None in place of an object that does not change.

    Raises:
        FieldConflictError: the apply would change fields of other owners and does not force it.
    """
    owners = _reconciled(types, owners)
    new = merged(types.atom, live, body)
    fields = field_set(types.atom, body).without(types.reset_fields.get(types.api_version, EMPTY))
    last = owners.get(writer)
    owners[writer] = VersionedFields(types.api_version, fields)
    # An applier that sends all its fields again removes none.
    if last is not None and last.fields - fields:
        new = _remove_unapplied(types, new, owners, last)
    remaining, _ = _transfer(types, live, new, owners, writer, force=force)
    return (None if same(live, new) else new), remaining


def _reconciled(types: VersionedTypes, owners: Owners) -> dict[FieldOwner, VersionedFields]:
    """The owners without entries of removed versions; their fields are reconciled with the current schema."""
    return {
        owner: VersionedFields(
            owned.api_version,
            reconcile_with_schema(types.atoms[owned.api_version], owned.fields),
        )
        for owner, owned in owners.items()
        if owned.api_version in types.atoms
    }


def reconcile_with_schema(atom: Atom, fields: FieldSet) -> FieldSet:
    """Replace fields inside an atomic value by the value itself, which was granular when they were written."""
    if atom.mapping is not None:
        if atom.mapping.declares_nothing:
            return fields
        if atom.mapping.atomic:
            return FieldSet(member=True)
    elif atom.list is None:
        return fields
    elif not atom.list.associative:
        return FieldSet(member=True)
    children = dict(fields.children)
    for element, node in fields.children.items():
        child = _child(atom, element)
        if child is not None and node.children:
            children[element] = reconcile_with_schema(child, node)
    return FieldSet(fields.member, children)


def _child(atom: Atom, element: str) -> Atom | None:
    if atom.mapping is not None:
        return atom.mapping.child(element[2:])
    return atom.list.item_atom if atom.list is not None else None


def _transfer(
    types: VersionedTypes,
    live: JsonObject,
    new: JsonObject,
    owners: Owners,
    writer: FieldOwner | None,
    *,
    force: bool,
) -> tuple[dict[FieldOwner, VersionedFields], FieldChanges]:
    """The other owners without the fields that the writer takes from them or removes, and all changes of the write.

    Raises:
        FieldConflictError: the writer would take fields and does not force it.
    """
    changes = types.changes(live, new, types.api_version)
    by_version = {types.api_version: changes}
    remaining = dict(owners)
    conflicts: dict[FieldOwner, FieldSet] = {}
    for owner, owned in owners.items():
        if owner == writer:
            continue
        version = owned.api_version
        if version not in by_version:
            by_version[version] = types.changes(live, new, version)
        in_version = by_version[version]
        conflict = owned.fields & (in_version.modified | in_version.added)
        if conflict:
            conflicts[owner] = conflict
        remaining[owner] = VersionedFields(version, owned.fields - conflict - in_version.removed)
    if conflicts and not force:
        raise FieldConflictError(conflicts)
    return {owner: owned for owner, owned in remaining.items() if owned.fields}, changes


def _remove_unapplied(
    types: VersionedTypes, new: Json, owners: Owners, last: VersionedFields
) -> JsonObject:
    """Remove the fields that the applier owned and no longer sends, except those that another owner has too."""
    atom = types.atoms[last.api_version]
    formerly_owned = last.fields.with_named_fields(atom)
    pruned = removed(atom, new, formerly_owned)
    # The server begins with the version of the last apply; its order of the others is random.
    versions = {owned.api_version for owned in owners.values()}
    for version in sorted(versions, key=lambda name: (name != last.api_version, name)):
        version_atom = types.atoms[version]
        still_owned = EMPTY
        for owned in owners.values():
            if owned.api_version == version:
                still_owned = still_owned | owned.fields
        before, after = (_named_fields(version_atom, value) for value in (new, pruned))
        kept = after | still_owned.with_named_fields(version_atom)
        pruned = removed(version_atom, new, before - kept)
    # Restore fields that the applier never owned, which were removed together with a field around them.
    before, after = (_named_fields(atom, value) for value in (new, pruned))
    restored: JsonObject = removed(atom, new, (before - after) & formerly_owned)
    return restored


def _named_fields(atom: Atom, value: Json) -> FieldSet:
    return field_set(atom, value).with_named_fields(atom)
