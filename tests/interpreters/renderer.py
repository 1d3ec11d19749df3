"""What stands for `subprocess` in `reconciler.adapters.jinja.child_process` in a warm run: nothing is imported again.

The process that renders templates is forked from the run, which has all of it loaded, and has its own files, no
variables and the signals of a new process. Tests of the renderer start the real one, and test_warm.py compares the two.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any, NoReturn

from reconciler.adapters.jinja import child

__all__ = ["DEVNULL", "PIPE", "Popen"]

_SIZE = Path("/proc/self/statm")
_restrict = child._restrict


class Popen(subprocess.Popen[bytes]):
    def __init__(self, command: Any, **options: Any) -> None:
        super().__init__(command, preexec_fn=_render, **options)


def _render() -> NoReturn:
    """Instead of the command. That Popen waits for the command to start ends when the other files are closed."""
    code = 1
    try:
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.environ.clear()
        sys.stdin, sys.stdout = (
            os.fdopen(0),
            os.fdopen(1, "w"),
        )  # the run may have written to its own
        for number in signal.valid_signals():
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        gc.enable()
        child._restrict = _restrict_growth
        code = child.main()
    finally:
        os._exit(code)


def _restrict_growth(memory: int, cpu_seconds: int) -> None:
    """The address space of the run is not the renderer's."""
    pages = int(_SIZE.read_text().split()[0]) if _SIZE.exists() else 0
    _restrict(memory + pages * resource.getpagesize(), cpu_seconds)
