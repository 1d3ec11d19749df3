"""Read and write the record. Its ConfigMap is also the ApplySet parent of the environment.

Each write is a compare-and-swap. If only times differ, the record is not written, so a run without changes sends no
request that writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from types import MappingProxyType
from typing import Final

from reconciler.errors import RefusalReason, Refused, SafetyStop
from reconciler.frozen import dataclass
from reconciler.model.applyset import (
    GROUP_KINDS,
    NAMESPACES,
    foreign_tool,
    parent_marks,
    parent_name,
    set_id,
)
from reconciler.model.document import Document, JsonObject, dig_map
from reconciler.model.identity import CONFIG_MAP, NAMESPACE, GroupKind, ObjectRef
from reconciler.model.record import Record
from reconciler.model.record.config_map import from_config_map, with_record
from reconciler.model.record.stored import LaterRecord, UnreadableRecord, same_facts
from reconciler.model.run import ClusterIdentity, RecordSummary
from reconciler.model.unchecked import NO_PERMISSION, ROTATIONS, Unchecked
from reconciler.ports import Cluster

NO_HINTS: Final[Mapping[RefusalReason, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """The record of an environment as the cluster stores it.

    Attributes:
        config_map: as it was read; None if it does not exist or may not be read.
        record: None if the ConfigMap holds no record, or one that cannot be read; `notes` then says why.
        later: a later version of this program wrote the record.
        cluster: for the command that makes its namespace.
        hints: what to do if a write is refused.
        homeless: the namespace of the record does not exist, so nothing can be recorded, and nothing is applied.
    """

    environment: str
    home: str
    config_map: Document | None = None
    record: Record | None = None
    later: bool = False
    homeless: bool = False
    notes: tuple[str, ...] = ()
    hints: Mapping[RefusalReason, str] = field(default_factory=dict)
    cluster: ClusterIdentity = field(default_factory=lambda: ClusterIdentity(""))

    @property
    def set_id(self) -> str:
        return set_id(self.environment, self.home)

    @property
    def known(self) -> dict[ObjectRef, str]:
        """Every object of the record with its uid."""
        objects = self.record.objects if self.record else {}
        return {ref: recorded.uid for ref, recorded in objects.items()}

    @property
    def touched(self) -> frozenset[ObjectRef]:
        """What the last applies wrote or deleted, as far as the history names it."""
        runs = self.record.history if self.record else ()
        applies = (run for run in runs if run.command == "apply")
        return frozenset(touched.ref for run in applies for touched in run.objects)

    @property
    def unfinished(self) -> frozenset[tuple[GroupKind, str]]:
        """Kinds and namespaces that may hold objects which the record lacks, because an apply did not finish."""
        kinds, namespaces = self.announced
        if (kinds, namespaces | {self.home}) == _extent(self.known, self.home):
            return frozenset()
        kinds_named = (kind.partition(".") for kind in kinds)
        return frozenset(
            (GroupKind(group, kind), namespace)
            for kind, _, group in kinds_named
            for namespace in namespaces | {self.home}
        )

    @property
    def announced(self) -> tuple[set[str], set[str]]:
        """The kinds and the namespaces that the ApplySet parent lists."""
        body = self.config_map.body() if self.config_map else {}
        annotations = dig_map(body, "metadata", "annotations")
        kinds, namespaces = (str(annotations.get(key, "")) for key in (GROUP_KINDS, NAMESPACES))
        return set(filter(None, kinds.split(","))), set(filter(None, namespaces.split(",")))

    @property
    def has_fingerprints(self) -> bool:
        return bool(self.record and self.record.secrets)

    def unchecked_rotations(self) -> Unchecked:
        """Without the record of the last apply, no run can tell whether a Secret has another value since then."""
        name = parent_name(self.environment)
        reason, hint = (
            "no record to compare with",
            "a Secret may have changed since the last apply: restart what reads it",
        )
        if self.config_map is None and self.notes:
            reason, hint = NO_PERMISSION, f"allow get on configmaps {name} in {self.home}"
        elif self.notes:
            reason = "the record cannot be read"
        return Unchecked(ROTATIONS, f"{self.home}/{name}", reason, hint)

    def summary(self, *, lost: bool, key_lost: bool) -> RecordSummary:
        """The record in a report."""
        if self.record is None:
            return RecordSummary(lost=lost, unreadable=bool(self.notes))
        partial = bool(self.record.objects) and not self.record.applied
        return RecordSummary(
            self.record.revision, self.record.applied, key_lost=key_lost, partial=partial
        )


def read_record(
    cluster: Cluster,
    environment: str,
    home: str,
    hints: Mapping[RefusalReason, str] = NO_HINTS,
    identity: ClusterIdentity | None = None,
) -> StoredRecord:
    """Read the record.

    Args:
        hints: what to do if a later write of it is refused.
        identity: of the cluster, for the same.

    Raises:
        SafetyStop: the ConfigMap is the ApplySet of another tool or environment.
    """
    nothing = StoredRecord(environment, home, hints=hints, cluster=identity or ClusterIdentity(""))
    name = parent_name(environment)
    try:
        config_map = cluster.get(CONFIG_MAP, home, name)
    except Refused as refused:
        if refused.reason is not RefusalReason.FORBIDDEN:
            raise
        note = f"no permission to read ConfigMap {home}/{name}: drift cannot be distinguished from changes"
        return replace(nothing, notes=(note,))
    if config_map is None:
        return replace(nothing, homeless=_is_missing(cluster, home))
    stored = replace(nothing, config_map=config_map)
    if why := foreign_tool(config_map.body(), stored.set_id):
        raise SafetyStop(
            f"ConfigMap {home}/{name} is not this environment's: {why}",
            hint="choose another home in environment.yaml, or delete the ConfigMap if nothing uses it",
        )
    try:
        return replace(stored, record=from_config_map(config_map.body(), environment))
    except LaterRecord as error:
        note = f"the record in ConfigMap {home}/{name} was written by a later version ({error})"
        return replace(stored, later=True, notes=(note,))
    except UnreadableRecord as error:
        note = f"the record in ConfigMap {home}/{name} cannot be read ({error}): causes are unknown"
        return replace(stored, notes=(note,))


def _is_missing(cluster: Cluster, namespace: str) -> bool:
    """Whether a namespace does not exist; False without permission to know."""
    try:
        return cluster.get(NAMESPACE, "", namespace) is None
    except Refused:
        return False


def announce(
    cluster: Cluster, stored: StoredRecord, refs: Iterable[ObjectRef], version: str
) -> StoredRecord:
    """Before the first write, list every kind and namespace that may hold a member in the parent (KEP-3659)."""
    kinds, namespaces = _extent(refs, stored.home)
    before, places = stored.announced
    return _write(cluster, stored, _marked(stored, kinds | before, namespaces | places, version))


def write_record(
    cluster: Cluster, stored: StoredRecord, record: Record, version: str, *, complete: bool
) -> StoredRecord:
    """Write the record and the extent of the set, if anything but a time differs.

    Args:
        complete: every namespace was listed, so the extent is exact; otherwise it never shrinks.
    """
    kinds, namespaces = _extent(record.objects, stored.home)
    if not complete:
        before, places = stored.announced
        kinds, namespaces = kinds | before, namespaces | places
    body = _marked(stored, kinds, namespaces, version)
    old = stored.record
    if old and same_facts(old, record):
        record = old  # only times differ: what is stored stays, whichever version wrote it
    else:
        body = with_record(body, record)
    return replace(_write(cluster, stored, body), record=record)


def _extent(refs: Iterable[ObjectRef], home: str) -> tuple[set[str], set[str]]:
    """Kinds and namespaces of a set; home is always one of the namespaces."""
    refs = tuple(refs)
    return {str(ref.group_kind) for ref in refs}, {home, *(ref.namespace for ref in refs)}


def _marked(
    stored: StoredRecord, kinds: set[str], namespaces: set[str], version: str
) -> JsonObject:
    body: JsonObject = (
        stored.config_map.body()
        if stored.config_map
        else {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": parent_name(stored.environment), "namespace": stored.home},
        }
    )
    labels, annotations = parent_marks(stored.set_id, version, stored.home, kinds, namespaces)
    metadata = dig_map(body, "metadata")
    marked = metadata | {
        "labels": dig_map(metadata, "labels") | labels,
        "annotations": dig_map(metadata, "annotations") | annotations,
    }
    return body | {"metadata": marked}


def _write(cluster: Cluster, stored: StoredRecord, body: JsonObject) -> StoredRecord:
    document = Document.of(body)
    if document == stored.config_map:
        return stored
    try:
        if stored.config_map is None:
            written = cluster.create(CONFIG_MAP, document)
        else:
            written = cluster.replace(CONFIG_MAP, document)
    except Refused as refused:
        raise _explained(refused, stored) from refused
    return replace(stored, config_map=written)


def _explained(refused: Refused, stored: StoredRecord) -> Refused | SafetyStop:
    where = f"ConfigMap {stored.home}/{parent_name(stored.environment)}"
    if refused.reason in (RefusalReason.STALE, RefusalReason.EXISTS):
        return SafetyStop(
            f"another run has changed {where} since this run read it", hint="run the command again"
        )
    hint = stored.hints.get(refused.reason, refused.hint)
    if refused.reason is RefusalReason.NO_NAMESPACE:
        hint = stored.cluster.kubectl(*refused.without_namespace(stored.home))
    return Refused(refused.reason, f"{where}: {refused.message}", refused.causes, hint=hint)
