"""What a run saw of the cluster, before anyone judges it."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.errors import Cause, RefusalReason
from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.secret import SecretReading, SecretReference


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an object could not be observed, or would be refused."""

    reason: RefusalReason
    message: str
    causes: tuple[Cause, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One object of git, against the cluster.

    Attributes:
        sent: what a server-side apply of it sends, without preconditions.
        live: as the LIST showed it, None when it is not there.
        predicted: what the server would store; None when it would refuse.
        conflicts: causes of the refusal without force; `predicted` is then the forced answer.
        offline: `predicted` was computed here, because the server may not be asked.
        warnings: what the server said beside its answer, or what could not be decided here.
    """

    manifest: Manifest
    sent: Document
    live: Document | None
    predicted: Document | None = None
    conflicts: tuple[Cause, ...] = ()
    refusal: Refusal | None = None
    offline: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Orphan:
    """An object of ours that git does not have any more."""

    ref: ObjectRef
    live: Document


@dataclass(frozen=True, slots=True)
class ResolvedSecret:
    """One reference and what it resolved to."""

    owner: ObjectRef
    reference: SecretReference
    reading: SecretReading


@dataclass(frozen=True, slots=True)
class Observed:
    """All of one environment."""

    objects: tuple[Observation, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    gone: frozenset[ObjectRef] = frozenset()  # of the record, in neither git nor the cluster
    unseen: bool = False  # a place that was to be listed could not be
    notes: tuple[str, ...] = ()
