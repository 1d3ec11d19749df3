"""The steps of the pipeline: each takes what it needs from the value, calls its stage, and returns the value enriched.

What a stage does is written in `stages/`; which steps run, and in which order, in `pipeline.py`.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.errors import SafetyStop
from reconciler.model.applyset import TOOL
from reconciler.model.environment import SourceFile
from reconciler.model.finding import errors_in, in_order
from reconciler.model.record import Record
from reconciler.reconciliation import Reconciliation
from reconciler.stages.advance import advance_objects, advance_secrets
from reconciler.stages.apply import Stamp
from reconciler.stages.apply import apply as apply_plan
from reconciler.stages.load import load as load_environment
from reconciler.stages.load.plain import plain_environment
from reconciler.stages.observe import Question
from reconciler.stages.observe import observe as observe_objects
from reconciler.stages.observe.cluster import checked_uid, live_schemas
from reconciler.stages.observe.secrets import SecretQuestion, fingerprint
from reconciler.stages.plan import PlanInput, record_lost
from reconciler.stages.plan import plan as make_plan
from reconciler.stages.record import prepare
from reconciler.stages.record import recall as read_record
from reconciler.stages.record import remember as write_record
from reconciler.stages.render import render as render_manifests
from reconciler.stages.render.plain import names_managed_group, read_plain
from reconciler.stages.secrets import compare_secrets
from reconciler.stages.validate import validate
from reconciler.stages.validate.crds import prefer_live


def load(deps: Dependencies, name: str) -> Reconciliation:
    """The environment, its values and its templates.

    Raises:
        UnusableEnvironment, RepositoryError: the environment cannot be read.
    """
    environment = load_environment(deps.repository, deps.root, name, deps.kinds)
    return Reconciliation(replace(environment, cluster=deps.target(environment)))


def load_plain(deps: Dependencies, files: tuple[SourceFile, ...]) -> Reconciliation:
    """Plain manifests, which no environment renders."""
    listed = read_plain(plain_environment(files), deps.kinds)
    environment = plain_environment(
        file for file in files if names_managed_group(file.text, deps.kinds)
    )
    return Reconciliation(
        environment,
        manifests=listed.manifests,
        findings=listed.findings,
        crds=deps.crds_for(environment),
        notes=listed.notes,
    )


def render(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    manifests, findings = render_manifests(state.environment, deps.renderer, deps.kinds)
    crds = deps.crds_for(state.environment)
    return replace(state, manifests=manifests, findings=in_order(list(findings)), crds=crds)


def judge_sources(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Whether every object could be read, as the environment's own policy and comments judge the findings."""
    if not options.verb.reads_cluster:
        return state
    sources = check(deps, options, replace(state, manifests=()))
    return replace(state, unreadable=bool(errors_in(sources.findings)))


def check(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """All findings, by the CRDs that are known at this point."""
    crds = {kind: used.crd for kind, used in state.crds.items()}
    findings = validate(state.environment, state.manifests, deps.kinds, crds, before=state.findings)
    return replace(state, findings=findings)


def connect(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    return replace(
        state,
        selected=options.selected(state.manifests),
        cluster=deps.connect(state.environment),
    )


def identify(_: Dependencies, __: Options, state: Reconciliation) -> Reconciliation:
    """The cluster's uid, which the environment may pin.

    Raises:
        SafetyStop: it is another cluster.
    """
    return replace(state, cluster_uid=checked_uid(state.environment, state.connection))


def recall(_: Dependencies, __: Options, state: Reconciliation) -> Reconciliation:
    environment = state.environment
    memory = read_record(state.connection, environment.name, environment.home)
    return replace(state, recalled=memory)


def read_crds(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """From here on the cluster's own CRDs judge."""
    memory = state.memory
    refs = {manifest.ref for manifest in state.manifests} | memory.known.keys()
    kinds = {ref.group_kind for ref in refs} | {kind for kind, _ in memory.unfinished}
    pinned = {kind: used.crd for kind, used in state.crds.items()}
    live, notes = live_schemas(kinds, deps.kinds, pinned, state.connection)
    crds, skew = prefer_live(state.environment, state.crds, map(deps.label_live, live.values()))
    findings = (*state.findings, *skew)
    return replace(
        state, cluster_crds=live, crds=crds, findings=findings, notes=(*state.notes, *notes)
    )


def read_secrets(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Before the objects: from here on the redactor knows the values."""
    return _fingerprinted(deps, options, state, make=False)


def make_key(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """A missing fingerprint key is made once all else could be read."""
    return state if state.keyring else _fingerprinted(deps, options, state, make=True)


def _fingerprinted(
    deps: Dependencies, options: Options, state: Reconciliation, *, make: bool
) -> Reconciliation:
    question = SecretQuestion(
        state.environment,
        state.selected,
        deps.kinds,
        needed=options.verb.needs_fingerprints,
        recorded=state.memory.has_fingerprints,
    )
    keyring, resolved, notes = fingerprint(question, state.connection, make=make)
    return replace(state, keyring=keyring, resolved=resolved, key_notes=notes)


def observe(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """With `--only`, neither what git has lost nor what is gone is looked at."""
    memory = state.memory
    question = Question(
        state.selected,
        deps.kinds,
        memory.set_id,
        TOOL,
        known={} if options.only else memory.known,
        more=frozenset() if options.only else memory.unfinished,
        crds=state.cluster_crds,
        full=options.full,
    )
    observed = observe_objects(question, state.connection, deps.stop)
    return replace(state, observed=replace(observed, orphans=()) if options.only else observed)


def plan(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    memory, observed = state.memory, state.observed
    inputs = PlanInput(
        deps.kinds, state.environment.policy, TOOL, memory.set_id, memory.record, state.keyring
    )
    return replace(
        state,
        plan=make_plan(inputs, observed),
        record_lost=record_lost(observed, memory.record, TOOL),
        secrets=compare_secrets(state.resolved, memory.record, state.selected),
    )


def announce(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Before the first write: the ApplySet parent names every place that may hold an object of ours.

    Raises:
        SafetyStop: a later version of this program wrote the record, or another run has written it meanwhile.
    """
    memory = state.memory
    if memory.later:
        raise SafetyStop(memory.notes[0], hint="use the version that wrote it, or a newer one")
    if not (options.verb.writes_objects and state.plan and state.plan.writes):
        return state
    extent = {*memory.known, *(change.ref for change in state.plan.changes)}
    return replace(state, recalled=prepare(state.connection, memory, extent, deps.version))


def apply(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    assert state.plan is not None  # noqa: S101 -- the order of the steps guarantees it
    stamp = Stamp(TOOL, deps.revision, deps.now())
    done = apply_plan(state.plan, state.connection, stamp, deps.stop)
    applied = {each.outcome.ref: each.recorded for each in done if each.recorded}
    # Enough for the next run, should anything go wrong from here on.
    before = state.memory.record or Record(state.name)
    outcomes = tuple(each.outcome for each in done)
    return replace(state, outcomes=outcomes, applied=applied, record=before.with_applied(applied))


def advance(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """What the record says after this run."""
    memory, now = state.memory, deps.now()
    if memory.record is None and not options.verb.writes_objects:
        note = "nothing was recorded: the record begins with the next apply"
        return replace(state, notes=(*state.notes, note))
    record = memory.record or Record(state.name)
    if options.verb.writes_objects and state.plan:
        record = advance_objects(record, state.observed, state.plan.changes, state.applied, TOOL)
        if not options.only:
            record = replace(record, revision=deps.revision, applied=now)
    if not options.only:
        record = advance_secrets(record, state.secrets, now)
    return replace(state, record=record)


def remember(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    if state.record is None:
        return state
    complete = not (options.only or state.observed.unseen)
    write_record(state.connection, state.memory, state.record, deps.version, complete=complete)
    return state  # a report shows the record that the run met
