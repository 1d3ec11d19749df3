"""The steps, in order, and nothing else: read this first.

Every verb walks the same list and skips what it has no use for. A step takes one value, the environment on its way
(`reconciliation.py`), and returns it with its own part filled in (`steps.py`). Environments run side by side; one that
fails does not stop another.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from reconciler import steps
from reconciler.doors import Doors, Options
from reconciler.errors import Bug, ReconcilerError
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Run, RunError
from reconciler.model.verbs import Verb
from reconciler.reconciliation import Reconciliation
from reconciler.stages.load.findings import UnusableEnvironment
from reconciler.stages.rivals import rivals
from reconciler.stages.verdict import with_verdict

_AT_ONCE = 8  # environments side by side; each has connections of its own


def always(_: Verb, __: Reconciliation) -> bool:
    """Of every verb."""
    return True


def connects(verb: Verb, state: Reconciliation) -> bool:
    """The verb reads a cluster, and every object of git could be read."""
    return verb.reads_cluster and not state.unreadable


def compares(verb: Verb, state: Reconciliation) -> bool:
    """The verb compares git with a cluster, and git is valid."""
    return verb.reads_cluster and not state.invalid


def makes_key(verb: Verb, state: Reconciliation) -> bool:
    """The verb makes a missing fingerprint key."""
    return verb.makes_key and not state.invalid


def writes(verb: Verb, state: Reconciliation) -> bool:
    """The verb writes anything: objects, or the record."""
    return verb.writes and not state.invalid


def writes_objects(verb: Verb, state: Reconciliation) -> bool:
    """The verb writes objects."""
    return verb.writes_objects and not state.invalid


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the pipeline.

    Attributes:
        when: whether there is anything to do for a verb.
        after_error: it runs even where an earlier step failed, so that no write is forgotten.
    """

    run: Callable[[Doors, Options, Reconciliation], Reconciliation]
    when: Callable[[Verb, Reconciliation], bool] = always
    after_error: bool = False


# Before these, every environment is loaded and rendered, and the environments are compared with each other.
STEPS = (
    Step(steps.judge_sources),
    Step(steps.connect, connects),
    Step(steps.identify, connects),
    Step(steps.recall, connects),
    Step(steps.read_crds, connects),
    Step(steps.check),
    Step(steps.read_secrets, compares),
    Step(steps.observe, compares),
    Step(steps.make_key, makes_key),
    Step(steps.plan, compares),
    Step(steps.announce, writes),
    Step(steps.apply, writes_objects),
    Step(steps.advance, writes),
    Step(steps.remember, writes, after_error=True),
)


def run(
    names: tuple[str, ...], doors: Doors, options: Options, sequence: tuple[Step, ...] = STEPS
) -> Run:
    """One verb over several environments."""
    started = doors.now()
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        rendered = compared(tuple(pool.map(partial(read, doors, options), names)))
        carry = partial(carried_out, doors, options, sequence)
        environments = tuple(pool.map(carry, rendered))
    return _report(doors, options, started, doors.repository.revision, environments)


def run_plain(state: Reconciliation, doors: Doors, options: Options) -> Run:
    """`validate` of plain manifests, which `steps.load_plain` has read."""
    started = doors.now()
    environment = carried_out(doors, options, STEPS, state)
    return _report(doors, options, started, Revision(), (environment,))


def definitions(doors: Doors, options: Options, name: str) -> Reconciliation | EnvironmentRun:
    """What git describes, judged offline: load, render, check."""
    state = read(doors, options, name)
    if isinstance(state, EnvironmentRun):
        return state
    return _attempt(Step(steps.check), doors, options, state)


def read(doors: Doors, options: Options, name: str) -> Reconciliation | EnvironmentRun:
    """Load and render one environment; what stops it is its own result."""
    try:
        return steps.render(doors, options, steps.load(doors, name))
    except UnusableEnvironment as error:
        return EnvironmentRun(name, error.exit_code, findings=error.findings)
    except Exception as error:  # noqa: BLE001 -- a bug at one environment stops no other
        failure = _run_error(error)
        return EnvironmentRun(name, failure.exit_code, error=failure)


def compared(
    environments: tuple[Reconciliation | EnvironmentRun, ...],
) -> tuple[Reconciliation | EnvironmentRun, ...]:
    """With the findings that only show when environments are compared with each other."""
    rendered = [state for state in environments if isinstance(state, Reconciliation)]
    findings = rivals((state.environment, state.manifests) for state in rendered)
    return tuple(
        replace(state, findings=(*state.findings, *findings.get(state.name, ())))
        if isinstance(state, Reconciliation)
        else state
        for state in environments
    )


def carried_out(
    doors: Doors,
    options: Options,
    sequence: tuple[Step, ...],
    state: Reconciliation | EnvironmentRun,
) -> EnvironmentRun:
    """The steps of one environment, and the verdict on them."""
    if isinstance(state, EnvironmentRun):
        return state
    for step in sequence:
        if step.when(options.verb, state) and (step.after_error or not state.error):
            state = _attempt(step, doors, options, state)
    try:
        fail_on = state.environment.policy.fail_on
        return with_verdict(options.verb, fail_on, state.summary(), options.severity)
    except Exception as error:  # noqa: BLE001 -- a bug here must not lose what was written
        failure = state.error or _run_error(error)
        return EnvironmentRun(state.name, failure.exit_code, outcomes=state.outcomes, error=failure)


def _attempt(step: Step, doors: Doors, options: Options, state: Reconciliation) -> Reconciliation:
    """The value after a step; where it fails, the value before it, with the error."""
    try:
        return step.run(doors, options, state)
    except Exception as error:  # noqa: BLE001 -- whatever goes wrong, what was done before is reported
        return replace(state, error=state.error or _run_error(error))


def _run_error(error: Exception) -> RunError:
    return RunError.of(error if isinstance(error, ReconcilerError) else Bug.of(error))


def _report(
    doors: Doors,
    options: Options,
    started: str,
    revision: Revision,
    environments: tuple[EnvironmentRun, ...],
) -> Run:
    return Run(
        verb=options.verb,
        version=doors.version,
        revision=revision,
        environments=environments,
        started=started,
        finished=doors.now(),
        differences=options.differences,
    )
