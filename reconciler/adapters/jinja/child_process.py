"""Runs one child process: it gets a request and returns messages, within the limits.

Half of the time of a small rendering is the start of Python in the child, so a run that renders starts its first child
before it imports its own modules (`start_early`). Such a child waits for its request, and ends if none comes.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.adapters.jinja.limits import Limits

_COMMAND = (sys.executable, "-I", "-X", "utf8", "-m", "reconciler.adapters.jinja.child")
_GRACE = 2.0  # seconds for the child to stop by itself, because it knows the line
_CHUNK = 1 << 16
_WAITING: Final[list[subprocess.Popen[bytes]]] = []  # started early, without a request


@dataclass(slots=True)
class ChildProcess:
    """Renders one request; iterate over `messages`, then read `reason`."""

    request: dict[str, Any]
    limits: Limits
    deadline: float  # of the monotonic clock
    reason: str = field(default="", init=False)  # the code of what ended the child early, or ""

    def messages(self) -> Iterator[dict[str, Any]]:
        """Every complete message, until the child ends or is killed."""
        limits = self.limits
        body = json.dumps(
            self.request
            | {
                "seconds": limits.seconds,
                "cpu_seconds": int(limits.total_seconds + _GRACE) + 1,
                "memory": limits.memory,
                "output": limits.template_output,
                "line": limits.message,
            }
        ).encode()
        with _waiting() or _started() as child:
            try:
                threading.Thread(target=_feed, args=(child, body), daemon=True).start()
                yield from self._lines(child)
                if not self.reason:
                    child.wait()
            finally:
                child.kill()
        if not self.reason:
            self.reason = _reason(child.returncode)

    def _lines(self, child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
        if child.stdout is None:
            return
        output = child.stdout.fileno()
        buffer = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            next_message = (
                self.deadline
            )  # on a busy machine Python starts slowly, which is no template's fault
            while True:
                left = min(next_message, self.deadline) - time.monotonic()
                if left <= 0 or not selector.select(left):
                    self.reason = "J005"
                    return
                read = os.read(output, _CHUNK)
                if not read:
                    return
                buffer += read
                if len(buffer) > self.limits.message + _CHUNK:
                    self.reason = "J007"
                    return
                while (end := buffer.find(b"\n")) >= 0:
                    line = bytes(buffer[:end])
                    del buffer[: end + 1]
                    next_message = time.monotonic() + self.limits.seconds + _GRACE
                    yield json.loads(line)


def start_early() -> None:
    """Start a child for the first request of this process; if it cannot start, the rendering reports that."""
    if not _WAITING:
        with suppress(OSError):
            _WAITING.append(_started())
            atexit.register(_end_waiting)


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 -- a constant command: nothing of the configuration is in its arguments
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
    )


def _waiting() -> subprocess.Popen[bytes] | None:
    """The child that was started early, for one of the threads that render; None if it has ended."""
    try:
        child = _WAITING.pop()
    except IndexError:
        return None
    if child.poll() is None:
        return child
    with child:
        return None


def _end_waiting() -> None:
    """A run that fails before it renders leaves no process behind."""
    if child := _waiting():
        with child:
            child.kill()


def _feed(child: subprocess.Popen[bytes], body: bytes) -> None:
    """Runs in a thread of its own, so that a child that does not read cannot block the parent."""
    if child.stdin is not None:
        try:
            child.stdin.write(body)
            child.stdin.close()
        except (BrokenPipeError, OSError, ValueError):
            return


def _reason(exit_code: int) -> str:
    if exit_code == 0:
        return ""
    # A SIGKILL that the parent did not send: the kernel was out of memory.
    return {-signal.SIGXCPU: "J005", -signal.SIGKILL: "J006"}.get(exit_code, "J013")
