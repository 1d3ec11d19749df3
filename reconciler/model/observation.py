"""What a run read from the cluster, for the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.errors import Cause, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.model.difference import IgnoredField
from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.resolution import ExternalSecret
from reconciler.model.secret import SecretReading, SecretReference, SecretState
from reconciler.model.unchecked import Unchecked

if TYPE_CHECKING:
    from reconciler.model.impact import ConsumerRead


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the server refused to return or to accept an object."""

    reason: RefusalReason
    message: str
    causes: tuple[Cause, ...] = ()
    hint: str = ""

    @classmethod
    def of(cls, refused: Refused) -> Refusal:
        return cls(refused.reason, refused.message, refused.causes, refused.hint)


@dataclass(frozen=True, slots=True)
class Observation:
    """An object of git with its live and its predicted state.

    Attributes:
        sent: the body of its server-side apply, without preconditions and without ignored fields.
        live: the live object, None if it does not exist.
        predicted: what the server would store; None if it would refuse.
        conflicts: the conflicts of an apply without force; `predicted` is then the result with force.
        refusal: why there is no prediction.
        offline: `semantics` computed `predicted`, because the user may not send a dry run.
        warnings: of the server, or what `semantics` could not decide.
        adopted_from: the field managers whose fields become ours before the apply; `conflicts` are those with others.
        adoption: the merge patch that moves these fields, without its resourceVersion.
        ignored: what rules of `policy.ignore` match.
    """

    manifest: Manifest
    sent: Document
    live: Document | None
    predicted: Document | None = None
    conflicts: tuple[Cause, ...] = ()
    refusal: Refusal | None = None
    offline: bool = False
    warnings: tuple[str, ...] = ()
    adopted_from: tuple[str, ...] = ()
    adoption: Document | None = None
    ignored: tuple[IgnoredField, ...] = ()

    @property
    def left_alone(self) -> tuple[IgnoredField, ...]:
        """The fields that are ignored."""
        return tuple(field for field in self.ignored if not field.withheld)


@dataclass(frozen=True, slots=True)
class Orphan:
    """An object that is not in git: one of ours that was, or one that never was ours."""

    ref: ObjectRef
    live: Document


@dataclass(frozen=True, slots=True)
class ResolvedSecret:
    """A Secret reference, and what it resolves to.

    Attributes:
        readers: the consumers of one kind that resolve the reference like this; () if the operator does.
    """

    owner: ObjectRef
    reference: SecretReference
    reading: SecretReading
    readers: tuple[ObjectRef, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretsRead:
    """What references resolve to.

    Attributes:
        resolved: the references of the manifests, by owner.
        consumed: the keys that consumers read.
        external: the ExternalSecrets that write these Secrets.
        unchecked: those that may not be read.
    """

    resolved: tuple[ResolvedSecret, ...] = ()
    consumed: tuple[tuple[ConsumerRead, SecretReading], ...] = ()
    external: tuple[ExternalSecret, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()

    def without_fingerprints(self) -> SecretsRead:
        """The same as it is read without a fingerprint key."""
        resolved = (replace(row, reading=_without(row.reading)) for row in self.resolved)
        consumed = ((read, _without(reading)) for read, reading in self.consumed)
        return replace(self, resolved=tuple(resolved), consumed=tuple(consumed))


@dataclass(frozen=True, slots=True)
class Observed:
    """What a run read for one environment.

    Attributes:
        gone: recorded objects that are neither in git nor, as objects of ours, in the cluster.
        unseen: a LIST was refused, or lacks an object that cannot be read.
        unmanaged: objects of the same kinds and namespaces that are neither in git nor in a set of this program.
        unchecked: the kinds and namespaces that may not be listed.
        notes: what else could not be checked, and why.
    """

    objects: tuple[Observation, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    gone: frozenset[ObjectRef] = frozenset()
    unseen: bool = False
    unmanaged: tuple[Orphan, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    notes: tuple[str, ...] = ()


def _without(reading: SecretReading) -> SecretReading:
    if reading.fingerprint is None:
        return reading
    return replace(reading, state=SecretState.UNAVAILABLE, fingerprint=None)
