"""The steps, in order, and nothing else: read this first.

    load -> render -> validate -> observe -> plan -> apply -> remember -> report
            ^ render      ^ validate           ^ diff, drift            (what each command stops after)

Every command is a prefix of the same pipeline. Environments run side by side; one that fails does not stop another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from reconciler.desired import Desired, checked, described, desired, is_whole
from reconciler.doors import Doors, Options
from reconciler.errors import Bug, ExitCode, ReconcilerError, SafetyStop
from reconciler.model.applyset import TOOL
from reconciler.model.change import Plan
from reconciler.model.environment import Environment
from reconciler.model.finding import errors_in
from reconciler.model.identity import GroupKind
from reconciler.model.manifest import Manifest
from reconciler.model.observation import Observed
from reconciler.model.record import Record
from reconciler.model.revision import Revision
from reconciler.model.run import ClusterSeen, Command, EnvironmentRun, Run, RunError
from reconciler.model.secret import Keyring
from reconciler.ports import Cluster
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.advance import advance_objects, advance_secrets
from reconciler.stages.apply import Done, Stamp, apply
from reconciler.stages.load.findings import UnusableEnvironment
from reconciler.stages.observe import Question, observe
from reconciler.stages.observe.cluster import checked_uid, live_schemas
from reconciler.stages.observe.secrets import SecretQuestion, fingerprint
from reconciler.stages.plan import PlanInput, plan, record_lost
from reconciler.stages.record import Recalled, prepare, recall, remember
from reconciler.stages.rivals import rivals
from reconciler.stages.secrets import compare_secrets
from reconciler.stages.validate.crds import prefer_live
from reconciler.stages.verdict import with_verdict

T = TypeVar("T")

_AT_ONCE = 8  # environments side by side; each has connections of its own


def run(command: Command, names: tuple[str, ...], doors: Doors, options: Options) -> Run:
    """One command over several environments."""
    started = doors.now()
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        read = pool.map(lambda name: guarded(name, partial(desired, doors, name)), names)
        wanted = _side_by_side(tuple(read))
        environments = tuple(pool.map(partial(_one, command, doors, options), wanted))
    return Run(
        command=command,
        version=doors.version,
        revision=doors.repository.revision,
        environments=environments,
        started=started,
        finished=doors.now(),
        dry_run=options.dry_run,
        recorded=options.writes(command),
        differences=options.differences,
    )


def run_plain(wanted: Desired, doors: Doors, options: Options) -> Run:
    """validate, of what `desired_of` read."""
    started = doors.now()
    seen = guarded(wanted.environment.name, partial(_validated, doors, options, wanted))
    return Run(
        command=Command.VALIDATE,
        version=doors.version,
        revision=Revision(),
        environments=(seen,),
        started=started,
        finished=doors.now(),
    )


def guarded(name: str, one: Callable[[], T]) -> T | EnvironmentRun:
    """What stops one environment stops no other."""
    try:
        return one()
    except UnusableEnvironment as error:
        return EnvironmentRun(name, error.exit_code, findings=error.findings)
    except ReconcilerError as error:
        return EnvironmentRun(name, error.exit_code, error=RunError.of(error))
    except Exception as error:  # noqa: BLE001 -- nor does a bug
        return EnvironmentRun(name, ExitCode.BUG, error=RunError.of(Bug.of(error)))


def _side_by_side(
    read: tuple[Desired | EnvironmentRun, ...],
) -> tuple[Desired | EnvironmentRun, ...]:
    """With what only shows when environments are compared."""
    found = rivals((one.environment, one.manifests) for one in read if isinstance(one, Desired))
    return tuple(
        replace(one, findings=(*one.findings, *found.get(one.name, ())))
        if isinstance(one, Desired)
        else one
        for one in read
    )


def _one(
    command: Command, doors: Doors, options: Options, wanted: Desired | EnvironmentRun
) -> EnvironmentRun:
    if isinstance(wanted, EnvironmentRun):
        return wanted
    return guarded(wanted.name, partial(_carried_out, command, doors, options, wanted))


def _carried_out(
    command: Command, doors: Doors, options: Options, wanted: Desired
) -> EnvironmentRun:
    if command is Command.VALIDATE:
        return _validated(doors, options, wanted)
    asks = is_whole(doors, wanted)
    seen = (
        _reconcile(command, doors, options, wanted) if asks else described(checked(doors, wanted))
    )
    return with_verdict(command, wanted.environment.policy.fail_on, seen)


def _validated(doors: Doors, options: Options, wanted: Desired) -> EnvironmentRun:
    seen = described(checked(doors, wanted))
    return with_verdict(Command.VALIDATE, frozenset(), seen, options.severity)


def _reconcile(command: Command, doors: Doors, options: Options, wanted: Desired) -> EnvironmentRun:
    """observe -> plan -> apply -> remember, against the cluster of the environment."""
    environment = wanted.environment
    manifests = options.selected(wanted.manifests)
    cluster = doors.connect(environment)
    try:
        return _against(command, doors, options, cluster, wanted, manifests)
    except ReconcilerError as error:
        stopped = RunError.of(error)
        return EnvironmentRun(wanted.name, error.exit_code, error=stopped, notes=cluster.warnings)


def _against(
    command: Command,
    doors: Doors,
    options: Options,
    cluster: Cluster,
    wanted: Desired,
    manifests: tuple[Manifest, ...],
) -> EnvironmentRun:
    environment = wanted.environment
    uid = checked_uid(environment, cluster)
    recalled = recall(cluster, environment.name, environment.home)
    crds, notes = _live_crds(doors, wanted, recalled, cluster)
    in_use, skew = prefer_live(environment, wanted.in_use, map(doors.live, crds.values()))
    wanted = replace(wanted, in_use=in_use, findings=(*wanted.findings, *skew))
    wanted = checked(doors, wanted)
    seen = replace(described(wanted), cluster=ClusterSeen(cluster.name, uid), notes=notes)
    if errors_in(wanted.findings):
        return seen
    found = _planned(
        command, doors, options, cluster, _Judged(environment, manifests, crds, recalled, seen)
    )
    return _written(command, doors, options, cluster, found)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What git wants, as the CRDs of the cluster take it."""

    environment: Environment
    manifests: tuple[Manifest, ...]  # those that are meant
    crds: Mapping[GroupKind, Crd]
    recalled: Recalled
    seen: EnvironmentRun


def _planned(
    command: Command, doors: Doors, options: Options, cluster: Cluster, judged: _Judged
) -> _Found:
    """observe -> plan."""
    environment, recalled, manifests = judged.environment, judged.recalled, judged.manifests
    asked = SecretQuestion(
        environment,
        manifests,
        doors.kinds,
        needed=command is not Command.DIFF,
        recorded=bool(recalled.record and recalled.record.secrets),
    )
    # Secrets first: from here on the redactor knows them. A missing key is made once all else could be read.
    keyring, resolved, key_notes = fingerprint(asked, cluster, make=False)
    observed = _observed(doors, options, recalled, manifests, judged.crds, cluster)
    if keyring is None and command is Command.APPLY and not options.dry_run:
        keyring, resolved, key_notes = fingerprint(asked, cluster, make=True)
    lost = record_lost(observed, recalled.record, TOOL)
    given = PlanInput(
        doors.kinds, environment.policy, TOOL, recalled.set_id, recalled.record, keyring
    )
    planned = plan(given, observed)
    notes = (*cluster.warnings, *judged.seen.notes, *recalled.notes, *key_notes, *observed.notes)
    seen = replace(
        judged.seen,
        record=recalled.seen(lost=lost, key_lost=_key_lost(recalled, keyring)),
        changes=tuple(replace(change, body=None) for change in planned.changes),
        secrets=compare_secrets(resolved, recalled.record, manifests),
        notes=notes,
    )
    return _Found(recalled, observed, planned, seen)


def _observed(
    doors: Doors,
    options: Options,
    recalled: Recalled,
    manifests: tuple[Manifest, ...],
    crds: Mapping[GroupKind, Crd],
    cluster: Cluster,
) -> Observed:
    """With --only nothing else is looked at: neither what is kept nor what is gone."""
    question = Question(manifests, doors.kinds, recalled.set_id, TOOL, crds=crds, full=options.full)
    if options.only:
        return replace(observe(question, cluster, doors.stop), orphans=())
    question = replace(question, known=recalled.known, more=recalled.unfinished)
    return observe(question, cluster, doors.stop)


@dataclass(frozen=True, slots=True)
class _Found:
    recalled: Recalled
    observed: Observed
    plan: Plan
    run: EnvironmentRun


def _written(
    command: Command, doors: Doors, options: Options, cluster: Cluster, found: _Found
) -> EnvironmentRun:
    """apply -> remember, where the command writes at all. What was applied is reported even if remembering fails."""
    seen, recalled = found.run, found.recalled
    if not options.writes(command):
        return seen
    if recalled.later:
        raise SafetyStop(recalled.notes[0], hint="use the version that wrote it, or a newer one")
    if command is Command.DRIFT and recalled.record is None:
        note = "nothing was recorded: the record begins with the next apply"
        return replace(seen, notes=(*seen.notes, note))
    record = recalled.record or Record(recalled.environment)
    now = doors.now()
    try:
        if command is Command.APPLY:
            if found.plan.writes:
                extent = {*recalled.known, *(change.ref for change in found.plan.changes)}
                recalled = prepare(cluster, recalled, extent, doors.version)
            stamp = Stamp(TOOL, doors.revision, now)
            done = apply(found.plan, doors.kinds, cluster, stamp, doors.stop)
            seen = replace(seen, outcomes=tuple(d.outcome for d in done))
            record = _after_apply(record, found, done, stamp, whole=not options.only)
        if not options.only:
            record = advance_secrets(record, seen.secrets, now)
        whole = not (options.only or found.observed.unseen)
        remember(cluster, recalled, record, doors.version, whole=whole)
    except ReconcilerError as error:
        return replace(seen, error=RunError.of(error))
    return seen


def _key_lost(recalled: Recalled, keyring: Keyring | None) -> bool:
    return keyring is None and bool(recalled.record and recalled.record.secrets)


def _after_apply(
    record: Record, found: _Found, done: tuple[Done, ...], stamp: Stamp, *, whole: bool
) -> Record:
    applied = {d.outcome.ref: d.recorded for d in done if d.recorded}
    record = advance_objects(record, found.observed, found.plan.changes, applied, stamp.manager)
    if whole:
        record = replace(record, revision=stamp.revision, applied=stamp.now)
    return record


def _live_crds(
    doors: Doors, wanted: Desired, recalled: Recalled, cluster: Cluster
) -> tuple[Mapping[GroupKind, Crd], tuple[str, ...]]:
    refs = {m.ref for m in wanted.manifests} | recalled.known.keys()
    kinds = {ref.group_kind for ref in refs} | {kind for kind, _ in recalled.unfinished}
    return live_schemas(kinds, doors.kinds, wanted.crds, cluster)
