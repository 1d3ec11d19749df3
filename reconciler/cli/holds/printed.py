"""Runs `hold` and `release`, and prints what they did."""

from __future__ import annotations

from datetime import timedelta

from reconciler import bookkeeping
from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.delivery.output import Sink, emit
from reconciler.cli.execution.stop import STOP
from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.errors import UsageError
from reconciler.model.hold import LONGEST, rfc3339
from reconciler.text.foreign import masked_name, masked_text


def hold_objects(
    inputs: Inputs,
    environment: str,
    addresses: frozenset[str],
    duration: timedelta,
    reason: str,
) -> int:
    """Hold these objects from now on, and print each.

    Raises:
        UsageError: it would be for too long, or there is no such object.
    """
    if duration > LONGEST:
        raise UsageError(f"--for: at most {LONGEST.days} days", hint="write the value into git")
    redactor = SecretRedactor()
    deps = build_dependencies(inputs, redactor)
    until = deps.clock.now() + duration
    with STOP.deferred():
        for ref, _ in bookkeeping.hold(deps, environment, addresses, until, masked_text(reason)):
            line = f"held      {ref.short_address}, until {rfc3339(until)}"
            emit(f"{masked_name(line)}\n", Sink("text"), redactor)
    return 0


def release_objects(inputs: Inputs, environment: str, addresses: frozenset[str]) -> int:
    """End the holds of these objects, and print each.

    Raises:
        UsageError: there is no such object.
    """
    redactor = SecretRedactor()
    deps = build_dependencies(inputs, redactor)
    with STOP.deferred():
        for ref, changed in bookkeeping.release(deps, environment, addresses):
            word = "released  " if changed else "not held  "
            emit(f"{masked_name(word + ref.short_address)}\n", Sink("text"), redactor)
    return 0
