"""A Python that has the product and its libraries loaded: each request is run in a process forked from it.

Started with the numbers of two sockets: one whose peer lives as long as this is needed, and one that takes connections.
Each of these has one request, as stub.py sends it, and gets three numbers: the id of the process, and, when it has
ended, its code and its memory. The child runs what `python ARGUMENTS` would: a file, or a module after `-m`.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import marshal
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

_ROOT = Path(__file__).parents[2]
# What the product imports late.
_LATE = ("click", "deepdiff", "git", "kubernetes.client", "re2")


def load() -> None:
    """Import every module of the product, and build what it makes of package data; none keeps anything of a run."""
    import reconciler

    for module in pkgutil.walk_packages(reconciler.__path__, "reconciler."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    for name in _LATE:
        importlib.import_module(name)
    for model in _below(importlib.import_module("pydantic").BaseModel):
        model.model_rebuild()
    catalogue = importlib.import_module("reconciler.crds.catalogue")
    for name in catalogue.names():
        catalogue.load(name).storage_version.schema  # noqa: B018 -- it is built when it is first read
    child_process: Any = importlib.import_module("reconciler.adapters.jinja.child_process")
    child_process.subprocess = importlib.import_module("tests.interpreters.renderer")
    gc.collect()
    gc.freeze()


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)


@dataclass(frozen=True)
class Request:
    """What a new process would have.

    Attributes:
        ignored: numbers of signals.
        files: numbers of standard input, output and error.
    """

    arguments: list[str]
    folder: str
    variables: dict[str, str]
    umask: int
    ignored: list[int]
    files: list[int]


def received(connection: socket.socket) -> Request:
    start, files, _, _ = socket.recv_fds(connection, 4, 3)
    with connection.makefile("rb") as rest:
        length = int.from_bytes(start + rest.read(4 - len(start)), "big")
        return Request(*marshal.loads(rest.read(length)), files)


class Server:
    """Forks for each request, until its owner has gone."""

    def __init__(self, owner: socket.socket, listener: socket.socket) -> None:
        self._owner, self._listener = owner, listener
        self._ended, waker = socket.socketpair()
        self._sockets = [owner, listener, self._ended, waker]
        self._runs: dict[int, socket.socket] = {}
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> Request | None:
        """A request in the process that is forked for it; None when the owner has gone."""
        while True:
            sockets = [self._owner, self._listener, self._ended, *self._runs.values()]
            ready, _, _ = select.select(sockets, [], [])
            if self._owner in ready:
                return None
            if self._ended in ready:
                self._ended.recv(4096)
                self._reap()
            for pid, connection in self._runs.items():
                if connection in ready:  # whoever asked has been killed
                    os.kill(pid, signal.SIGKILL)
            if self._listener in ready and (request := self._fork()):
                return request

    def _fork(self) -> Request | None:
        connection, _ = self._listener.accept()
        request = received(connection)
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for each in (*self._sockets, *self._runs.values(), connection):
                each.close()
            return request
        for number in request.files:
            os.close(number)
        self._runs[pid] = connection
        _say(connection, pid)
        return None

    def _reap(self) -> None:
        while self._runs:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            with self._runs.pop(pid) as connection:
                _say(connection, os.waitstatus_to_exitcode(status), usage.ru_maxrss)


def _say(connection: socket.socket, *numbers: int) -> None:
    with contextlib.suppress(BrokenPipeError):
        connection.sendall(b"".join(number.to_bytes(4, "big", signed=True) for number in numbers))


def become(request: Request) -> None:
    os.umask(request.umask)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.variables)
    # What starts the tests in the background ignores signals, and what it starts does, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    for number in request.ignored:
        signal.signal(number, signal.SIG_IGN)
    for number, file in enumerate(request.files):
        os.dup2(file, number)
        os.close(file)


def run(arguments: list[str]) -> None:
    """
    Raises:
        SystemExit: the program ends with a code.
    """
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


def end(arguments: list[str]) -> NoReturn:
    """Run, and end as Python does, but without taking apart what is loaded, which costs more than most runs."""
    code = _code_of(arguments)
    threading._shutdown()  # type: ignore[attr-defined]  # as Python does: it waits for threads
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _code_of(arguments: list[str]) -> int:
    try:
        run(arguments)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return (ended.code or 0) & 0xFF
        print(ended.code, file=sys.stderr)
        return 1
    except BaseException:  # noqa: BLE001 -- Python ends in this way
        sys.excepthook(*sys.exc_info())
        return -signal.SIGINT if sys.exc_info()[0] is KeyboardInterrupt else 1
    return 0


if __name__ == "__main__":
    sys.path.append(str(_ROOT))  # for programs of the tests
    owner, listener = (socket.socket(fileno=int(number)) for number in sys.argv[1:])
    load()
    if (request := Server(owner, listener).serve()) is not None:
        become(request)
        end(request.arguments)
