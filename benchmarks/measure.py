"""One command as a whole process: wall time, peak memory, and what it asked the API server."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.plane import ControlPlane


@dataclass(frozen=True)
class Run:
    """One run: seconds on the clock and of processor time, MiB, requests by verb (a dry-run is `dry-run`)."""

    seconds: float
    processor: float
    memory: float
    requests: Counter[str]


def run(
    command: Sequence[str | Path], plane: ControlPlane | None, codes: Sequence[int] = (0,)
) -> Run:
    """Run a command to its end.

    Raises:
        RuntimeError: it ended with a code that is not expected.
    """
    mark = plane.audit.mark() if plane else 0
    # With it, every run would compile what it imports; users' installations have the bytecode.
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise RuntimeError(f"{command} ended with {process.returncode}:\n{output[-2000:]}")
    records = plane.audit.since(mark) if plane else []
    asked = Counter("dry-run" if r.dry_run else r.verb for r in records if r.resource)
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, asked)


@dataclass(frozen=True)
class Summary:
    """Medians over the rounds; the requests are those of the last."""

    seconds: float
    memory: float
    requests: Counter[str]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Summary:
        return cls(
            statistics.median(r.seconds for r in runs),
            max(r.memory for r in runs),
            runs[-1].requests,
        )

    @property
    def total(self) -> int:
        return sum(self.requests.values())
