"""Runs git on what a server sends, with limits: for its time, its memory, its files, and what it says.

Git has no limit for a fetch. A server could fill the disk, or make an index of so many objects that the memory ends.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import selectors
import subprocess
import time
from typing import IO, TYPE_CHECKING, Final, cast

from reconciler.errors import RepositoryError
from reconciler.frozen import dataclass

if TYPE_CHECKING:
    from git import Git

_GIB: Final = 1 << 30
_CHUNK: Final = 64 * 1024
_GRACE: Final = 2.0  # seconds after SIGTERM, which lets git end its children
# How git ends at a limit of the system: SIGXFSZ, EFBIG, ENOMEM.
_AT_A_LIMIT: Final = re.compile(r"signal 25|File too large|[Oo]ut of memory|memory exhausted")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one command, for each of its processes.

    Attributes:
        seconds: wall-clock time.
        memory: bytes without mapped files.
        file: bytes of one file that it writes; a fetch writes one.
        output: bytes that it says on each of its streams.
    """

    seconds: float = 600.0
    memory: int = _GIB
    file: int = _GIB
    output: int = 16 * 1024 * 1024


LIMITS: Final = Limits()


class Exceeded(RepositoryError):
    """Git was stopped at a limit."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The output of a command.

    Attributes:
        status: its exit code.
    """

    status: int
    output: str
    errors: str


def bounded(run: Git, command: str, where: str, *words: str) -> Ended:
    """Run a command of git.

    Args:
        where: the repository, for messages.

    Raises:
        Exceeded: a limit was reached.
    """
    running = getattr(run, command)(*words, as_process=True)  # git is ended when it goes
    return ended(running.proc, where, LIMITS)


def ended(child: subprocess.Popen[bytes], where: str, limits: Limits) -> Ended:
    """Wait until git ends, or stop it at a limit.

    Args:
        child: with pipes for both streams.

    Raises:
        Exceeded: a limit was reached.
    """
    _limit(child.pid, limits)
    try:
        output, errors = _read(child, where, limits)
    except BaseException:
        _end(child)
        raise
    if child.returncode and _is_at_a_limit(errors):
        raise _exceeded(f"{limits.file >> 20} MiB of disk or memory", where)
    return Ended(child.returncode, output, errors)


def _limit(pid: int, limits: Limits) -> None:
    """Limit the process. Its later children inherit the limits."""
    if not hasattr(resource, "prlimit"):  # only Linux has it
        return
    for kind, most in ((resource.RLIMIT_DATA, limits.memory), (resource.RLIMIT_FSIZE, limits.file)):
        with contextlib.suppress(ProcessLookupError, PermissionError, ValueError):
            resource.prlimit(pid, kind, (most, most))


def _read(child: subprocess.Popen[bytes], where: str, limits: Limits) -> tuple[str, str]:
    end = time.monotonic() + limits.seconds
    streams = [cast(IO[bytes], stream) for stream in (child.stdout, child.stderr)]
    texts = {stream.fileno(): bytearray() for stream in streams}
    with selectors.DefaultSelector() as selector:
        for number in texts:
            selector.register(number, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, end - time.monotonic()))
            if not ready:
                raise _exceeded(f"{limits.seconds / 60:g} minutes", where)
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK)
                texts[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
                if len(texts[key.fd]) > limits.output:
                    raise _exceeded(f"{limits.output >> 20} MiB of output", where)
    try:
        child.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise _exceeded(f"{limits.seconds / 60:g} minutes", where) from None
    output, errors = (text.decode(errors="replace") for text in texts.values())
    return output, errors


def _is_at_a_limit(errors: str) -> bool:
    """Whether git failed at a limit. A child that the system killed prints nothing; its parent complains."""
    silent = errors.count("fatal: ") == 1 and "invalid index-pack output" in errors
    return silent or bool(_AT_A_LIMIT.search(errors))


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _exceeded(what: str, where: str) -> Exceeded:
    return Exceeded(
        f"git needs more than {what} for this repository, and was stopped",
        hint="is it the right one? A clone that you have made yourself has no such limit: -C FOLDER",
        where=where,
    )
