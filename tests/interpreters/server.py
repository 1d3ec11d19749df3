"""A Python that has the product and its libraries loaded: each request is run in a process forked from it.

Started with the number of a connected socket, whose peer sends one JSON request per line and reads two answers to each:
the id of the process, and how it ended. The child runs what `python ARGUMENTS` would: a file, or a module after `-m`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import sys
import threading
from collections.abc import Iterator
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


def serve(connection: socket.socket) -> dict[str, Any] | None:
    """Fork for each request, and return it in the child; None when the peer has gone."""
    with connection, connection.makefile("rw", encoding="utf-8") as lines:
        for line in lines:
            pid = os.fork()
            if pid == 0:
                return dict(json.loads(line))
            _say(lines, {"pid": pid})
            _, status, usage = os.wait4(pid, 0)
            code = os.waitstatus_to_exitcode(status)
            _say(lines, {"code": code, "peak": usage.ru_maxrss})
    return None


def _say(lines: Any, answer: dict[str, Any]) -> None:
    lines.write(json.dumps(answer) + "\n")
    lines.flush()


def become(request: dict[str, Any]) -> None:
    """What a new process would have: folder, variables, files, arguments."""
    os.umask(request["umask"])
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        file = os.open(request[name], os.O_WRONLY if number else os.O_RDONLY)
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
        return 1
    return 0


if __name__ == "__main__":
    sys.path.append(str(_ROOT))  # for programs of the tests
    peer = socket.socket(fileno=int(sys.argv[1]))
    load()
    if (request := serve(peer)) is not None:
        become(request)
        end(request["arguments"])
