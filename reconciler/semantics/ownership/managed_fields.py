"""The managedFields of an object, and how each write changes them (apimachinery's field manager)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache

from reconciler.frozen import dataclass
from reconciler.model.difference import Writer
from reconciler.model.document import Json, JsonObject, canonical, dig, dig_map
from reconciler.semantics.ownership.fieldset import EMPTY, NEVER_OWNED, FieldSet
from reconciler.semantics.ownership.merge import (
    FieldOwner,
    VersionedFields,
    VersionedTypes,
    merge_apply,
    owners_after_update,
)

APPLY, UPDATE = "Apply", "Update"
FIELDS_V1 = "FieldsV1"

# The server merges the oldest Update entries of an object that has more than this.
_MAX_UPDATE_ENTRIES = 10
_MERGED_ENTRY = "ancient-changes"
_BEFORE_FIRST_APPLY = "before-first-apply"


@dataclass(frozen=True, slots=True)
class ManagedFieldsEntry:
    """One entry of managedFields; `time` is "" for an entry without one."""

    owner: FieldOwner
    owned: VersionedFields
    time: str

    @classmethod
    def of(cls, raw: Json) -> ManagedFieldsEntry:
        """
        Raises:
            ValueError: the entry is not valid.
        """
        return _entry_of(canonical(raw))

    @property
    def fields(self) -> FieldSet:
        return self.owned.fields

    @property
    def writer(self) -> Writer:
        owner = self.owner
        return Writer(owner.manager, owner.operation, self.time, owner.subresource)

    def is_apply_of(self, manager: str) -> bool:
        """Whether the entry has what this manager applied to the object itself, not to a subresource."""
        return self.owner == FieldOwner(manager, APPLY)


@lru_cache(maxsize=4096)
def _entry_of(text: str) -> ManagedFieldsEntry:
    """An entry as canonical JSON; thousands of objects share a handful, but for their times."""
    raw: Json = json.loads(text)
    operation, version = dig(raw, "operation"), str(dig(raw, "apiVersion") or "")
    if operation not in (APPLY, UPDATE):
        raise ValueError("operation must be `Apply` or `Update`")
    if not version:
        raise ValueError("apiVersion must not be empty")
    if dig(raw, "fieldsType") != FIELDS_V1:
        raise ValueError(f"invalid fieldsType {dig(raw, 'fieldsType')!r}")
    owner = FieldOwner(
        manager=str(dig(raw, "manager") or ""),
        operation=str(operation),
        subresource=str(dig(raw, "subresource") or ""),
        api_version="" if operation == APPLY else version,
    )
    fields = fields_of(canonical(dig_map(raw, "fieldsV1")))
    return ManagedFieldsEntry(owner, VersionedFields(version, fields), str(dig(raw, "time") or ""))


@lru_cache(maxsize=2048)
def fields_of(text: str) -> FieldSet:
    """FieldsV1 as canonical JSON. Thousands of objects share a handful of texts, and each is read several times."""
    return FieldSet.from_fields_v1(json.loads(text))


def entries(live: JsonObject) -> tuple[ManagedFieldsEntry, ...]:
    """The managedFields of an object; invalid entries, which any client may have written, are left out."""
    return tuple(_valid_entries(dig(live, "metadata", "managedFields")))


def _valid_entries(raw_entries: Json) -> Iterator[ManagedFieldsEntry]:
    for raw in raw_entries if isinstance(raw_entries, list) else []:
        with suppress(ValueError):
            yield ManagedFieldsEntry.of(raw)


@dataclass(frozen=True, slots=True)
class ManagedFields:
    """The managedFields of one object: the fields of each owner, and when it last wrote ("" for no time)."""

    owners: Mapping[FieldOwner, VersionedFields]
    times: Mapping[FieldOwner, str]

    @classmethod
    def of(cls, raw_entries: Json) -> ManagedFields:
        """Read metadata.managedFields.

        Raises:
            ValueError: an entry is not valid; the server then ignores all entries.
        """
        if not isinstance(raw_entries, (list, type(None))):
            raise ValueError("managedFields is not a list")  # noqa: TRY004 -- the object is wrong, not the call
        read = [ManagedFieldsEntry.of(raw) for raw in raw_entries or []]
        return cls({e.owner: e.owned for e in read}, {e.owner: e.time for e in read})

    def entries(self) -> list[JsonObject]:
        """metadata.managedFields in the server's order: by operation, time, manager, version and subresource."""
        ordered = sorted(
            self.owners.items(),
            key=lambda pair: (
                pair[0].operation,
                self.times.get(pair[0], ""),
                pair[0].manager,
                pair[1].api_version,
                pair[0].subresource,
            ),
        )
        return [_entry(owner, owned, self.times.get(owner, "")) for owner, owned in ordered]


NO_MANAGED_FIELDS = ManagedFields({}, {})


def _entry(owner: FieldOwner, owned: VersionedFields, time: str) -> JsonObject:
    entry: JsonObject = {
        "manager": owner.manager,
        "operation": owner.operation,
        "apiVersion": owned.api_version,
        "time": time,
        "fieldsType": FIELDS_V1,
        "fieldsV1": owned.fields.to_fields_v1(),
        "subresource": owner.subresource,
    }
    return {key: value for key, value in entry.items() if value != ""}


def owner_sort_key(owner: FieldOwner) -> str:
    """The owner as JSON, by which the server sorts owners in a conflict message."""
    fields = {
        "manager": owner.manager,
        "operation": owner.operation,
        "apiVersion": owner.api_version,
        "subresource": owner.subresource,
    }
    return json.dumps({key: value for key, value in fields.items() if value}, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class FieldManager:
    """Writes of one manager at one endpoint: to an object, or to its /status."""

    types: VersionedTypes
    manager: str
    now: str
    subresource: str = ""

    def update(self, live: JsonObject, new: JsonObject) -> JsonObject:
        """`new`, which replaces `live`, with its managedFields; a `live` without a uid does not exist yet."""
        managed = self._sent_or_live(live, new)
        body = without_managed_fields(new)
        if not managed.owners and dig(live, "metadata", "uid"):
            return body  # an object that lost its managedFields gets none before its first apply
        return with_managed_fields(body, self._updated(live, body, managed, self._owner(UPDATE)))

    def apply(self, live: JsonObject, body: JsonObject, *, force: bool) -> tuple[JsonObject, bool]:
        """The merged object with its managedFields, and whether the apply changes any other field.

        Raises:
            merge.FieldConflictError: the apply would change fields of other owners and does not force it.
            ValueError: the live managedFields are not valid.
        """
        managed = ManagedFields.of(dig(live, "metadata", "managedFields"))
        if not managed.owners:
            first = FieldOwner(
                _BEFORE_FIRST_APPLY, UPDATE, self.subresource, self.types.api_version
            )
            managed = self._updated({}, without_managed_fields(live), managed, first)
        writer = self._owner(APPLY)
        new, owners = merge_apply(self.types, live, body, managed.owners, writer, force=force)
        times = dict(managed.times)
        if new is not None:
            times[writer] = self.now
        managed = ManagedFields(_stripped(owners, writer), times)
        merged = without_managed_fields(live if new is None else new)
        return with_managed_fields(merged, managed), new is not None

    def _owner(self, operation: str) -> FieldOwner:
        version = self.types.api_version if operation == UPDATE else ""
        return FieldOwner(self.manager, operation, self.subresource, version)

    def _sent_or_live(self, live: JsonObject, new: JsonObject) -> ManagedFields:
        """A write of the object itself may replace its managedFields; an empty list resets them."""
        sent = dig(new, "metadata", "managedFields")
        if not self.subresource:
            if sent in ([], [{}]):
                return NO_MANAGED_FIELDS
            managed = _read_or_none(sent)
            if managed is not None and managed.owners:
                return managed
        return _read_or_none(dig(live, "metadata", "managedFields")) or NO_MANAGED_FIELDS

    def _updated(
        self, live: JsonObject, new: JsonObject, managed: ManagedFields, writer: FieldOwner
    ) -> ManagedFields:
        owners, changed = owners_after_update(self.types, live, new, managed.owners)
        times = dict(managed.times)
        if fields := changed - NEVER_OWNED:
            before = owners[writer].fields if writer in owners else EMPTY
            owners[writer] = VersionedFields(self.types.api_version, before | fields)
            times[writer] = self.now
        return _with_merged_updates(ManagedFields(owners, times))


def _read_or_none(raw_entries: Json) -> ManagedFields | None:
    try:
        return ManagedFields.of(raw_entries)
    except ValueError:
        return None


def _stripped(
    owners: Mapping[FieldOwner, VersionedFields], writer: FieldOwner
) -> dict[FieldOwner, VersionedFields]:
    """The owners, with the entry of the writer without the fields that nobody owns."""
    remaining = dict(owners)
    owned = remaining.pop(writer, None)
    if owned is not None and (fields := owned.fields - NEVER_OWNED):
        remaining[writer] = VersionedFields(owned.api_version, fields)
    return remaining


def _with_merged_updates(managed: ManagedFields) -> ManagedFields:
    """Merge the oldest Update entries of each version until at most `_MAX_UPDATE_ENTRIES` remain."""
    updaters = [owner for owner in managed.owners if owner.operation == UPDATE]
    if len(updaters) <= _MAX_UPDATE_ENTRIES:
        return managed
    updaters.sort(key=lambda owner: (managed.times[owner], owner_sort_key(owner)))
    owners, times = dict(managed.owners), dict(managed.times)
    oldest: dict[str, FieldOwner] = {}
    count = len(updaters)
    for owner in updaters:
        if count <= _MAX_UPDATE_ENTRIES:
            break
        owned = owners[owner]
        version = owned.api_version
        if version not in oldest:
            oldest[version] = owner
            continue
        merged = FieldOwner(_MERGED_ENTRY, UPDATE, "", version)
        if merged not in owners:
            owners[merged] = owners.pop(oldest[version])
        owners[merged] = VersionedFields(version, owned.fields | owners[merged].fields)
        owners.pop(owner, None)
        times[merged] = times[owner]
        count -= 1
    return ManagedFields(owners, times)


def without_managed_fields(body: JsonObject) -> JsonObject:
    """The object without managedFields; the result shares its other values with `body`."""
    metadata = body.get("metadata")
    if not isinstance(metadata, dict) or "managedFields" not in metadata:
        return body
    return {
        **body,
        "metadata": {key: value for key, value in metadata.items() if key != "managedFields"},
    }


def with_managed_fields(body: JsonObject, managed: ManagedFields) -> JsonObject:
    """The object with these managedFields; `body` itself if there are no entries."""
    raw_entries = managed.entries()
    if not raw_entries:
        return body
    return {**body, "metadata": {**dig_map(body, "metadata"), "managedFields": raw_entries}}
