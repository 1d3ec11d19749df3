"""Runs of the command, each in a process of its own that a warm Python forks."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

INSTALLED = Path(sys.executable).with_name("reconciler")
_SERVER = Path(__file__).with_name("server.py")
_HANGS = 600.0  # seconds until a run that hangs is killed and its test fails


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: as in `subprocess`, negative for a signal.
        peak: KiB, resident, the largest of the process and its children.
    """

    code: int
    stdout: str
    stderr: str
    peak: int

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


class Interpreter:
    """A Python with the product loaded. It runs one process at a time.

    Attributes:
        pid: of the process that it runs; 0 until it is known.
    """

    def __init__(self, python: Path) -> None:
        self.pid = 0
        self._home = Path(tempfile.mkdtemp(prefix="interpreter-"))
        self._peer, server = socket.socketpair()
        with server:
            self._server = subprocess.Popen(
                [str(python), "-P", str(_SERVER), str(server.fileno())],
                pass_fds=[server.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._lines = self._peer.makefile("rw", encoding="utf-8")

    def run(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        umask: int = 0o022,
    ) -> Ended:
        """What `python ARGUMENTS` does; a first argument `-m` names a module, any other one a file.

        Raises:
            TimeoutError: it hangs. It was killed.
        """
        files = {name: self._home / name for name in ("stdin", "stdout", "stderr")}
        for name, path in files.items():
            path.write_text(stdin if name == "stdin" else "")
        request = {
            "arguments": [str(word) for word in arguments],
            "cwd": str(cwd or Path.cwd()),
            "env": dict(os.environ if env is None else env),
            "umask": umask,
            **{name: str(path) for name, path in files.items()},
        }
        ended = self._ask(request)
        texts = (files[name].read_text("utf-8", "surrogateescape") for name in ("stdout", "stderr"))
        return Ended(ended["code"], *texts, ended["peak"])

    def close(self) -> None:
        self._lines.close()
        self._peer.close()
        self._server.wait()
        shutil.rmtree(self._home)

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        self.pid = 0
        self._lines.write(json.dumps(request) + "\n")
        self._lines.flush()
        self._peer.settimeout(None)
        self.pid = pid = self._answer()["pid"]
        self._peer.settimeout(_HANGS)
        try:
            return self._answer()
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise TimeoutError(f"hangs: {request['arguments']}") from None

    def _answer(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise RuntimeError("the warm interpreter has ended")
        return dict(json.loads(line))


def interpreter(python: Path = Path(sys.executable)) -> Interpreter:
    """The warm interpreter of this Python and this thread, started when it is first needed, ended with this process."""
    return _started(python, threading.get_ident())


@cache
def _started(python: Path, _thread: int) -> Interpreter:
    started = Interpreter(python)
    atexit.register(started.close)
    return started


def command(
    *arguments: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    umask: int = 0o022,
) -> Ended:
    """One run of the installed command."""
    return interpreter().run(INSTALLED, *arguments, cwd=cwd, env=env, stdin=stdin, umask=umask)
