"""One child process: a request in, messages out, with a limit on everything that it can use up."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from reconciler.adapters.jinja.limits import Limits

_COMMAND = (sys.executable, "-I", "-X", "utf8", "-m", "reconciler.adapters.jinja.child")
_GRACE = 2.0  # seconds for the child to stop by itself: it knows the line
_CHUNK = 1 << 16


@dataclass(slots=True)
class Child:
    """Runs the request of one environment; iterate over `messages`, then ask `reason` why they ended."""

    request: dict[str, Any]
    limits: Limits
    deadline: float  # by the monotonic clock
    reason: str = field(default="", init=False)  # "", or the code of what stopped it

    def messages(self) -> Iterator[dict[str, Any]]:
        """Every whole message, until the child ends or must be ended."""
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
        with subprocess.Popen(  # noqa: S603 -- our own program, and nothing of the configuration in its arguments
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        ) as process:
            try:
                threading.Thread(target=_feed, args=(process, body), daemon=True).start()
                yield from self._lines(process)
            finally:
                if process.poll() is None and not self.reason:
                    process.wait()
                process.kill()
        if not self.reason:
            self.reason = _reason(process.returncode)

    def _lines(self, process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
        if process.stdout is None:
            return
        output = process.stdout.fileno()
        buffer = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            quiet = time.monotonic() + self.limits.seconds + _GRACE
            while True:
                left = min(quiet, self.deadline) - time.monotonic()
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
                    quiet = time.monotonic() + self.limits.seconds + _GRACE
                    yield json.loads(line)


def _feed(process: subprocess.Popen[bytes], body: bytes) -> None:
    """From a thread of its own: a child that does not read must not stop the parent."""
    if process.stdin is not None:
        try:
            process.stdin.write(body)
            process.stdin.close()
        except (BrokenPipeError, OSError, ValueError):
            return


def _reason(code: int) -> str:
    if code == 0:
        return ""
    by_signal = {
        -signal.SIGXCPU: "J005",
        -signal.SIGKILL: "J006",
    }  # a kill that is not ours: out of memory
    return by_signal.get(code, "J013")
