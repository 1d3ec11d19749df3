"""The termination message: what `kubectl describe` shows of a container that has ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

VARIABLE = "RECONCILER_TERMINATION_LOG"
_DEFAULT = "/dev/termination-log"  # which the kubelet makes
_LONGEST = 4096  # bytes that Kubernetes keeps


class Termination:
    """One line: the verdict, and what failed before it or after it."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._parts: list[bytes] = []

    def add(self, text: Callable[[], str]) -> None:
        """Add a text, without what a terminal would act on, if there is such a file; no run fails over it."""
        named = self._environ.get(VARIABLE)
        # In place and not anew: the kubelet has mounted this one file.
        flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(named or _DEFAULT, flags | (os.O_CREAT if named else 0), 0o644)
        except OSError:
            return
        try:
            self._parts.append(_encoded(text()))
            os.ftruncate(descriptor, 0)
            os.write(descriptor, self._line())
        except OSError:
            return
        finally:
            os.close(descriptor)

    def _line(self) -> bytes:
        """All parts; a verdict over many environments is cut before what failed after it."""
        first, *later = self._parts
        end = _cut(b"".join(b"; " + part for part in later), _LONGEST)
        return _cut(first, _LONGEST - len(end)) + end


def _encoded(text: str) -> bytes:
    from reconciler.text.printable import printable

    return " ".join(printable(text).split()).encode("utf-8", "backslashreplace")


def _cut(text: bytes, longest: int) -> bytes:
    return text[:longest].decode(errors="ignore").encode()  # whole characters


TERMINATION = Termination()
