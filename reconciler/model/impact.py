"""Who is affected: consumers of providers and Secrets, what happens to each, and who has a new key already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum

from reconciler.frozen import dataclass
from reconciler.model.document import Document
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.secret import SecretReference


class Effect(StrEnum):
    """What happens to a consumer when something that it uses changes; in the order of the attention that it needs."""

    NOTHING = "nothing"  # it does not use what changes
    FOLLOWS = "follows"  # it holds nothing itself; what it calls decides
    RECONCILED = (
        "reconciled"  # its operator reads the change; it has no pods that hold the old value
    )
    NEXT_RUN = "next-run"  # a job: runs that start later have the new value
    RESTARTS = "restarts"  # its operator replaces its pods
    KEEPS_OLD = "keeps-old"  # its pods keep the old value until someone restarts them
    BREAKS = "breaks"  # it stops working, now or at its next start


_HELD = (Effect.RESTARTS, Effect.KEEPS_OLD, Effect.NEXT_RUN)  # by pods


@dataclass(frozen=True, slots=True)
class Consequence:
    """An effect, and why; one sentence, or "" if the effect says all."""

    effect: Effect
    reason: str = ""


class PickUp(StrEnum):
    """Whether the pods of a consumer have the value that a Secret got at some time."""

    PICKED_UP = "picked-up"  # every pod started after that, or the consumer is younger
    OLD = "old"  # a pod started before that
    NOT_RUNNING = "not-running"  # no pod runs, and the next one gets the new value
    UNKNOWN = "unknown"  # nobody may list its pods


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod that has not ended, without anything of its spec.

    Attributes:
        labels: sorted.
        containers: the name of each container that runs, and its start time in RFC 3339; sorted.
    """

    namespace: str
    name: str
    labels: tuple[tuple[str, str], ...] = ()
    containers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, order=True, slots=True)
class Unlisted:
    """Consumers that nobody could list.

    Attributes:
        namespace: "" for all namespaces of the cluster that were not listed one by one.
        crd_name: of the kind, as RBAC names it.
        broken: the file of a consumer that cannot be read, and why; "" without permission.
    """

    kind: GroupKind
    namespace: str
    crd_name: str
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Consumed:
    """The consumers of a cluster, without those of `unlisted`."""

    objects: Mapping[ObjectRef, Document] = field(default_factory=dict)
    unlisted: tuple[Unlisted, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsumerRead:
    """A key that a consumer reads because of a provider, as the consumer resolves it."""

    consumer: ObjectRef
    provider: ObjectRef
    reference: SecretReference


@dataclass(frozen=True, slots=True)
class Affected:
    """A consumer that a Secret, a provider or a model affects, directly or through others.

    Attributes:
        root: the Secret (a core kind), the provider or the model.
        consumer: whoever is affected.
        through: what the consumer itself refers to: `root`, or another consumer of it.
        path: the field of the consumer with that reference, `spec.modelRef.name`.
        managed: git has the consumer.
        keys: of the root, if it is a Secret, which the consumer reads; of the Secrets of a provider otherwise.
        on_change: what a change of the root does to it or, if the root is a Secret, of the provider in between.
        on_rotation: what another value of a key does to it: of the root, or of the Secrets that it reads because of it.
        on_missing_key, on_deletion: what happens without that key, or without the root.
        created: when the consumer was created, RFC 3339.
        started: when the oldest container of each of its running pods started; None if the pods were not read.
        unread: why the pods were not read, and what it would take.
        restart: the commands that restart its pods; () if it has none.
    """

    root: ObjectRef
    consumer: ObjectRef
    through: ObjectRef
    path: str = ""
    managed: bool = False
    keys: tuple[str, ...] = ()
    on_change: Consequence | None = None
    on_rotation: Consequence | None = None
    on_missing_key: Consequence | None = None
    on_deletion: Consequence | None = None
    created: str = ""
    started: tuple[str, ...] | None = None
    unread: str = ""
    restart: tuple[str, ...] = ()

    @property
    def is_provider(self) -> bool:
        """Whether it is a provider on the way from its Secret, and no consumer."""
        return self.on_change is None and self.on_rotation is None

    def holds(self, key: str) -> bool:
        """Whether its pods hold this key of the root, so that a rotation is open until they have the new one."""
        return (
            key in self.keys and self.on_rotation is not None and self.on_rotation.effect in _HELD
        )

    def holds_rotated(self, secret: ObjectRef, key: str) -> bool:
        """Whether its pods hold this key of this Secret."""
        return self.root == secret and self.holds(key)

    @property
    def has_pods(self) -> bool:
        """Whether its pods hold anything of the root: a key, or its settings."""
        consequences = (self.on_rotation, self.on_change)
        return any(each is not None and each.effect in _HELD for each in consequences)

    def pick_up(self, since: str) -> PickUp:
        """Whether its pods have the value that a Secret got at a time (RFC 3339).

        Times are whole seconds: a container that started in the same second may have the old value.
        """
        if self.started == ():
            return PickUp.NOT_RUNNING
        if self.started is None:  # pods are younger than their consumer
            return PickUp.PICKED_UP if is_later(self.created, since) else PickUp.UNKNOWN
        later = all(is_later(start, since) for start in self.started)
        return PickUp.PICKED_UP if later else PickUp.OLD


@dataclass(frozen=True, slots=True)
class PickUps:
    """The consumers that hold a key, by whether they have picked up a rotation; each once."""

    picked_up: tuple[ObjectRef, ...] = ()
    old: tuple[ObjectRef, ...] = ()
    unknown: tuple[ObjectRef, ...] = ()

    @property
    def all_checked(self) -> bool:
        """Whether at least one can be checked, and all that can be checked have the new key."""
        return bool(self.picked_up) and not self.old


@dataclass(frozen=True, slots=True)
class Traced:
    """The roots that a report shows, and their rows.

    Attributes:
        roots: also those without any consumer; sorted.
    """

    roots: tuple[ObjectRef, ...] = ()
    rows: tuple[Affected, ...] = ()

    @classmethod
    def of(cls, roots: Iterable[ObjectRef], rows: Iterable[Affected]) -> Traced:
        chosen = frozenset(roots)
        return cls(tuple(sorted(chosen)), tuple(row for row in rows if row.root in chosen))


def pick_ups(affected: Iterable[Affected], secret: ObjectRef, key: str, since: str) -> PickUps:
    """Who has the value that a key of a Secret got at a time. A consumer that does not run needs nothing."""
    states: dict[ObjectRef, PickUp] = {
        row.consumer: row.pick_up(since) for row in affected if row.holds_rotated(secret, key)
    }

    def those(*chosen: PickUp) -> tuple[ObjectRef, ...]:
        return tuple(sorted(ref for ref, state in states.items() if state in chosen))

    return PickUps(
        those(PickUp.PICKED_UP, PickUp.NOT_RUNNING), those(PickUp.OLD), those(PickUp.UNKNOWN)
    )


def is_later(time: str, since: str, by: timedelta = timedelta()) -> bool:
    """Whether a time is known to be later than another one, and by more than this."""
    try:
        return datetime.fromisoformat(time) - datetime.fromisoformat(since) > by
    except (ValueError, TypeError):
        return False
