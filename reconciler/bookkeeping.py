"""Reads and changes what an environment keeps beside git: `status`, `history`, `acknowledge`, `key`, `hold`, `release`.

The first four render no template, and read no object or Secret that a provider uses. Each sends one GET for the
record, `status` one more for the lock, `acknowledge` one write, and `key` one GET for the fingerprint key and at most
one write. `hold` and `release` render the templates, which name the objects, and send one GET and at most one write for
each. If the environment pins `cluster.uid`, one more GET compares it.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial

from reconciler.dependencies import Dependencies, Options
from reconciler.errors import (
    ClusterError,
    ExitCode,
    RefusalReason,
    Refused,
    SafetyStop,
    UsageError,
    reported,
)
from reconciler.model.applyset import parent_name
from reconciler.model.environment import Environment
from reconciler.model.identity import ObjectRef
from reconciler.model.record import Record
from reconciler.model.record.rotations import Moment
from reconciler.model.refused_secrets import OWN_KEY
from reconciler.model.run import ClusterIdentity, RunError
from reconciler.model.status import EnvironmentStatus, LockStatus, SecretStatus
from reconciler.model.unchecked import NO_PERMISSION
from reconciler.model.verbs import APPLY, VALIDATE
from reconciler.ports import Cluster
from reconciler.stages.acknowledge import Acknowledged, AcknowledgeInput
from reconciler.stages.acknowledge import acknowledge as acknowledge_in
from reconciler.stages.hold import Held
from reconciler.stages.hold import hold as hold_objects
from reconciler.stages.hold import release as release_objects
from reconciler.stages.lock import read as read_lease
from reconciler.stages.observe.cluster import checked_uid
from reconciler.stages.record import StoredRecord, read_record, write_record
from reconciler.steps import sources
from reconciler.text.addresses import Addressed

_PARALLEL = 8  # environments at a time

_OBJECTS = Addressed("there are", "neither git nor the record has such an object", "there are")


def statuses(deps: Dependencies, names: tuple[str, ...]) -> tuple[EnvironmentStatus, ...]:
    """The status of each environment. An error in one does not stop the others."""
    with ThreadPoolExecutor(max_workers=_PARALLEL) as pool:
        return tuple(pool.map(partial(_status_or_error, deps), names))


def recorded(deps: Dependencies, name: str) -> Record:
    """The record of an environment; an empty one if it has none.

    Raises:
        ClusterError: the record cannot be read.
    """
    environment, cluster = connected(deps, name)
    stored = read_record(cluster, environment.name, environment.home)
    if stored.notes:
        raise ClusterError(stored.notes[0])
    return stored.record or Record(environment.name)


def acknowledge(deps: Dependencies, name: str, inputs: AcknowledgeInput) -> Acknowledged:
    """Close rotations in the record of an environment.

    Raises:
        UsageError: there is nothing to acknowledge.
        SafetyStop: a later version of this program wrote the record, or another run is writing it.
        ClusterError: the record cannot be read or written.
    """
    environment, cluster = connected(deps, name)
    stored = read_record(cluster, environment.name, environment.home)
    if stored.later:
        raise SafetyStop(stored.notes[0], hint="use the version that wrote it, or a newer one")
    if stored.notes:
        raise ClusterError(stored.notes[0])
    if stored.record is None:
        raise UsageError(
            f"{name} has no record: never applied, or the record was removed",
            hint=f"{deps.invocation.command('drift', name)} tells which",
        )
    result = acknowledge_in(stored.record, inputs, deps.moment)
    write_record(cluster, stored, result.record, deps.version, complete=False)
    return result


def make_key(deps: Dependencies, name: str, *, replace_lost: bool) -> tuple[str, bool]:
    """Make the fingerprint key of an environment if it does not exist.

    Args:
        replace_lost: make it even if the record has fingerprints, so that the key existed before.

    Returns:
        The Secret as `namespace/name`, and whether this call made it.

    Raises:
        SafetyStop: the key is lost, or a record that cannot be read may have fingerprints of it.
        Refused: the Secret exists without a valid key, or permission is missing.
    """
    environment, cluster = connected(deps, name)
    home = environment.home
    secret = f"{home}/{OWN_KEY}"
    if cluster.keyring(home, OWN_KEY):
        return secret, False
    stored = read_record(cluster, environment.name, home)
    if (stored.has_fingerprints or stored.notes) and not replace_lost:
        why = stored.notes[0] if stored.notes else "the record has fingerprints that it made"
        raise SafetyStop(
            f"Secret {secret} is missing, but {why}",
            hint="restore the Secret; with --replace-lost, a new key cannot show what was rotated before",
        )
    try:
        cluster.create_keyring(home, OWN_KEY)
    except Refused as refused:
        raise _explained(
            refused, home, ClusterIdentity.of(environment.cluster, cluster.name)
        ) from refused
    return secret, True


def hold(
    deps: Dependencies, name: str, addresses: frozenset[str], until: datetime, reason: str
) -> Iterator[Held]:
    """Hold objects of an environment as they are.

    Raises:
        UsageError: git or the cluster has no such object.
        ClusterError: a request is refused.
    """
    cluster, refs = _addressed(deps, name, addresses)
    return hold_objects(cluster, deps.kinds, refs, until, reason)


def release(deps: Dependencies, name: str, addresses: frozenset[str]) -> Iterator[Held]:
    """End holds early.

    Raises:
        UsageError: git or the cluster has no such object.
        ClusterError: a request is refused.
    """
    cluster, refs = _addressed(deps, name, addresses)
    return release_objects(cluster, deps.kinds, refs)


def _addressed(
    deps: Dependencies, name: str, addresses: frozenset[str]
) -> tuple[Cluster, list[ObjectRef]]:
    """The objects in git, and those that are on record but no longer in git."""
    options = Options(VALIDATE)
    state = sources.render(deps, options, sources.load(deps, name))
    environment = state.environment
    sources.refuse_observed(environment, APPLY)
    cluster = _cluster_of(deps, environment)
    recorded = read_record(cluster, environment.name, environment.home).known
    known = {manifest.ref for manifest in state.manifests} | recorded.keys()
    return cluster, [_OBJECTS.among(known, address) for address in sorted(addresses)]


def _explained(refused: Refused, home: str, cluster: ClusterIdentity) -> Refused:
    hints = {
        RefusalReason.FORBIDDEN: f"allow create on secrets in {home}, or let somebody run this who may",
        RefusalReason.NO_NAMESPACE: cluster.kubectl(*refused.without_namespace(home)),
    }
    hint = hints.get(refused.reason, refused.hint)
    return Refused(refused.reason, f"Secret {home}/{OWN_KEY}: {refused.message}", hint=hint)


def connected(deps: Dependencies, name: str) -> tuple[Environment, Cluster]:
    """An environment, and the cluster that it names.

    Raises:
        SafetyStop: it is another cluster.
        ClusterError: it cannot be reached.
    """
    environment = sources.load(deps, name).environment
    return environment, _cluster_of(deps, environment)


def _cluster_of(deps: Dependencies, environment: Environment) -> Cluster:
    cluster = deps.connect(environment)
    if environment.cluster.uid:
        checked_uid(environment, cluster)
    return cluster


def _status_or_error(deps: Dependencies, name: str) -> EnvironmentStatus:
    try:
        environment, cluster = connected(deps, name)
        stored = read_record(cluster, environment.name, environment.home)
        lock = _lock(cluster, environment, deps.clock.now())
        return replace(_status(stored, ClusterIdentity(cluster.name)), lock=lock)
    except Exception as error:  # noqa: BLE001 -- a bug in one environment stops no other
        failure = RunError.of(reported(error))
        return EnvironmentStatus(name, failure.exit_code, error=failure)


def _lock(cluster: Cluster, environment: Environment, now: datetime) -> LockStatus:
    """Who holds the lock. A missing permission to read it is not an error."""
    try:
        lease = read_lease(environment.home, parent_name(environment.name), cluster)
    except ClusterError as error:
        forbidden = isinstance(error, Refused) and error.reason is RefusalReason.FORBIDDEN
        return LockStatus(unread=NO_PERMISSION if forbidden else error.message)
    if lease is None or not lease.holder:
        return LockStatus()
    return LockStatus(lease.holder, lease.acquired, lease.renewed, lease.looks_expired(now))


def _status(stored: StoredRecord, cluster: ClusterIdentity) -> EnvironmentStatus:
    record = stored.record
    if record is None:
        code = ExitCode.CLUSTER if stored.notes else ExitCode.OK
        unreadable = bool(stored.notes)
        return EnvironmentStatus(
            stored.environment, code, cluster, recorded=unreadable, notes=stored.notes
        )
    return EnvironmentStatus(
        stored.environment,
        cluster=cluster,
        applied=Moment(record.applied, record.revision),
        watched=record.watched,
        objects=len(record.objects),
        secrets=tuple(SecretStatus.of(*pair) for pair in sorted(record.secrets.items())),
        changed_by_others=record.history[-1].changed_by_others if record.history else 0,
    )
