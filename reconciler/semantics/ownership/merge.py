"""Merge by ownership (KEP-555): who owns which field after an apply or an update.

`Owned` maps a writer to the fields it owns. The functions are structured-merge-diff's updater over
one version of a schema; entries of another version of the same CRD are compared by that version's
schema, which is right for CRDs without a conversion webhook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.ownership.atoms import Atom
from reconciler.semantics.ownership.changes import Changes, changes
from reconciler.semantics.ownership.combine import merged, removed
from reconciler.semantics.ownership.fieldset import EMPTY, FieldSet, set_of
from reconciler.semantics.values import same


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a managedFields entry one of its own. An applier has one over all versions."""

    manager: str
    operation: str  # Apply or Update
    subresource: str = ""
    api_version: str = ""  # "" for Apply


@dataclass(frozen=True, slots=True)
class Owned:
    """What one writer owns, at the version it wrote."""

    api_version: str
    fields: FieldSet


Owners: TypeAlias = Mapping[Identity, Owned]


class FieldConflictError(Exception):
    """An apply would change fields of others; by owner, in the server's order of paths."""

    def __init__(self, conflicts: Mapping[Identity, FieldSet]) -> None:
        super().__init__("field conflict")
        self.conflicts = dict(conflicts)


@dataclass(frozen=True, slots=True)
class Typing:
    """The version that is written, and what is known of the CRD's other versions.

    Attributes:
        ignored: by version, what the endpoint resets: nobody owns it (status, or spec at /status).
    """

    api_version: str
    atoms: Mapping[str, Atom]
    ignored: Mapping[str, FieldSet]

    @property
    def atom(self) -> Atom:
        return self.atoms[self.api_version]

    def changes(self, old: JsonObject, new: JsonObject, api_version: str) -> Changes:
        found = changes(self.atoms[api_version], old, new)
        return found.without(self.ignored.get(api_version, EMPTY))


def after_update(
    typing: Typing, live: JsonObject, new: JsonObject, owners: Owners, writer: Identity
) -> dict[Identity, Owned]:
    """The owners once `new` replaces `live`: who changes a field owns it alone."""
    owners = _reconciled(typing, owners)
    left, found = _taken(typing, live, new, owners, writer, force=True)
    before = left[writer].fields if writer in left else EMPTY
    fields = (before - found.removed) | found.modified | found.added
    fields = fields.without(typing.ignored.get(typing.api_version, EMPTY))
    left.pop(writer, None)
    if fields:
        left[writer] = Owned(typing.api_version, fields)
    return left


def after_apply(
    typing: Typing,
    live: JsonObject,
    body: JsonObject,
    owners: Owners,
    writer: Identity,
    *,
    force: bool,
) -> tuple[JsonObject | None, dict[Identity, Owned]]:
    """The object and the owners once `body` is applied; None for an object that stays as it is.

    Raises:
        FieldConflictError: fields of others would change, and the apply is not forced.
    """
    owners = _reconciled(typing, owners)
    new = merged(typing.atom, live, body)
    fields = set_of(typing.atom, body).without(typing.ignored.get(typing.api_version, EMPTY))
    last = owners.get(writer)
    owners[writer] = Owned(typing.api_version, fields)
    # Where all that was owned is sent again, there is nothing to remove.
    if last is not None and last.fields - fields:
        new = _without_dropped(typing, new, owners, last)
    left, _ = _taken(typing, live, new, owners, writer, force=force)
    return (None if same(live, new) else new), left


def _reconciled(typing: Typing, owners: Owners) -> dict[Identity, Owned]:
    """Entries of versions that are gone are dropped; what became atomic since is owned as a whole."""
    return {
        identity: Owned(owned.api_version, as_atomic(typing.atoms[owned.api_version], owned.fields))
        for identity, owned in owners.items()
        if owned.api_version in typing.atoms
    }


def as_atomic(atom: Atom, fields: FieldSet) -> FieldSet:
    """Fields below something atomic stand for the whole of it (the schema changed since they were written)."""
    if atom.mapping is not None:
        if atom.mapping.deduced:
            return fields
        if atom.mapping.atomic:
            return FieldSet(member=True) if fields.children else fields
    elif atom.list is not None and not atom.scalar:
        if not atom.list.associative:
            return FieldSet(member=True)
    else:
        return fields
    children = dict(fields.children)
    for step, node in fields.children.items():
        below = _below(atom, step)
        if below is not None and (node.children or not node.member):
            children[step] = as_atomic(below, node)
    return FieldSet(fields.member, children)


def _below(atom: Atom, step: str) -> Atom | None:
    if atom.mapping is not None:
        return atom.mapping.child(step[2:]) if step[0] == "f" else None
    return atom.list.element if atom.list is not None else None


def _taken(
    typing: Typing,
    live: JsonObject,
    new: JsonObject,
    owners: Owners,
    writer: Identity,
    *,
    force: bool,
) -> tuple[dict[Identity, Owned], Changes]:
    """Take from the others what changes and what goes."""
    own = typing.changes(live, new, typing.api_version)
    by_version = {typing.api_version: own}
    left = dict(owners)
    conflicts: dict[Identity, FieldSet] = {}
    for identity, owned in owners.items():
        if identity == writer:
            continue
        version = owned.api_version
        if version not in by_version:
            by_version[version] = typing.changes(live, new, version)
        found = by_version[version]
        conflict = owned.fields & (found.modified | found.added)
        if conflict:
            conflicts[identity] = conflict
        left[identity] = Owned(version, owned.fields - conflict - found.removed)
    if conflicts and not force:
        raise FieldConflictError(conflicts)
    return {identity: owned for identity, owned in left.items() if owned.fields}, own


def _without_dropped(typing: Typing, new: Json, owners: Owners, last: Owned) -> JsonObject:
    """Remove what the applier owned and no longer sends, unless another one owns it too."""
    atom = typing.atoms[last.api_version]
    was = last.fields.with_named_fields(atom)
    pruned = removed(atom, new, was)
    versions = sorted(
        {owned.api_version for owned in owners.values()}, key=lambda name: name != last.api_version
    )
    for version in versions:
        at_version = typing.atoms[version]
        owned = EMPTY
        for one in owners.values():
            owned = owned | one.fields if one.api_version == version else owned
        has, keeps = (
            set_of(at_version, value).with_named_fields(at_version) for value in (new, pruned)
        )
        pruned = removed(at_version, new, has - (keeps | owned.with_named_fields(at_version)))
    # What was never the applier's own comes back, though it stood inside of what was removed.
    has, keeps = (set_of(atom, value).with_named_fields(atom) for value in (new, pruned))
    kept: JsonObject = removed(atom, new, (has - keeps) & was)
    return kept
