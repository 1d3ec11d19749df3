"""The termination message: what `kubectl describe` shows of a container that has ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

VARIABLE = "RECONCILER_TERMINATION_LOG"
_DEFAULT = "/dev/termination-log"  # which the kubelet makes
_LONGEST = 4096  # bytes that Kubernetes keeps


def write_termination(text: Callable[[], str], environ: Mapping[str, str] = os.environ) -> None:
    """Write one line, without what a terminal would act on, if there is such a file; no run fails over it."""
    named = environ.get(VARIABLE)
    # In place and not anew: the kubelet has mounted this one file.
    flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(named or _DEFAULT, flags | (os.O_CREAT if named else 0), 0o644)
    except OSError:
        return
    try:
        line = _line(text())
        os.ftruncate(descriptor, 0)
        os.write(descriptor, line)
    except OSError:
        return
    finally:
        os.close(descriptor)


def _line(text: str) -> bytes:
    from reconciler.text.printable import printable

    encoded = " ".join(printable(text).split()).encode("utf-8", "backslashreplace")
    return encoded[:_LONGEST].decode(errors="ignore").encode()  # whole characters
