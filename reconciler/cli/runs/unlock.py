"""`unlock`: releases the lock of a run that ended without releasing it."""

from __future__ import annotations

from reconciler.adapters.redactor import SecretRedactor
from reconciler.bookkeeping import connected
from reconciler.cli.delivery.output import Sink, emit
from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.errors import ExitCode, UsageError
from reconciler.model.applyset import parent_name
from reconciler.model.lease import Lease
from reconciler.ports import Cluster
from reconciler.stages.lock import break_lock, read
from reconciler.text.foreign import masked_name, masked_text


def unlock_environment(inputs: Inputs, name: str, holder: str) -> int:
    """Release the lock of an environment.

    Raises:
        UsageError: nobody holds the lock, or another run than `holder`.
        SafetyStop: it is not the cluster of the environment.
        Refused: the lock was renewed meanwhile, so its run still works; or permission is missing.
    """
    redactor = SecretRedactor()
    deps = build_dependencies(inputs, redactor)
    environment, cluster = connected(deps, name)
    break_lock(_held(inputs, cluster, environment.home, name, holder), deps.clock, cluster)
    emit(
        f"{masked_name(name)}: the lock of {masked_text(holder)} is released\n",
        Sink("text"),
        redactor,
    )
    return ExitCode.OK


def _held(inputs: Inputs, cluster: Cluster, namespace: str, name: str, holder: str) -> Lease:
    lease = read(namespace, parent_name(name), cluster)
    if lease is None or not lease.holder:
        raise UsageError(f"{name}: nobody holds the lock")
    if lease.holder != holder:
        command = inputs.invocation().command("unlock", name, lease.holder)
        hint = f"if that run has ended: {command}"
        raise UsageError(f"{name}: {lease.holder} holds the lock, not {holder}", hint=hint)
    return lease
