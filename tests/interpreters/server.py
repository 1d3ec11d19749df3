"""A Python that has the product and its libraries loaded: each request is run in a process forked from it.

Started with the number of a connected socket, whose peer sends one JSON request per line and reads two answers to each:
the id of the process, and how it ended. The child runs what `python ARGUMENTS` would: a file, or a module after `-m`.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
# What the product imports late.
_LATE = ("click", "deepdiff", "git", "kubernetes.client", "re2")


def load() -> None:
    """Import every module of the product; none keeps anything of a run."""
    import reconciler

    for module in pkgutil.walk_packages(reconciler.__path__, "reconciler."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    for name in _LATE:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


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
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    sys.path.append(str(_ROOT))  # for programs of the tests
    peer = socket.socket(fileno=int(sys.argv[1]))
    load()
    if (request := serve(peer)) is not None:
        become(request)
        run(request["arguments"])
