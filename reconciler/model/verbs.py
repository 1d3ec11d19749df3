"""The verbs: what each command that runs the pipeline does, as values.

A step of the pipeline, a verdict or a report asks the verb; nobody compares names. A new verb is a new row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from reconciler.errors import ExitCode
from reconciler.model.environment import FailOn


class Flow(StrEnum):
    """What a report is read for; its words and its emphasis follow from that."""

    CHECK = "check"  # are the definitions valid?
    REVIEW = "review"  # what would a merge change?
    CHANGE = "change"  # what did apply do?
    WATCH = "watch"  # who changed something outside of git?


@dataclass(frozen=True, slots=True)
class Verb:
    """What one command does.

    Attributes:
        reads_cluster: it connects, and reads the record, the CRDs, the Secrets and the live objects.
        needs_fingerprints: it is about rotations, so a missing fingerprint key is worth a note.
        makes_key: it creates the fingerprint key where there is none.
        writes_objects: it applies.
        writes_record: it leaves a record for the next run.
        fails_on_differences: what apply would change is exit code 1.
        fails_on: the words of `policy.failOn` that can fail it.
        failure_code: the exit code for those.
        refusal_code: the exit code where the cluster would refuse an object.
        dry_run: a rehearsal of a verb that writes.
    """

    name: str
    flow: Flow
    reads_cluster: bool = True
    needs_fingerprints: bool = True
    makes_key: bool = False
    writes_objects: bool = False
    writes_record: bool = False
    fails_on_differences: bool = False
    fails_on: frozenset[FailOn] = frozenset()
    failure_code: ExitCode = ExitCode.DIFFERENCES
    refusal_code: ExitCode = ExitCode.INVALID
    dry_run: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def writes(self) -> bool:
        return self.writes_objects or self.writes_record

    def rehearsed(self) -> Verb:
        """The same without any write: `--dry-run`."""
        return replace(
            self, makes_key=False, writes_objects=False, writes_record=False, dry_run=True
        )

    def recording(self) -> Verb:
        """The same with a record: `--record`."""
        return replace(self, writes_record=True)


VALIDATE = Verb("validate", Flow.CHECK, reads_cluster=False, needs_fingerprints=False)
DIFF = Verb(
    "diff",
    Flow.REVIEW,
    needs_fingerprints=False,
    fails_on_differences=True,
    fails_on=frozenset({FailOn.MISSING_SECRET}),
)
APPLY = Verb(
    "apply",
    Flow.CHANGE,
    makes_key=True,
    writes_objects=True,
    writes_record=True,
    # What applying cannot mend.
    fails_on=frozenset({FailOn.MISSING_SECRET, FailOn.NOT_READY}),
    failure_code=ExitCode.PARTIAL,
    refusal_code=ExitCode.PARTIAL,
)
# Changes that wait in git never fail a watch.
DRIFT = Verb("drift", Flow.WATCH, fails_on=frozenset(FailOn))

VERBS: Mapping[str, Verb] = MappingProxyType(
    {verb.name: verb for verb in (VALIDATE, DIFF, APPLY, DRIFT)}
)
