"""A run as metrics: families of samples, for a format to write down.

No label holds text that others wrote freely (messages, values, field paths): labels are the names of environments,
objects and Secrets, and words of this program. The series about single objects and Secret keys are limited in number;
those that need attention come first, and the rest are counted. The numbers per environment are always complete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from datetime import UTC, datetime
from typing import Final

from reconciler.errors import ExitCode
from reconciler.frozen import dataclass
from reconciler.model.change import PENDING, Change, Result, State
from reconciler.model.difference import Why
from reconciler.model.finding import Severity
from reconciler.model.readiness import ReadyState
from reconciler.model.rotation import SecretRow
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.secret import SecretState
from reconciler.model.verbs import Flow

PREFIX: Final = "provider_reconciler_"
LARGEST: Final = (
    5_000  # objects, and as many Secret keys, with series of their own in one environment
)

Labels = tuple[tuple[str, str], ...]
Samples = Iterable[tuple[Labels, float]]

_QUIET: Final = PENDING | {State.UNCHANGED}
_READY: Final = {ReadyState.READY: 1, ReadyState.NOT_READY: 0}


@dataclass(frozen=True, slots=True)
class Metric:
    """A gauge of an environment.

    Attributes:
        name: without the prefix; a unit is its last word.
        samples: the values in a run; the labels `command` and `environment` are added.
        unit: "" for a number without one.
    """

    name: str
    help: str
    samples: Callable[[Run, EnvironmentRun], Samples] = field(repr=False)
    unit: str = ""

    @property
    def full_name(self) -> str:
        return PREFIX + self.name


@dataclass(frozen=True, slots=True)
class Family:
    """A metric with its samples in a run."""

    metric: Metric
    samples: tuple[tuple[Labels, float], ...]


def families(run: Run) -> Iterator[Family]:
    """The metrics that have a value in the run."""
    for metric in METRICS:
        samples = tuple(
            ((("command", run.verb.name), ("environment", environment.name), *labels), value)
            for environment in run.environments
            for labels, value in metric.samples(run, environment)
        )
        if samples:
            yield Family(metric, samples)


def _timestamp(time: str) -> Samples:
    """The time in seconds since 1970; nothing for no time, or one that no clock has."""
    try:
        moment = datetime.fromisoformat(time)
        yield (), (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return


def _did_its_work(environment: EnvironmentRun) -> bool:
    return environment.exit_code in (ExitCode.OK, ExitCode.DIFFERENCES)


def _success(run: Run, environment: EnvironmentRun) -> Samples:
    return _timestamp(run.finished) if _did_its_work(environment) else ()


def _duration(run: Run, _: EnvironmentRun) -> Samples:
    return () if run.seconds is None else [((), run.seconds)]


def _applied(_: Run, environment: EnvironmentRun) -> Samples:
    return _timestamp(environment.record.applied) if environment.record else ()


def _in_sync(run: Run, environment: EnvironmentRun) -> Samples:
    """Whether the environment is in sync: only a complete watch of the whole environment knows."""
    if run.verb.flow is not Flow.WATCH or environment.only or not _did_its_work(environment):
        return ()
    in_sync = environment.exit_code is ExitCode.OK and not environment.not_in_sync
    return [((), float(in_sync))]


def _objects(run: Run, environment: EnvironmentRun) -> Samples:
    if not run.verb.compares_objects or not run.verb.reads_cluster or environment.error:
        return ()
    numbers = Counter(change.state for change in environment.changes)
    return [((("state", state.value),), numbers[state]) for state in State]


def _results(run: Run, environment: EnvironmentRun) -> Samples:
    if not run.verb.writes_objects:
        return ()
    numbers = Counter(outcome.result for outcome in environment.outcomes)
    return [((("result", result.value),), numbers[result]) for result in Result]


def _findings(_: Run, environment: EnvironmentRun) -> Samples:
    numbers = Counter(finding.severity for finding in environment.findings)
    return [((("severity", each.value),), numbers[each]) for each in Severity]


def _left_out(_: Run, environment: EnvironmentRun) -> Samples:
    sizes = {"object": len(environment.changes), "Secret key": len(_by_key(environment))}
    return [((("subject", each),), max(0, size - LARGEST)) for each, size in sizes.items()]


def _drifted(change: Change) -> int:
    return sum(difference.why in (Why.DRIFT, Why.CONFLICT) for difference in change.differences)


def _weight(change: Change) -> tuple[bool, int]:
    """What needs attention first."""
    unready = change.readiness is not None and change.readiness.state is ReadyState.NOT_READY
    return (
        change.state in _QUIET and not unready,
        -_drifted(change) - len(change.foreign),
    )


def _of_objects(value: Callable[[Change], Samples]) -> Callable[[Run, EnvironmentRun], Samples]:
    """One metric of each object."""

    def samples(_: Run, environment: EnvironmentRun) -> Samples:
        for change in sorted(environment.changes, key=_weight)[:LARGEST]:
            ref = change.ref
            labels = (
                *(("group", ref.group), ("kind", ref.kind)),
                *(("namespace", ref.namespace), ("name", ref.name)),
            )
            yield from (((*labels, *more), number) for more, number in value(change))

    return samples


def _ready(change: Change) -> Samples:
    state = change.readiness.state if change.readiness else ReadyState.NOT_JUDGED
    return [((), _READY[state])] if state in _READY else ()


def _by_key(environment: EnvironmentRun) -> dict[Labels, list[SecretRow]]:
    """The references of each Secret key; those that need attention first."""
    keys: dict[Labels, list[SecretRow]] = {}
    for row in sorted(environment.secrets, key=lambda row: not (row.wrong or row.open)):
        reference = row.reference
        labels = (
            ("namespace", reference.namespace),
            ("secret", reference.name),
            ("key", row.reading.key or "/".join(reference.keys)),
        )
        keys.setdefault(labels, []).append(row)
    return keys


def _of_keys(value: Callable[[list[SecretRow]], Samples]) -> Callable[..., Samples]:
    """One metric of each Secret key."""

    def samples(_: Run, environment: EnvironmentRun) -> Samples:
        for labels, rows in list(_by_key(environment).items())[:LARGEST]:
            yield from (((*labels, *more), number) for more, number in value(rows))

    return samples


def _secret_state(rows: list[SecretRow]) -> Samples:
    """A key may have another state for each reference, since each needs another format."""
    states = {row.reading.state for row in rows}
    return [((("state", state.value),), 1) for state in SecretState if state in states]


def _rotation(rows: list[SecretRow]) -> Samples:
    since = (row.rotated_at for row in rows if row.open)
    for time in since:
        if sample := tuple(_timestamp(time)):
            return sample
    return ()


def _expires(rows: list[SecretRow]) -> Samples:
    times = (tuple(_timestamp(row.reading.expires)) for row in rows)
    return next(filter(None, times), ())


METRICS: Final = (
    Metric("run_exit_code", "The exit code of the last run.",
        lambda _, environment: [((), int(environment.exit_code))]),
    Metric("run_timestamp_seconds", "When the last run ended, in seconds since 1970.",
        lambda run, _: _timestamp(run.finished), "seconds"),
    Metric("run_success_timestamp_seconds", "When the last run with exit code 0 or 1 ended, in seconds since 1970.",
        _success, "seconds"),
    Metric("run_duration_seconds", "How long the last run took, with all its environments.",
        _duration, "seconds"),
    Metric("run_requests", "The number of requests that the last run sent to the API server.",
        lambda _, environment: () if environment.requests is None else [((), environment.requests)]),
    Metric("last_apply_timestamp_seconds", "When the last apply of every object ended, according to the record.",
        _applied, "seconds"),
    Metric("in_sync", "1 if the environment is in sync, 0 if it is not.", _in_sync),
    Metric("objects", "The number of objects by state.", _objects),
    Metric("results", "The number of objects by what apply did with them.", _results),
    Metric("findings", "The number of findings on the sources by severity.", _findings),
    Metric("live_findings", "The number of live values that the policy forbids.",
        lambda _, environment: [((), len(environment.live_findings))]),
    Metric("unmanaged_objects", "The number of objects that are neither in git nor ours.",
        lambda _, environment: [((), len(environment.unmanaged))]),
    Metric("unchecked", "The number of things that the run should have looked at and could not.",
        lambda _, environment: [((), len(environment.unchecked))]),
    Metric("not_exported", "The number of objects and Secret keys without series of their own, if there are too many.",
        _left_out),
    Metric("object_state", "The state of an object: 1 for the state that it has.",
        _of_objects(lambda change: [((("state", change.state.value),), 1)])),
    Metric("object_drift_fields", "The number of fields of an object that someone else changed.",
        _of_objects(lambda change: [((), _drifted(change))])),
    Metric("object_extra_fields", "The number of fields that others added to an object.",
        _of_objects(lambda change: [((), len(change.foreign))])),
    Metric("object_ready", "1 if the operator of an object says that it is ready, 0 if not.",
        _of_objects(_ready)),
    Metric("secret_state", "The state of a Secret key: 1 for the state that it has. Open rotations have a metric.",
        _of_keys(_secret_state)),
    Metric("secret_wrong", "1 if a provider does not find the value that it needs in a Secret key, else 0.",
        _of_keys(lambda rows: [((), float(any(row.wrong for row in rows)))])),
    Metric("secret_rotation_open_timestamp_seconds", "Since when a rotation of a Secret key is open.",
        _of_keys(_rotation), "seconds"),
    Metric("secret_expires_timestamp_seconds", "When the first certificate in a Secret key expires.",
        _of_keys(_expires), "seconds"),
)  # fmt: skip
