"""The verbs: what each command that runs the pipeline does, as values.

Steps, verdicts and reports read the attributes of a verb and do not compare names, so a new verb is a new value here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

from reconciler.errors import ExitCode
from reconciler.frozen import dataclass
from reconciler.model.environment import FailOn


class Flow(StrEnum):
    """The question that a report answers, on which its words and emphasis depend."""

    CHECK = "check"  # are the definitions valid?
    REVIEW = "review"  # what would a merge change?
    CHANGE = "change"  # what did apply do?
    WATCH = "watch"  # who changed something outside of git?
    IMPACT = "impact"  # who uses which provider and Secret?
    STAMP = "stamp"  # whose operators were told of a rotated key?


class Stamps(StrEnum):
    """Whether a verb stamps providers with a rotated key."""

    NEVER = "never"
    BY_POLICY = "by-policy"  # if `policy.onRotation` is stamp
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Verb:
    """What a command does.

    Attributes:
        reads_cluster: it reads the record, the CRDs, the Secrets and the live objects.
        needs_fingerprints: it reports rotations, so a missing fingerprint key becomes a note.
        reads_consumers: it lists the consumers of the objects.
        reads_pods: it lists the pods of consumers whose key was rotated; without `compares_objects`, of all of them.
        makes_key: it creates a missing fingerprint key.
        takes_lock: it locks the environment against other runs that write.
        compares_objects: it compares the live objects with git.
        seals_plan: it seals its plan, so that an apply can be held to it.
        follows_plan: it does what a sealed plan says, or nothing.
        writes_objects: it applies objects.
        writes_record: it writes the record.
        waits: it waits until what it has applied is ready.
        stamps: it stamps providers with a rotated key: always, or as `policy.onRotation` says.
        fails_on_differences: it ends with exit code 1 if apply would change anything.
        fails_on: the values of `policy.failOn` that can fail it.
        fails_always: those of them that fail it whatever the policy says.
        failure_code: the exit code for those.
        refusal_code: the exit code if the cluster would refuse an object.
        dry_run: it is the dry run of a verb that writes.
    """

    name: str
    flow: Flow
    reads_cluster: bool = True
    needs_fingerprints: bool = True
    reads_consumers: bool = True
    reads_pods: bool = False
    makes_key: bool = False
    takes_lock: bool = False
    compares_objects: bool = True
    seals_plan: bool = False
    follows_plan: bool = False
    writes_objects: bool = False
    writes_record: bool = False
    waits: bool = False
    stamps: Stamps = Stamps.NEVER
    fails_on_differences: bool = False
    fails_on: frozenset[FailOn] = frozenset()
    fails_always: frozenset[FailOn] = frozenset()
    failure_code: ExitCode = ExitCode.DIFFERENCES
    refusal_code: ExitCode = ExitCode.INVALID
    dry_run: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def is_about_apply(self) -> bool:
        """Whether it applies objects or says what an apply would do."""
        return self.flow in (Flow.REVIEW, Flow.CHANGE)

    @property
    def writes(self) -> bool:
        """Whether it writes objects or the record."""
        return self.writes_objects or self.writes_record

    @property
    def sends_writes(self) -> bool:
        """Whether it may send any write, so that a signal must not cut it off: stamps as well."""
        return not self.dry_run and (self.writes or self.stamps is not Stamps.NEVER)

    def as_dry_run(self) -> Verb:
        """The verb without any write: `--dry-run`."""
        return replace(
            self,
            makes_key=False,
            takes_lock=False,
            writes_objects=False,
            writes_record=False,
            waits=False,
            fails_always=frozenset(),
            dry_run=True,
        )

    def without_consumers(self) -> Verb:
        """The verb with a snapshot, which has none: `--against`."""
        return replace(self, reads_consumers=False)

    def following_plan(self) -> Verb:
        """The verb held to a plan that was reviewed: `--plan`."""
        return replace(self, follows_plan=True)

    def waiting(self) -> Verb:
        """The verb that waits until what it has applied is ready: `--wait`."""
        return replace(self, waits=True, fails_always=frozenset({FailOn.NOT_READY}))

    def recording(self) -> Verb:
        """The verb that also writes the record: `--record`."""
        return replace(self, writes_record=True)


VALIDATE = Verb(
    "validate", Flow.CHECK, reads_cluster=False, needs_fingerprints=False, reads_consumers=False
)
DIFF = Verb(
    "diff",
    Flow.REVIEW,
    needs_fingerprints=False,
    seals_plan=True,
    fails_on_differences=True,
    fails_on=frozenset({FailOn.MISSING_SECRET, FailOn.EXTRA_FIELDS}),
)
APPLY = Verb(
    "apply",
    Flow.CHANGE,
    makes_key=True,
    takes_lock=True,
    writes_objects=True,
    writes_record=True,
    stamps=Stamps.BY_POLICY,
    # What apply cannot correct.
    fails_on=frozenset({FailOn.MISSING_SECRET, FailOn.NOT_READY, FailOn.EXTRA_FIELDS, FailOn.HELD}),
    failure_code=ExitCode.PARTIAL,
    refusal_code=ExitCode.PARTIAL,
)
# Changes in git that are not applied yet do not fail it.
DRIFT = Verb("drift", Flow.WATCH, reads_pods=True, fails_on=frozenset(FailOn))
# It touches nothing but one annotation, so it does not depend on what apply would change.
STAMP = Verb(
    "stamp", Flow.STAMP, reads_consumers=False, compares_objects=False, stamps=Stamps.ALWAYS
)
IMPACT = Verb(
    "impact", Flow.IMPACT, needs_fingerprints=False, reads_pods=True, compares_objects=False
)

VERBS: Mapping[str, Verb] = MappingProxyType(
    {verb.name: verb for verb in (VALIDATE, DIFF, APPLY, DRIFT, STAMP, IMPACT)}
)
