"""Reads and changes the record alone: `status` and `acknowledge`.

Neither renders a template nor reads an object or a Secret. Each sends one GET for the record, and `acknowledge` one
write. If the environment pins `cluster.uid`, one more GET compares it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from reconciler.dependencies import Dependencies
from reconciler.errors import Bug, ClusterError, ExitCode, ReconcilerError, SafetyStop, UsageError
from reconciler.model.environment import Environment
from reconciler.model.record.rotations import Moment
from reconciler.model.run import ClusterIdentity, RunError
from reconciler.model.status import EnvironmentStatus, SecretStatus
from reconciler.ports import Cluster
from reconciler.stages.acknowledge import Acknowledged, AcknowledgeInput
from reconciler.stages.acknowledge import acknowledge as acknowledge_in
from reconciler.stages.observe.cluster import checked_uid
from reconciler.stages.record import StoredRecord, read_record, write_record
from reconciler.steps import sources

_PARALLEL = 8  # environments at a time


def statuses(deps: Dependencies, names: tuple[str, ...]) -> tuple[EnvironmentStatus, ...]:
    """The status of each environment. An error in one does not stop the others."""
    with ThreadPoolExecutor(max_workers=_PARALLEL) as pool:
        return tuple(pool.map(partial(_status_or_error, deps), names))


def acknowledge(deps: Dependencies, name: str, inputs: AcknowledgeInput) -> Acknowledged:
    """Close rotations in the record of an environment.

    Raises:
        UsageError: there is nothing to acknowledge.
        SafetyStop: a later version of this program wrote the record, or another run is writing it.
        ClusterError: the record cannot be read or written.
    """
    environment, cluster = _connected(deps, name)
    stored = read_record(cluster, environment.name, environment.home)
    if stored.later:
        raise SafetyStop(stored.notes[0], hint="use the version that wrote it, or a newer one")
    if stored.notes:
        raise ClusterError(stored.notes[0])
    if stored.record is None:
        raise UsageError(
            f"{name} has no record: never applied, or the record was removed",
            hint=f"reconciler drift {name} tells which",
        )
    result = acknowledge_in(stored.record, inputs, deps.moment)
    write_record(cluster, stored, result.record, deps.version, complete=False)
    return result


def _connected(deps: Dependencies, name: str) -> tuple[Environment, Cluster]:
    environment = sources.load(deps, name).environment
    cluster = deps.connect(environment)
    if environment.cluster.uid:
        checked_uid(environment, cluster)
    return environment, cluster


def _status_or_error(deps: Dependencies, name: str) -> EnvironmentStatus:
    try:
        environment, cluster = _connected(deps, name)
        stored = read_record(cluster, environment.name, environment.home)
        return _status(stored, ClusterIdentity(cluster.name))
    except Exception as error:  # noqa: BLE001 -- a bug in one environment stops no other
        failure = RunError.of(error if isinstance(error, ReconcilerError) else Bug.of(error))
        return EnvironmentStatus(name, failure.exit_code, error=failure)


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
    )
