"""Runs of the command, each in a process of its own that a warm Python forks."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.interpreters import stub

INSTALLED = Path(sys.executable).with_name("reconciler")
_HERE = Path(__file__).parent
_SERVER = _HERE / "server.py"
_PROGRAM = """\
#!{} -IS
import sys
sys.path.append({!r})
import stub
stub.end(stub.stand({!r}, [*{!r}, *sys.argv[1:]]))
"""
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
    """A Python with the product loaded.

    Attributes:
        pid: of the process that was started last; 0 until it is known.
    """

    def __init__(self, python: Path) -> None:
        self.pid = 0
        self._home = Path(tempfile.mkdtemp(prefix="interpreter-"))
        self._place = str(self._home / "socket")
        self._owner, owned = socket.socketpair()
        with owned, socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._place)
            listener.listen()
            files = (owned.fileno(), listener.fileno())
            self._server = subprocess.Popen(
                [str(python), "-P", str(_SERVER), *map(str, files)],
                pass_fds=files,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

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
        words, variables = [str(word) for word in arguments], os.environ if env is None else env
        request = (words, str(cwd or Path.cwd()), dict(variables), umask, [])
        with ExitStack() as stack:
            files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            files[0].write(stdin.encode())
            files[0].seek(0)
            code, peak = self._ask(request, tuple(file.fileno() for file in files))
            for file in files:
                file.seek(0)
            texts = (file.read().decode("utf-8", "surrogateescape") for file in files[1:])
            return Ended(code, *texts, peak)

    def program(self, name: str, *arguments: str | Path) -> Path:
        """A folder for the PATH, with a program of this name that runs these arguments and then its own."""
        script = self._home / name / name
        script.parent.mkdir(exist_ok=True)
        words = (self._place, list(map(str, arguments)))
        script.write_text(_PROGRAM.format(sys.executable, str(_HERE), *words))
        script.chmod(0o700)
        return script.parent

    def close(self) -> None:
        self._owner.close()
        self._server.wait()
        shutil.rmtree(self._home)

    def _ask(self, request: tuple[object, ...], files: tuple[int, ...]) -> tuple[int, int]:
        """Its code, and how much memory it had."""
        self.pid = 0
        with closing(stub.ask(self._place, request, files)) as peer:
            self.pid = pid = stub.answer(peer)
            peer.settimeout(_HANGS)
            try:
                return stub.answer(peer), stub.answer(peer)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise TimeoutError(f"hangs: {request[0]}") from None


def interpreter(python: Path = Path(sys.executable)) -> Interpreter:
    """The warm interpreter of this Python, started when it is first needed, ended with this process."""
    return _interpreter(python)


@cache
def _interpreter(python: Path) -> Interpreter:
    started = Interpreter(python)
    atexit.register(started.close)
    return started


@cache
def programs() -> Path:
    """A folder for the PATH of a shell, whose `reconciler` is the installed one in a warm interpreter.

    Not those of a new process are its parent, its process group, what `ulimit` says and what PYTHONPATH would change.
    """
    return interpreter().program(INSTALLED.name, INSTALLED)


def command(
    *arguments: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    umask: int = 0o022,
) -> Ended:
    """One run of the installed command."""
    return interpreter().run(INSTALLED, *arguments, cwd=cwd, env=env, stdin=stdin, umask=umask)
