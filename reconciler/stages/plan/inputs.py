"""What the plan depends on, besides the observations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import UTC, datetime

from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.environment import Policy
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.record import Record, RecordedObject
from reconciler.model.run import ClusterIdentity
from reconciler.model.secret import Keyring
from reconciler.semantics.schema.crd import Crd

_NEVER = datetime.max.replace(tzinfo=UTC)  # no hold lasts that long


@dataclass(frozen=True, slots=True)
class PlanInput:
    """What the plan depends on, besides the observations.

    Attributes:
        record: None if there is none.
        keyring: for the content digests; without it there are none.
        crds: the live CRD of each kind, for types and defaults.
        cluster: for the commands that a plan suggests.
        now: for the ends of holds.
        observes: another tool applies, so its marks are on the objects.
        other_homes: ids of the ApplySets that the environment would have in other namespaces, with these.
        environments: names of other environments by the ids of their ApplySets, as far as they are known.
        take: fields that the apply takes over, as the server prints them.
    """

    kinds: Mapping[GroupKind, Kind]
    policy: Policy
    manager: str
    set_id: str
    record: Record | None
    keyring: Keyring | None = None
    crds: Mapping[GroupKind, Crd] = field(default_factory=dict)
    cluster: ClusterIdentity | None = None
    take: frozenset[str] = frozenset()
    now: datetime = _NEVER
    observes: bool = False
    other_homes: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, str] = field(default_factory=dict)

    def kind(self, name: GroupKind) -> Kind:
        """A kind, which shows the headers that the policy shows."""
        return replace(self.kinds[name], shown_headers=self.policy.shown_headers)

    def recorded(self, ref: ObjectRef) -> RecordedObject | None:
        return self.record.objects.get(ref) if self.record else None
