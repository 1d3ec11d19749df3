"""The order of the steps. Read this module first.

Every verb that reads a cluster runs the same list of steps and skips those that it does not need. A step (`steps/`)
takes the state of one environment (`reconciliation.py`) and returns it with its result added. Environments run in
parallel; an error in one does not stop the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from reconciler.dependencies import Dependencies, Options
from reconciler.errors import Bug, ReconcilerError
from reconciler.model.environment import OnRotation
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Run, RunError
from reconciler.model.verbs import Flow, Stamps, Verb
from reconciler.reconciliation import Reconciliation
from reconciler.stages.overlaps import overlaps
from reconciler.stages.verdict import with_verdict
from reconciler.steps import sources

_PARALLEL = 8  # environments at a time; each has its own connections


def always(_: Verb, __: Reconciliation) -> bool:
    """Every verb that reads a cluster runs the step."""
    return True


def connects(_: Verb, state: Reconciliation) -> bool:
    """The sources can be read."""
    return not state.unreadable


def locks(verb: Verb, state: Reconciliation) -> bool:
    """The verb locks the environment, and the desired state is valid."""
    return verb.takes_lock and not state.invalid


def compares(_: Verb, state: Reconciliation) -> bool:
    """The desired state is valid."""
    return not state.invalid


def applies(verb: Verb, state: Reconciliation) -> bool:
    """The verb applies objects or says what an apply would do, and the sources can be read."""
    return verb.flow in (Flow.REVIEW, Flow.CHANGE) and connects(verb, state)


def compares_objects(verb: Verb, state: Reconciliation) -> bool:
    """The verb compares the live objects with git, and the desired state is valid."""
    return verb.compares_objects and compares(verb, state)


def stamps(verb: Verb, state: Reconciliation) -> bool:
    """The verb stamps providers with a rotated key, and the desired state is valid."""
    by_policy = state.environment.policy.on_rotation is OnRotation.STAMP
    chosen = verb.stamps is Stamps.ALWAYS or (verb.stamps is Stamps.BY_POLICY and by_policy)
    return chosen and not state.invalid


def reads_consumers(verb: Verb, state: Reconciliation) -> bool:
    """The verb names who is affected, and the desired state is valid."""
    return verb.reads_consumers and compares(verb, state)


def traces_reported(verb: Verb, state: Reconciliation) -> bool:
    """The verb names the consumers of what it reports, and the desired state is valid."""
    return reads_consumers(verb, state) and verb.compares_objects


def traces_addresses(verb: Verb, state: Reconciliation) -> bool:
    """The verb names the consumers of chosen objects, and the desired state is valid."""
    return reads_consumers(verb, state) and not verb.compares_objects


def seals_plan(verb: Verb, state: Reconciliation) -> bool:
    """The verb seals its plan, and the desired state is valid."""
    return verb.seals_plan and compares(verb, state)


def follows_plan(verb: Verb, state: Reconciliation) -> bool:
    """The verb is held to a plan that was reviewed, and the desired state is valid."""
    return verb.follows_plan and compares(verb, state)


def makes_key(verb: Verb, state: Reconciliation) -> bool:
    """The verb creates a missing fingerprint key, and the desired state is valid."""
    return verb.makes_key and compares(verb, state)


def writes(verb: Verb, state: Reconciliation) -> bool:
    """The verb writes objects or the record, and the desired state is valid."""
    return verb.writes and compares(verb, state)


def writes_objects(verb: Verb, state: Reconciliation) -> bool:
    """The verb writes objects, and the desired state is valid."""
    return verb.writes_objects and compares(verb, state)


@dataclass(frozen=True, slots=True)
class Step:
    """A step and when it runs.

    Attributes:
        when: whether a verb needs the step.
        after_error: the step runs even if an earlier step failed, so that the record has every write.
    """

    run: Callable[[Dependencies, Options, Reconciliation], Reconciliation]
    when: Callable[[Verb, Reconciliation], bool] = always
    after_error: bool = False


WITHOUT_CLUSTER = (Step(sources.validate),)


def steps_of(verb: Verb) -> tuple[Step, ...]:
    """The steps of a verb, once `run` has loaded and rendered all environments and compared them with each other."""
    if not verb.reads_cluster:
        return WITHOUT_CLUSTER
    # Late: to load the stages of a cluster takes as long as to validate a file.
    from reconciler.steps import cluster, impact, locking, pruning, review, secrets

    return (
        Step(sources.validate_sources),
        Step(sources.compare_with_commit, applies),
        Step(cluster.connect, connects),
        Step(cluster.identify, connects),
        Step(cluster.read_record, connects),
        Step(cluster.read_crds, connects),
        Step(sources.validate),
        Step(locking.lock, locks),
        Step(cluster.read_record, locks),  # again: another run may have written it meanwhile
        Step(impact.list_consumers, reads_consumers),
        Step(secrets.read_secrets, compares),
        Step(cluster.observe, compares_objects),
        Step(review.compare, follows_plan),  # before anything but the lock is written
        Step(secrets.make_key, makes_key),
        Step(secrets.compare_secrets, compares),
        Step(cluster.plan, compares_objects),
        Step(pruning.choose_deletions, compares_objects),
        Step(review.seal, seals_plan),
        Step(impact.trace_reported, traces_reported),
        Step(impact.list_unmanaged, traces_addresses),
        Step(impact.trace_addresses, traces_addresses),
        Step(cluster.announce, writes),
        Step(cluster.apply, writes_objects),
        Step(pruning.prune, writes_objects),
        Step(secrets.stamp, stamps),
        Step(cluster.advance, writes),
        Step(cluster.write_record, writes, after_error=True),
        Step(locking.unlock, locks, after_error=True),
    )


def run(
    names: tuple[str, ...],
    deps: Dependencies,
    options: Options,
    sequence: tuple[Step, ...] | None = None,
) -> Run:
    """Run one verb over several environments: its steps, unless a test names others."""
    from concurrent.futures import ThreadPoolExecutor  # files need no threads

    started = deps.now()
    sequence = sequence or steps_of(options.verb)
    with ThreadPoolExecutor(max_workers=_PARALLEL) as pool:
        rendered = with_overlaps(tuple(pool.map(partial(render, deps, options), names)))
        if options.verb.writes:
            deps.stop.hold()
        finish = partial(run_steps, deps, options, sequence)
        own = tuple(state for state in rendered if options.shard.owns(state.name))
        environments = tuple(pool.map(finish, own))
    return _report(deps, options, started, deps.repository.revision, environments)


def run_plain(state: Reconciliation, deps: Dependencies, options: Options) -> Run:
    """Validate plain manifests, which `sources.load_plain` has read."""
    started = deps.now()
    environment = run_steps(deps, options, steps_of(options.verb), state)
    return _report(deps, options, started, Revision(), (environment,))


def validated(deps: Dependencies, options: Options, name: str) -> Reconciliation | EnvironmentRun:
    """Load, render and validate one environment, without a cluster; its own report if it cannot be rendered."""
    state = render(deps, options, name)
    if isinstance(state, EnvironmentRun):
        return state
    return _attempt(Step(sources.validate), deps, options, state)


def render(deps: Dependencies, options: Options, name: str) -> Reconciliation | EnvironmentRun:
    """Load and render one environment; its own report if that fails."""
    from reconciler.stages.load.findings import UnusableEnvironment  # files need no stage `load`

    try:
        return sources.render(deps, options, sources.load(deps, name))
    except UnusableEnvironment as error:
        return EnvironmentRun(name, error.exit_code, findings=error.findings)
    except Exception as error:  # noqa: BLE001 -- a bug in one environment stops no other
        failure = _run_error(error)
        return EnvironmentRun(name, failure.exit_code, error=failure)


def with_overlaps(
    environments: tuple[Reconciliation | EnvironmentRun, ...],
) -> tuple[Reconciliation | EnvironmentRun, ...]:
    """Add the findings on objects that several of the environments write."""
    rendered = [state for state in environments if isinstance(state, Reconciliation)]
    findings = overlaps((state.environment, state.manifests) for state in rendered)
    return tuple(
        replace(state, findings=(*state.findings, *findings.get(state.name, ())))
        if isinstance(state, Reconciliation)
        else state
        for state in environments
    )


def run_steps(
    deps: Dependencies,
    options: Options,
    sequence: tuple[Step, ...],
    state: Reconciliation | EnvironmentRun,
) -> EnvironmentRun:
    """Run the steps of one environment; its report with the exit code."""
    if isinstance(state, EnvironmentRun):
        return state
    for step in WITHOUT_CLUSTER if state.is_new else sequence:
        if step.when(options.verb, state) and (step.after_error or not state.error):
            state = _attempt(step, deps, options, state)
    try:
        fail_on = state.environment.policy.fail_on
        return with_verdict(options.verb, fail_on, state.summary(), options.severity)
    except Exception as error:  # noqa: BLE001 -- a bug here must not lose what was written
        failure = state.error or _run_error(error)
        return EnvironmentRun(
            state.name,
            failure.exit_code,
            outcomes=state.outcomes,
            stamps=state.stamps,
            error=failure,
        )


def _attempt(
    step: Step, deps: Dependencies, options: Options, state: Reconciliation
) -> Reconciliation:
    """The state after a step. If the step fails, the state before it, with the first error."""
    try:
        return step.run(deps, options, state)
    except Exception as error:  # noqa: BLE001 -- the report must contain what earlier steps did
        return replace(state, error=state.error or _run_error(error))


def _run_error(error: Exception) -> RunError:
    return RunError.of(error if isinstance(error, ReconcilerError) else Bug.of(error))


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
    )
