"""The child process: renders the templates of one environment without access to files, network, variables or clock.

It reads one JSON request from stdin and writes one JSON line per message to stdout:

    {"start": template}                                     before each template
    {"template", "text", "templates", "paths", "spans"}     the rendered text; a span is
                                        [end, template, line, column, spelling, [path ...]]: indexes into the tables
    {"template", "findings": [TemplateFinding ...]}         the template failed
    {"unread": [path ...], "missed": [path ...]}            at the end: values that no template read, and missing ones

A template that fails, or exceeds a limit that can be caught, does not stop the others; the parent enforces the rest.
"""

from __future__ import annotations

import contextlib
import json
import resource as rlimits
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from reconciler.adapters.jinja.finding import OutOfTime, TemplateFinding
from reconciler.adapters.jinja.locate import located_finding
from reconciler.adapters.jinja.missing import further_missing_values
from reconciler.adapters.jinja.pieces import NOWHERE, PLAIN, Piece, pieces_of
from reconciler.adapters.jinja.sandbox import Sandbox
from reconciler.adapters.jinja.spans import spans
from reconciler.adapters.jinja.values import TrackedMapping
from reconciler.model.location import Location


def main() -> int:
    body = sys.stdin.buffer.read()
    if not body:  # it was started early, and the run has ended without rendering
        return 0
    request = json.loads(body)
    _restrict(request["memory"], request["cpu_seconds"])
    signal.signal(signal.SIGALRM, _on_alarm)
    sandbox = Sandbox(request["sources"], request["output"])
    values = TrackedMapping(request["values"], (), sandbox.reads)
    for name in request["templates"]:
        _send({"start": name})
        _send(_rendered(sandbox, name, values, request), request["line"])
    _send({"unread": list(values.unread()), "missed": sorted(sandbox.reads.missed, key=str)})
    return 0


def _rendered(
    sandbox: Sandbox, name: str, values: TrackedMapping, request: Mapping[str, Any]
) -> dict[str, Any]:
    variables = {"values": values, "environment": request["environment"]}
    try:
        signal.setitimer(signal.ITIMER_REAL, request["seconds"])
        pieces = list(_pieces(sandbox, name, variables))
        message = {"template": name, **spans(pieces)}
    except (Exception, OutOfTime) as error:  # noqa: BLE001 -- a template can raise anything
        signal.setitimer(signal.ITIMER_REAL, 0)
        findings = [located_finding(error, sandbox, name)]
        if findings[0].code == "J002":
            findings += further_missing_values(sandbox, name, request["values"], findings[0])
        message = _failed(name, *findings)
        error.__traceback__ = None  # its frames refer to what filled the memory
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sandbox.reads.reset()
        sandbox.current = None
    return message


def _failed(template: str, *findings: TemplateFinding) -> dict[str, Any]:
    return {"template": template, "findings": [asdict(finding) for finding in findings]}


def _pieces(sandbox: Sandbox, name: str, variables: Mapping[str, Any]) -> Iterator[Piece]:
    template = sandbox.get_template(name)
    chunks: Any = template.root_render_func(template.new_context(dict(variables)))
    size = 0
    for chunk in chunks:
        size += len(chunk)
        line = Location(name, template.get_corresponding_lineno(chunks.gi_frame.f_lineno))
        sandbox.check(size, line)
        for piece in pieces_of(chunk):
            # Only the text of a `{% filter %}` block has lost its origin.
            yield piece if piece.location is not NOWHERE else Piece(piece.text, line, PLAIN)


def _restrict(memory: int, cpu_seconds: int) -> None:
    """Sets limits that the kernel enforces; skips those that the platform does not have."""
    limits = (
        (rlimits.RLIMIT_AS, memory),
        (rlimits.RLIMIT_CPU, cpu_seconds),
        (rlimits.RLIMIT_CORE, 0),
        (rlimits.RLIMIT_FSIZE, 0),
        (rlimits.RLIMIT_NPROC, 0),
    )
    for limit, value in limits:
        with contextlib.suppress(ValueError, OSError):
            rlimits.setrlimit(limit, (value, value))


def _on_alarm(*_: object) -> None:
    raise OutOfTime


def _send(message: Mapping[str, Any], limit: int = sys.maxsize) -> None:
    line = json.dumps(message, ensure_ascii=True).encode() + b"\n"
    if len(line) > limit:
        template = message["template"]
        text = "more output than the reconciler accepts"
        finding = TemplateFinding("J007", text, location=Location(template))
        line = json.dumps(_failed(template, finding)).encode() + b"\n"
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
