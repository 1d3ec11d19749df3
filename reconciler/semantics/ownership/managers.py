"""managedFields: read, written, and kept by each write (what apimachinery's field manager does around the merge)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from reconciler.model.difference import Writer
from reconciler.model.document import Json, JsonObject, dig, dig_map
from reconciler.semantics.ownership.fieldset import NEVER_OWNED, FieldSet
from reconciler.semantics.ownership.merge import Identity, Owned, Typing, after_apply, after_update

APPLY, UPDATE = "Apply", "Update"
FIELDS_V1 = "FieldsV1"

# Above this many Update entries the oldest are folded into one.
_MAX_UPDATERS = 10
_FOLDED = "ancient-changes"
_BEFORE_FIRST_APPLY = "before-first-apply"
# An update is recorded under this name first, to see whether it changed anything.
_THIS_OPERATION = Identity("current-operation", UPDATE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of managedFields, read; time is "" for none."""

    identity: Identity
    owned: Owned
    time: str

    @classmethod
    def of(cls, raw: Json) -> Entry:
        """
        Raises:
            ValueError: it is not what the API promises.
        """
        operation, version = dig(raw, "operation"), str(dig(raw, "apiVersion") or "")
        if operation not in (APPLY, UPDATE):
            raise ValueError("operation must be `Apply` or `Update`")
        if not version:
            raise ValueError("apiVersion must not be empty")
        if dig(raw, "fieldsType") != FIELDS_V1:
            raise ValueError(f"invalid fieldsType {dig(raw, 'fieldsType')!r}")
        identity = Identity(
            manager=str(dig(raw, "manager") or ""),
            operation=str(operation),
            subresource=str(dig(raw, "subresource") or ""),
            api_version="" if operation == APPLY else version,
        )
        try:
            fields = FieldSet.from_fields_v1(dig_map(raw, "fieldsV1"))
        except (AttributeError, TypeError) as error:  # a step like `k:[]`
            raise ValueError("fieldsV1 names what is no field") from error
        return cls(identity, Owned(version, fields), str(dig(raw, "time") or ""))

    @property
    def fields(self) -> FieldSet:
        return self.owned.fields

    @property
    def writer(self) -> Writer:
        one = self.identity
        return Writer(one.manager, one.operation, self.time, one.subresource)

    def is_apply_of(self, manager: str) -> bool:
        """Whether this is what a manager applied of the object itself."""
        return self.identity == Identity(manager, APPLY)


def entries(live: JsonObject) -> tuple[Entry, ...]:
    """The managedFields of an object, by anyone's hand: what cannot be read is left out."""
    found = dig(live, "metadata", "managedFields")
    return tuple(_readable(found if isinstance(found, list) else []))


def _readable(found: Iterable[Json]) -> Iterator[Entry]:
    for raw in found:
        with suppress(ValueError):
            yield Entry.of(raw)


@dataclass(frozen=True, slots=True)
class Managed:
    """The managedFields of one object: who owns what, and since when ("" for no time)."""

    owners: Mapping[Identity, Owned]
    times: Mapping[Identity, str]

    @classmethod
    def of(cls, found: Json) -> Managed:
        """Read managedFields.

        Raises:
            ValueError: an entry is not what the API promises; the server then ignores all of them.
        """
        if not isinstance(found, (list, type(None))):
            raise ValueError("managedFields is no list")  # noqa: TRY004 -- what is read is data
        read = [Entry.of(raw) for raw in found or []]
        return cls({e.identity: e.owned for e in read}, {e.identity: e.time for e in read})

    def entries(self) -> list[JsonObject]:
        """managedFields in the server's order: Apply first, then by time, manager, version, subresource."""
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
        return [
            _entry(identity, owned, self.times.get(identity, "")) for identity, owned in ordered
        ]


NOBODY = Managed({}, {})


def _entry(identity: Identity, owned: Owned, time: str) -> JsonObject:
    entry: JsonObject = {
        "manager": identity.manager,
        "operation": identity.operation,
        "apiVersion": owned.api_version,
        "time": time,
        "fieldsType": FIELDS_V1,
        "fieldsV1": owned.fields.to_fields_v1(),
        "subresource": identity.subresource,
    }
    return {key: value for key, value in entry.items() if value != ""}


def sort_text(identity: Identity) -> str:
    """What the server sorts owners by in a conflict message: the identity as JSON."""
    fields = {
        "manager": identity.manager,
        "operation": identity.operation,
        "apiVersion": identity.api_version,
        "subresource": identity.subresource,
    }
    return json.dumps({key: value for key, value in fields.items() if value}, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class FieldManager:
    """One endpoint of one version: the object itself, or its /status."""

    typing: Typing
    manager: str
    now: str
    subresource: str = ""

    def update(self, live: JsonObject, new: JsonObject) -> JsonObject:
        """`new` with managedFields, once it replaces `live` ({} or without a uid: it is created)."""
        managed = self._sent_or_live(live, new)
        bare = without_managed(new)
        if not managed.owners and dig(live, "metadata", "uid"):
            return (
                bare  # nobody is tracked before the first apply of an object that lost its entries
            )
        return with_managed(bare, self._updated(live, bare, managed, self._writer(UPDATE)))

    def apply(self, live: JsonObject, body: JsonObject, *, force: bool) -> tuple[JsonObject, bool]:
        """The merged object with managedFields, and whether anything but managedFields changed.

        Raises:
            merge.FieldConflictError: fields of others would change, and the apply is not forced.
            ValueError: the live managedFields cannot be read.
        """
        managed = Managed.of(dig(live, "metadata", "managedFields"))
        if not managed.owners:
            nothing = {"apiVersion": live.get("apiVersion"), "kind": live.get("kind")}
            first = Identity(_BEFORE_FIRST_APPLY, UPDATE, self.subresource, self.typing.api_version)
            managed = self._updated(nothing, without_managed(live), managed, first)
        writer = self._writer(APPLY)
        new, owners = after_apply(self.typing, live, body, managed.owners, writer, force=force)
        times = dict(managed.times)
        if new is not None:
            times[writer] = self.now
        managed = Managed(_stripped(owners, writer), times)
        return with_managed(without_managed(live if new is None else new), managed), new is not None

    def _writer(self, operation: str) -> Identity:
        version = self.typing.api_version if operation == UPDATE else ""
        return Identity(self.manager or "unknown", operation, self.subresource, version)

    def _sent_or_live(self, live: JsonObject, new: JsonObject) -> Managed:
        """A writer may send managedFields of its own, at the object itself; an empty list resets them."""
        sent = dig(new, "metadata", "managedFields")
        if not self.subresource:
            if sent in ([], [{}]):
                return NOBODY
            managed = _read_or_none(sent)
            if managed is not None and managed.owners:
                return managed
        return _read_or_none(dig(live, "metadata", "managedFields")) or NOBODY

    def _updated(
        self, live: JsonObject, new: JsonObject, managed: Managed, writer: Identity
    ) -> Managed:
        owners = _stripped(
            after_update(self.typing, live, new, managed.owners, _THIS_OPERATION), _THIS_OPERATION
        )
        times = dict(managed.times)
        mine = owners.pop(_THIS_OPERATION, None)
        if mine is not None:
            before = owners.get(writer)
            owners[writer] = (
                mine if before is None else Owned(mine.api_version, mine.fields | before.fields)
            )
            times[writer] = self.now
        return _folded(Managed(owners, times))


def _read_or_none(entries: Json) -> Managed | None:
    try:
        return Managed.of(entries)
    except ValueError:
        return None


def _stripped(owners: Mapping[Identity, Owned], writer: Identity) -> dict[Identity, Owned]:
    left = dict(owners)
    mine = left.pop(writer, None)
    if mine is not None and (fields := mine.fields - NEVER_OWNED):
        left[writer] = Owned(mine.api_version, fields)
    return left


def _folded(managed: Managed) -> Managed:
    """Fold the oldest Update entries of a version into one until there are few enough."""
    updaters = [identity for identity in managed.owners if identity.operation == UPDATE]
    if len(updaters) <= _MAX_UPDATERS:
        return managed
    updaters.sort(key=lambda one: (managed.times.get(one, ""), sort_text(one)))
    owners, times = dict(managed.owners), dict(managed.times)
    first: dict[str, Identity] = {}
    count = len(updaters)
    for identity in updaters:
        if count <= _MAX_UPDATERS:
            break
        owned = owners[identity]
        version = owned.api_version
        if version not in first:
            first[version] = identity
            continue
        bucket = Identity(_FOLDED, UPDATE, "", version)
        if bucket not in owners:
            owners[bucket] = owners.pop(first[version])
        owners[bucket] = Owned(version, owned.fields | owners[bucket].fields)
        owners.pop(identity, None)
        times[bucket] = times.get(identity, "")
        count -= 1
    return Managed(owners, times)


def without_managed(body: JsonObject) -> JsonObject:
    """The object without managedFields; shares the rest with `body`."""
    metadata = body.get("metadata")
    if not isinstance(metadata, dict) or "managedFields" not in metadata:
        return body
    return {
        **body,
        "metadata": {key: value for key, value in metadata.items() if key != "managedFields"},
    }


def with_managed(body: JsonObject, managed: Managed) -> JsonObject:
    """The object with these entries as its managedFields; without any the key goes."""
    entries = managed.entries()
    if not entries:
        return body
    return {**body, "metadata": {**dig_map(body, "metadata"), "managedFields": entries}}
