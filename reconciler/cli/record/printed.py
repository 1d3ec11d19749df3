"""Runs `status`, `acknowledge` and `key`, and prints what they did."""

from __future__ import annotations

from datetime import UTC, datetime, time

from reconciler import bookkeeping
from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.delivery.output import Sink, emit, text_or_json
from reconciler.cli.delivery.redaction import cleaned
from reconciler.cli.execution.stop import STOP
from reconciler.cli.execution.streams import write_out
from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.cli.wiring.names import resolve
from reconciler.errors import UsageError, worst
from reconciler.report import Style
from reconciler.reports._status import status_json, status_text
from reconciler.stages.acknowledge import Acknowledged, AcknowledgeInput
from reconciler.text.foreign import masked_name, masked_text

_RFC_3339 = "%Y-%m-%dT%H:%M:%SZ"


def print_status(inputs: Inputs, names: tuple[str, ...], output: str, *, verbose: bool) -> int:
    """Print the status of these environments, or of all; returns the worst exit code."""
    sink = text_or_json(output, "status", inputs.folder)
    redactor = SecretRedactor()
    deps = build_dependencies(inputs, redactor)
    read = bookkeeping.statuses(deps, resolve(deps.repository, names))
    statuses = cleaned(read, redactor)
    style = Style(verbose=verbose, now=deps.now(), invocation=deps.invocation)
    text = status_json(statuses) if sink.format == "json" else status_text(statuses, style)
    emit(text, sink, redactor)
    return worst([status.exit_code for status in statuses])


def acknowledge_secrets(
    inputs: Inputs, environment: str, secrets: tuple[str, ...], reason: str, until: str
) -> int:
    """Acknowledge the rotations of these Secrets, or of all, and print which."""
    deps = build_dependencies(inputs, SecretRedactor())
    request = AcknowledgeInput(secrets, masked_text(reason), _end(until, deps.clock.now()))
    with STOP.deferred():
        result = bookkeeping.acknowledge(deps, environment, request)
    write_out("".join(f"{masked_name(line)}\n" for line in _lines(environment, result, request)))
    return 0


def make_key(inputs: Inputs, environment: str, *, replace_lost: bool) -> int:
    """Make the fingerprint key if it does not exist, and print what was done."""
    redactor = SecretRedactor()
    deps = build_dependencies(inputs, redactor)
    with STOP.deferred():
        secret, made = bookkeeping.make_key(deps, environment, replace_lost=replace_lost)
    done = "created" if made else "exists, nothing to do"
    emit(f"{masked_name(f'{environment}: Secret {secret}')}  {done}\n", Sink("text"), redactor)
    return 0


def _lines(environment: str, result: Acknowledged, request: AcknowledgeInput) -> list[str]:
    lines = [f"acknowledged  {key}" for key in result.closed]
    lines += [f"ahead         {key}, until {request.until}" for key in result.ahead]
    return lines or [f"{environment}: no rotation is open"]


def _end(text: str, now: datetime) -> str:
    """The end of an acknowledgement in RFC 3339; a date includes its whole day.

    Raises:
        UsageError: it is not a date, or in the past.
    """
    if not text:
        return ""
    try:
        end = datetime.fromisoformat(text)
        if "T" not in text:
            end = datetime.combine(end.date(), time(23, 59, 59))
        end = (end if end.tzinfo else end.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"--until {text}: not a date", hint="2026-12-24, or 2026-12-24T06:00:00Z"
        ) from None
    if end <= now:
        raise UsageError(f"--until {text}: it is in the past")
    return end.strftime(_RFC_3339)
