"""The order of the steps. Read this module first.

Every verb that reads a cluster runs the same list of steps and skips those that it does not need. A step (`steps/`)
takes the state of one environment (`reconciliation.py`) and returns it with its result added. Environments run in
parallel; an error in one does not stop the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from reconciler.dependencies import Dependencies, Options
from reconciler.errors import reported
from reconciler.frozen import dataclass
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Run, RunError
from reconciler.model.verbs import Flow, Verb
from reconciler.reconciliation import Reconciliation
from reconciler.stages.verdict import with_verdict
from reconciler.steps import conditions, sources

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

_PARALLEL = 8  # environments at a time; each has its own connections


@dataclass(frozen=True, slots=True)
class Step:
    """A step and when it runs.

    Attributes:
        when: whether a verb needs the step.
        after_error: the step runs even if an earlier step failed: the record has every write, and the lock is released.
    """

    run: Callable[[Dependencies, Options, Reconciliation], Reconciliation]
    when: Callable[[Verb, Reconciliation], bool] = conditions.always
    after_error: bool = False


WITHOUT_CLUSTER = (Step(sources.validate),)


def phases_of(verb: Verb) -> tuple[tuple[Step, ...], ...]:
    """The steps of a verb, once all environments are rendered; one that writes objects validates them all first."""
    if not verb.reads_cluster:
        return (WITHOUT_CLUSTER,)
    return (_judge(), _reconcile()) if verb.writes_objects else ((*_judge(), *_reconcile()),)


def _judge() -> tuple[Step, ...]:
    """Connect, and validate by the CRDs of the cluster."""
    # Late: their stages load as long as a file is validated.
    from reconciler.steps import cluster, record

    return (
        Step(sources.validate_sources),
        Step(sources.compare_with_commit, conditions.proposes_apply),
        Step(cluster.connect, conditions.connects),
        Step(cluster.identify, conditions.connects),
        Step(record.read_record, conditions.connects),
        Step(cluster.read_crds, conditions.connects),
        Step(sources.validate),
    )


def _reconcile() -> tuple[Step, ...]:
    """Lock, compare, apply, and write the record."""
    from reconciler.steps import (
        cluster,
        impact,
        locking,
        promotion,
        pruning,
        readiness,
        record,
        review,
        secrets,
    )

    return (
        Step(promotion.check, conditions.promotes),
        Step(locking.lock, conditions.locks),
        Step(record.read_record, conditions.locks),  # again, now that no other run writes it
        Step(promotion.refuse_rollback, conditions.replaces_revision),
        Step(impact.list_consumers, conditions.reads_consumers),
        Step(secrets.read_secrets, conditions.compares),
        Step(cluster.observe, conditions.compares_objects),
        Step(review.compare, conditions.follows_plan),  # before anything but the lock is written
        Step(secrets.make_key, conditions.makes_key),
        Step(secrets.compare_secrets, conditions.compares),
        Step(cluster.plan, conditions.compares_objects),
        Step(pruning.choose_deletions, conditions.compares_objects),
        Step(review.seal, conditions.seals_plan),
        Step(impact.trace_reported, conditions.traces_reported),
        Step(impact.list_unmanaged, conditions.traces_addresses),
        Step(impact.trace_addresses, conditions.traces_addresses),
        Step(record.announce, conditions.writes),
        Step(cluster.apply, conditions.writes_objects),
        Step(pruning.prune, conditions.writes_objects),
        Step(secrets.stamp, conditions.stamps),
        Step(record.advance, conditions.writes),
        Step(record.write_record, conditions.writes, after_error=True),
        Step(readiness.wait, conditions.waits),
        Step(locking.unlock, conditions.locks, after_error=True),
    )


def steps_of(verb: Verb) -> tuple[Step, ...]:
    """The steps of all phases."""
    return tuple(step for phase in phases_of(verb) for step in phase)


def run(
    names: tuple[str, ...],
    deps: Dependencies,
    options: Options,
    sequence: tuple[Step, ...] | None = None,
) -> Run:
    """Run one verb over several environments: its phases, unless a test names other steps."""
    from concurrent.futures import ThreadPoolExecutor  # files need no threads

    started = deps.now()
    options = replace(options, environments=tuple(filter(options.shard.owns, names)))
    *first, last = (sequence,) if sequence else phases_of(options.verb)
    with ThreadPoolExecutor(max_workers=_PARALLEL) as pool:
        near = sources.near(deps, options, names)
        rendered = sources.with_overlaps(tuple(pool.map(partial(render, deps, options), near)))
        rendered = sources.with_unrendered(deps, options, rendered)
        states = tuple(state for state in rendered if options.shard.owns(state.name))
        for phase in first:
            states = tuple(pool.map(partial(judged, deps, options, phase), states))
        if options.verb.sends_writes:
            deps.stop.hold()
        environments = in_order(pool, states, partial(finish, deps, options, last), options.verb)
    if options.verb.flow is Flow.REVIEW:
        from reconciler.steps.promotion import foresee  # late, as in `_judge`

        environments = foresee(states, environments)
    return _report(deps, options, started, deps.repository.revision, environments)


def in_order(
    pool: ThreadPoolExecutor,
    states: tuple[Reconciliation | EnvironmentRun, ...],
    end: Callable[[Reconciliation | EnvironmentRun, tuple[EnvironmentRun, ...]], EnvironmentRun],
    verb: Verb,
) -> tuple[EnvironmentRun, ...]:
    """Finish every environment. An apply follows the order of `after`, and passes the reports of earlier ones on."""

    def earlier(state: Reconciliation | EnvironmentRun) -> frozenset[str]:
        if verb.flow is not Flow.CHANGE or isinstance(state, EnvironmentRun):
            return frozenset()
        return state.environment.earlier

    def ended(
        state: Reconciliation | EnvironmentRun, before: list[Future[EnvironmentRun]]
    ) -> EnvironmentRun:
        return end(state, tuple(future.result() for future in before))

    futures: dict[str, Future[EnvironmentRun]] = {}
    # An earlier environment has fewer before it, so it is submitted first, and no thread waits forever.
    for state in sorted(states, key=lambda state: len(earlier(state))):
        before = [futures[name] for name in sorted(earlier(state)) if name in futures]
        futures[state.name] = pool.submit(ended, state, before)
    return tuple(futures[state.name].result() for state in states)


def run_plain(state: Reconciliation, deps: Dependencies, options: Options) -> Run:
    """Validate plain manifests, which `sources.load_plain` has read."""
    started = deps.now()
    environment = finish(deps, options, steps_of(options.verb), state)
    return _report(deps, options, started, Revision(), (environment,))


def validated(deps: Dependencies, options: Options, name: str) -> Reconciliation | EnvironmentRun:
    """Load, render and validate one environment, without a cluster; its report if it cannot be rendered."""
    state = render(deps, options, name)
    if isinstance(state, EnvironmentRun):
        return state
    return _attempt(Step(sources.validate), deps, options, state)


def render(deps: Dependencies, options: Options, name: str) -> Reconciliation | EnvironmentRun:
    """Load and render one environment; its report if that fails."""
    from reconciler.stages.load.findings import UnusableEnvironment  # files need no stage `load`

    try:
        return sources.render(deps, options, sources.load(deps, name))
    except UnusableEnvironment as error:
        return EnvironmentRun(name, error.exit_code, findings=error.findings)
    except Exception as error:  # noqa: BLE001 -- a bug in one environment stops no other
        failure = _run_error(error)
        return EnvironmentRun(name, failure.exit_code, error=failure)


def judged(
    deps: Dependencies,
    options: Options,
    phase: tuple[Step, ...],
    state: Reconciliation | EnvironmentRun,
) -> Reconciliation | EnvironmentRun:
    """An environment after one of the first phases; its report if it could not be rendered."""
    return state if isinstance(state, EnvironmentRun) else run_phase(deps, options, phase, state)


def run_phase(
    deps: Dependencies,
    options: Options,
    phase: tuple[Step, ...],
    state: Reconciliation,
) -> Reconciliation:
    """Run the steps of a phase. An environment that the trusted revision lacks is only validated."""
    for step in WITHOUT_CLUSTER if state.is_new else phase:
        if step.when(options.verb, state) and (step.after_error or not state.error):
            state = _attempt(step, deps, options, state)
    return state


def finish(
    deps: Dependencies,
    options: Options,
    phase: tuple[Step, ...],
    state: Reconciliation | EnvironmentRun,
    earlier: tuple[EnvironmentRun, ...] = (),
) -> EnvironmentRun:
    """Run the last steps of one environment, unless an earlier environment failed; returns its report."""
    if isinstance(state, EnvironmentRun):
        deps.progress(state.name, "")
        return state
    stop, reasons = (None, ()) if state.invalid else _stopped_by(earlier)
    if stop and options.verb.writes_objects:
        state = replace(state, error=state.error or stop)
    state = run_phase(deps, options, phase, state)
    if stop:
        state = replace(state, error=state.error or stop)
    deps.progress(state.name, "")
    try:
        fail_on = state.environment.policy.fail_on
        ended = with_verdict(options.verb, fail_on, state.summary(), options.severity)
        return replace(ended, exit_reasons=reasons) if stop and state.error is stop else ended
    except Exception as error:  # noqa: BLE001 -- a bug here must not lose what was written
        failure = state.error or _run_error(error)
        return EnvironmentRun(
            state.name,
            failure.exit_code,
            outcomes=state.outcomes,
            stamps=state.stamps,
            error=failure,
        )


def _stopped_by(
    earlier: tuple[EnvironmentRun, ...],
) -> tuple[RunError | None, tuple[str, ...]]:
    """The error that an earlier environment causes, and why nothing was applied; (None, ()) without one."""
    if not earlier:
        return None, ()
    from reconciler.stages.promotion import stopped_by  # most runs never need it

    return stopped_by(earlier)


def _attempt(
    step: Step, deps: Dependencies, options: Options, state: Reconciliation
) -> Reconciliation:
    """The state after a step. If the step fails, the state before it, with the first error."""
    try:
        return step.run(deps, options, state)
    except Exception as error:  # noqa: BLE001 -- the report must contain what earlier steps did
        return replace(state, error=state.error or _run_error(error))


def _run_error(error: Exception) -> RunError:
    return RunError.of(reported(error))


def _report(
    deps: Dependencies,
    options: Options,
    started: str,
    revision: Revision,
    environments: tuple[EnvironmentRun, ...],
) -> Run:
    return Run(
        verb=options.verb,
        version=deps.version,
        revision=revision,
        environments=environments,
        started=started,
        finished=deps.now(),
        differences=options.differences,
        invocation=options.repeated(deps.invocation).of(revision.commit),
    )
