"""The child process: renders the templates of one environment, without files, network, environment or clock.

It reads one JSON request from stdin and writes one JSON line per message to stdout:

    {"start": template}                   before each template
    {"template", "text", "templates", "paths", "spans"}   rendered; a span is
                                          [end, template, line, column, spelling, [path ...]], numbers into the tables
    {"template", "failure": {...}, "further": [{...} ...]}   see `failures.Failure`
    {"unread": [path ...], "missed": [path ...]}   at the end: values that nothing asked for, and what was not there

A template that fails, or runs into a limit that can be caught, does not stop the others; the parent handles the rest.
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from reconciler.adapters.jinja.failures import Failure, failure
from reconciler.adapters.jinja.further import further
from reconciler.adapters.jinja.sandbox import Sandbox
from reconciler.adapters.jinja.values import Keyed
from reconciler.adapters.jinja.weave import spans
from reconciler.adapters.jinja.words import OutOfTime
from reconciler.adapters.jinja.woven import NOWHERE, PLAIN, Piece, Place, pieces_of


def main() -> int:
    request = json.loads(sys.stdin.buffer.read())
    _restrict(request["memory"], request["cpu_seconds"])
    signal.signal(signal.SIGALRM, _alarm)
    sandbox = Sandbox(request["sources"], request["output"])
    values = Keyed(request["values"], (), sandbox.reads)
    for name in request["templates"]:
        _send({"start": name})
        _send(_rendered(sandbox, name, values, request), request["line"])
    _send({"unread": list(values.unread()), "missed": sorted(sandbox.reads.missed, key=str)})
    return 0


def _rendered(
    sandbox: Sandbox, name: str, values: Keyed, request: Mapping[str, Any]
) -> dict[str, Any]:
    variables = {"values": values, "environment": request["environment"]}
    try:
        signal.setitimer(signal.ITIMER_REAL, request["seconds"])
        pieces = list(_pieces(sandbox, name, variables))
        message = {"template": name, **spans(pieces)}
    except (Exception, OutOfTime) as error:  # noqa: BLE001 -- a template can raise anything
        signal.setitimer(signal.ITIMER_REAL, 0)
        found = failure(error, sandbox, name)
        others = further(sandbox, name, request["values"], found) if found.code == "J002" else ()
        message = {
            "template": name,
            "failure": asdict(found),
            "further": [asdict(other) for other in others],
        }
        error.__traceback__ = None  # it holds what filled the memory
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sandbox.reads.reset()
        sandbox.current = None
    return message


def _pieces(sandbox: Sandbox, name: str, variables: Mapping[str, Any]) -> Iterator[Piece]:
    template = sandbox.get_template(name)
    chunks: Any = template.root_render_func(template.new_context(dict(variables)))
    size = 0
    for chunk in chunks:
        size += len(chunk)
        line = template.get_corresponding_lineno(chunks.gi_frame.f_lineno)
        sandbox.check(size, Place(name, line, 0))
        for piece in pieces_of(chunk):
            # Only the text of a `{% filter %}` has lost its origin.
            yield (
                piece
                if piece.place is not NOWHERE
                else Piece(piece.text, Place(name, line, 0), PLAIN)
            )


def _restrict(memory: int, cpu_seconds: int) -> None:
    """Limits that the kernel keeps; a platform that lacks one keeps the others."""
    limits = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
    )
    for limit, value in limits:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


def _alarm(*_: object) -> None:
    raise OutOfTime


def _send(message: Mapping[str, Any], limit: int = sys.maxsize) -> None:
    line = json.dumps(message, ensure_ascii=True).encode() + b"\n"
    if len(line) > limit:
        fault = Failure(
            "J007", "more output than the reconciler takes", "", Place(message["template"], 0, 0)
        )
        line = (
            json.dumps({"template": message["template"], "failure": asdict(fault)}).encode() + b"\n"
        )
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
