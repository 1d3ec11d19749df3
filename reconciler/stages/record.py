"""Read and write the record: the ConfigMap of an environment, which is its ApplySet parent too.

Written by compare-and-swap, and only when a fact in it changes: a run with nothing to do sends no write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reconciler.errors import RefusalReason, Refused, SafetyStop
from reconciler.model.applyset import (
    GROUP_KINDS,
    NAMESPACES,
    foreign_tool,
    parent_marks,
    parent_name,
    set_id,
)
from reconciler.model.document import Document, JsonObject, dig_map
from reconciler.model.identity import CONFIG_MAP, GroupKind, ObjectRef
from reconciler.model.record import Record
from reconciler.model.record.config_map import from_config_map, with_record
from reconciler.model.record.stored import LaterRecord, UnreadableRecord, same_facts
from reconciler.model.run import RecordSummary
from reconciler.ports import Cluster


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the cluster remembers.

    Attributes:
        config_map: as it was read; None when there is none (or it may not be read).
        record: None when there is none, or it cannot be read; `notes` says so.
    """

    environment: str
    home: str
    config_map: Document | None = None
    record: Record | None = None
    later: bool = False  # it is there, and of a later version of this program
    notes: tuple[str, ...] = ()

    @property
    def set_id(self) -> str:
        return set_id(self.environment, self.home)

    @property
    def known(self) -> dict[ObjectRef, str]:
        """Every object of the record with its uid."""
        objects = self.record.objects if self.record else {}
        return {ref: recorded.uid for ref, recorded in objects.items()}

    @property
    def unfinished(self) -> frozenset[tuple[GroupKind, str]]:
        """Kinds and namespaces that may hold objects the record does not know: an apply began and did not end."""
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
        """What the ApplySet parent says that the set may contain."""
        body = self.config_map.body() if self.config_map else {}
        annotations = dig_map(body, "metadata", "annotations")
        kinds, namespaces = (str(annotations.get(key, "")) for key in (GROUP_KINDS, NAMESPACES))
        return set(filter(None, kinds.split(","))), set(filter(None, namespaces.split(",")))

    @property
    def has_fingerprints(self) -> bool:
        return bool(self.record and self.record.secrets)

    def summary(self, *, lost: bool, key_lost: bool) -> RecordSummary:
        """What a report says of it."""
        if self.record is None:
            return RecordSummary(lost=lost)
        return RecordSummary(self.record.revision, self.record.applied, key_lost=key_lost)


def recall(cluster: Cluster, environment: str, home: str) -> Recalled:
    """Read the record.

    Raises:
        SafetyStop: the ConfigMap is the ApplySet of another tool or environment.
    """
    nothing = Recalled(environment, home)
    name = parent_name(environment)
    try:
        config_map = cluster.get(CONFIG_MAP, home, name)
    except Refused as refused:
        if refused.reason is not RefusalReason.FORBIDDEN:
            raise
        note = f"no permission to read ConfigMap {home}/{name}: what changed and what drifted are not told apart"
        return replace(nothing, notes=(note,))
    if config_map is None:
        return nothing
    memory = replace(nothing, config_map=config_map)
    if why := foreign_tool(config_map.body(), memory.set_id):
        raise SafetyStop(
            f"ConfigMap {home}/{name} is not this environment's: {why}",
            hint="choose another home in environment.yaml, or delete the ConfigMap if nothing uses it",
        )
    try:
        return replace(memory, record=from_config_map(config_map.body(), environment))
    except LaterRecord as error:
        note = f"the record in ConfigMap {home}/{name} is of a later version ({error})"
        return replace(memory, later=True, notes=(note,))
    except UnreadableRecord as error:
        note = f"the record in ConfigMap {home}/{name} cannot be read ({error}): causes are unknown"
        return replace(memory, notes=(note,))


def prepare(
    cluster: Cluster, recalled: Recalled, refs: Iterable[ObjectRef], version: str
) -> Recalled:
    """Before the first write: the parent names every kind and namespace that may hold a member (KEP-3659)."""
    kinds, namespaces = _extent(refs, recalled.home)
    before, places = recalled.announced
    return _write(
        cluster, recalled, _marked(recalled, kinds | before, namespaces | places, version)
    )


def remember(
    cluster: Cluster, recalled: Recalled, record: Record, version: str, *, complete: bool
) -> Recalled:
    """Write the record and the extent of the set, if anything but a time differs.

    Args:
        complete: every place was listed, so the extent is exact; otherwise it never shrinks.
    """
    kinds, namespaces = _extent(record.objects, recalled.home)
    if not complete:
        before, places = recalled.announced
        kinds, namespaces = kinds | before, namespaces | places
    body = _marked(recalled, kinds, namespaces, version)
    old = recalled.record
    if old and same_facts(old, record):
        record = old  # only times differ: what is stored stays, whichever version wrote it
    else:
        body = with_record(body, record)
    return replace(_write(cluster, recalled, body), record=record)


def _extent(refs: Iterable[ObjectRef], home: str) -> tuple[set[str], set[str]]:
    """Kinds and namespaces of a set; home is always one of the namespaces."""
    refs = tuple(refs)
    return {str(ref.group_kind) for ref in refs}, {home, *(ref.namespace for ref in refs)}


def _marked(recalled: Recalled, kinds: set[str], namespaces: set[str], version: str) -> JsonObject:
    body: JsonObject = (
        recalled.config_map.body()
        if recalled.config_map
        else {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": parent_name(recalled.environment), "namespace": recalled.home},
        }
    )
    labels, annotations = parent_marks(recalled.set_id, version, recalled.home, kinds, namespaces)
    metadata = dig_map(body, "metadata")
    marked = metadata | {
        "labels": dig_map(metadata, "labels") | labels,
        "annotations": dig_map(metadata, "annotations") | annotations,
    }
    return body | {"metadata": marked}


def _write(cluster: Cluster, recalled: Recalled, body: JsonObject) -> Recalled:
    document = Document.of(body)
    if document == recalled.config_map:
        return recalled
    try:
        if recalled.config_map is None:
            stored = cluster.create(CONFIG_MAP, document)
        else:
            stored = cluster.replace(CONFIG_MAP, document)
    except Refused as refused:
        raise _explained(refused, recalled) from refused
    return replace(recalled, config_map=stored)


def _explained(refused: Refused, recalled: Recalled) -> Refused | SafetyStop:
    where = f"ConfigMap {recalled.home}/{parent_name(recalled.environment)}"
    if refused.reason in (RefusalReason.STALE, RefusalReason.EXISTS):
        return SafetyStop(
            f"another run has written {where} meanwhile", hint="run the command again"
        )
    hint = refused.hint
    if refused.reason is RefusalReason.NO_NAMESPACE:
        hint = f"kubectl create namespace {recalled.home}"
    if refused.reason is RefusalReason.FORBIDDEN:
        hint = "the README lists the Role that apply needs"
    return Refused(refused.reason, f"{where}: {refused.message}", refused.causes, hint=hint)
