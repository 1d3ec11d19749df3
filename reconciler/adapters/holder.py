"""`ports.Holder`: this process as the holder of a lock."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PIDS = Path("/proc/self/ns/pid")


class ProcessHolder:
    """Its identity is `HOST/PID/MACHINE-RUN`: MACHINE stands for one boot of one machine and its set of process ids."""

    def __init__(self) -> None:
        self._machine = _machine()
        host = "".join(c for c in os.uname().nodename[:60] if c.isalnum() or c in "-._")
        run = secrets.token_hex(4)
        self.identity = f"{host or 'host'}/{os.getpid()}/{self._machine or 'unknown'}-{run}"

    def has_ended(self, identity: str) -> bool:
        """Whether the identity is of a process of this machine that has ended; False if that is unknown."""
        _, _, rest = identity.partition("/")
        pid, _, suffix = rest.partition("/")
        machine, _, _ = suffix.partition("-")
        if not self._machine or machine != self._machine or not pid.isdecimal():
            return False
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):
            return False
        return False


def _machine() -> str:
    """A name for one boot of this machine and one set of process ids; "" where the system does not tell."""
    with suppress(OSError):
        parts = f"{_BOOT.read_text().strip()} {_PIDS.readlink()}"
        return hashlib.sha256(parts.encode()).hexdigest()[:8]
    return ""
