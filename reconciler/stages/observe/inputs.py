"""What to observe, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.environment import IgnoreRule
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.record import RecordedObject
from reconciler.semantics.schema.crd import Crd

Kinds = Mapping[GroupKind, Kind]
Place = tuple[GroupKind, str]  # a kind in a namespace: what one LIST covers


@dataclass(frozen=True, slots=True)
class ObserveInput:
    """What to observe, and how.

    Attributes:
        set_id: the ApplySet id of the environment, with which all objects of ours are labelled.
        known: the recorded objects with their uid; their places are listed too, to find objects that are no longer in
            git.
        recorded: the objects of the record, also those that are not looked for; None without a record.
        touched: what the last applies wrote or deleted.
        more: other places that may have objects of ours, because an apply did not finish.
        elsewhere: places with none of ours, as far as anybody knows; they may have objects that nobody manages.
        crds: the live CRD by kind; a kind without one is not installed.
        dry_run_new: also dry-run objects that do not exist yet; an apply learns the same from the answer to its write.
        full: dry-run every object on the server, even those that the no-op proof shows to be unchanged.
        adopt_from: the field managers whose fields become ours.
        ignore: the rules about fields that are left to others.
        observes: another tool applies, as `manager`; nothing is sent, and objects get no label.
    """

    manifests: tuple[Manifest, ...]
    kinds: Kinds
    set_id: str
    manager: str
    known: Mapping[ObjectRef, str] = field(default_factory=dict)
    recorded: Mapping[ObjectRef, RecordedObject] | None = None
    touched: frozenset[ObjectRef] = frozenset()
    more: frozenset[Place] = frozenset()
    elsewhere: frozenset[Place] = frozenset()
    crds: Mapping[GroupKind, Crd] = field(default_factory=dict)
    full: bool = False
    adopt_from: frozenset[str] = frozenset()
    ignore: tuple[IgnoreRule, ...] = ()
    observes: bool = False
    dry_run_new: bool = True

    @property
    def desired(self) -> set[ObjectRef]:
        return {manifest.ref for manifest in self.manifests}

    def may_be_ours(self, ref: ObjectRef, *, leaving: bool) -> bool:
        """Whether an object with our marks may be ours: it is on record, or that is lost, or an apply did not finish.

        What an apply deleted is no longer on record, and is there until its finalizers go.
        """
        if self.recorded is None or ref in self.recorded or (leaving and ref in self.touched):
            return True
        return (ref.group_kind, ref.namespace) in self.more

    @property
    def places(self) -> set[Place]:
        """The kinds and namespaces that may hold objects of ours, among the kinds that the cluster serves."""
        refs = self.desired | self.known.keys()
        places = {(ref.group_kind, ref.namespace) for ref in refs} | self.more
        return self._served(places)

    @property
    def all_places(self) -> set[Place]:
        return self.places | self._served(self.elsewhere)

    def _served(self, places: Iterable[Place]) -> set[Place]:
        return {place for place in places if place[0] in self.kinds and place[0] in self.crds}
