"""The namespaces of a node, seen from their first process: what the machine must not notice of it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from pathlib import Path

from tests.node import config

_CGROUPS = Path("/sys/fs/cgroup")
_CONTROLLERS = ("cpu", "cpuset", "hugetlb", "io", "memory", "pids")  # of version 2
_NEEDED = {"cpu", "memory", "pids"}  # without which no kubelet starts
_SUBTREE = "cgroup.subtree_control"
_SHARES = {
    "cpu.shares": "8192",
    "cpu.weight": "800",
}  # of version 1 and 2: eight times those of a process
# The kubelet sets these for the whole machine. It reads what it wants, and so it writes nothing.
_SYSCTLS = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


def prepare() -> None:
    """Folders in memory where containerd and the kubelet write, the network of the pods, and a name."""
    socket.sethostname(config.NAME)
    for folder in ("/run", "/var/log", "/var/lib"):
        _run("mount", "-t", "tmpfs", "tmpfs", folder)
    for name, content in _SYSCTLS.items():
        file = Path("/run") / name.replace("/", "-")
        file.write_text(f"{content}\n")
        if (setting := Path("/proc/sys") / name).exists():
            _run("mount", "--bind", str(file), str(setting))
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "address", "add", f"{config.SERVICE}/32", "dev", "lo")
    _run("ip", "link", "add", config.BRIDGE, "type", "bridge")
    _run("ip", "address", "add", f"{config.GATEWAY}/24", "dev", config.BRIDGE)
    _run("ip", "link", "set", config.BRIDGE, "up")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def refusal() -> str:
    """Why no pod could be limited here, in one line; "" if it could.

    On version 2 a container often has a tree of its own with its processes in the root: the kernel then hands no
    controller down (cgroups(7), "no internal processes"), and the kubelet would end without saying so.
    """
    if not _CGROUPS.is_dir():
        return f"there is no {_CGROUPS}"
    if not os.access(_CGROUPS, os.W_OK):
        return f"{_CGROUPS} cannot be written"
    if not _is_version_2():
        missing = sorted(each for each in _NEEDED if not (_CGROUPS / each).is_dir())
        return f"cgroups of version 1 without {', '.join(missing)}" if missing else ""
    _hand_down()
    enabled = set((_CGROUPS / _SUBTREE).read_text().split())
    missing = sorted(_NEEDED - enabled)
    return f"cgroups of version 2 hand down no {', '.join(missing)} here" if missing else ""


def _hand_down() -> None:
    """On version 2, let what is below the root be limited, as far as the kernel can."""
    for controller in _CONTROLLERS:
        with contextlib.suppress(OSError):
            (_CGROUPS / _SUBTREE).write_text(f"+{controller}")


def make_cgroup(name: str) -> None:
    """One in each hierarchy, and on version 2 in the only one; the kubelet puts every pod below it."""
    if _is_version_2():
        _hand_down()
    for hierarchy in _hierarchies():
        folder = hierarchy / name
        folder.mkdir()
        # A machine that runs other tests too would let the pods of a whole node run as much as one process of it.
        for setting, share in _SHARES.items():
            if (folder / setting).exists():
                (folder / setting).write_text(share)
        # Unlike the others, those of version 1 that say where processes may run begin empty.
        for setting in ("cpuset.cpus", "cpuset.mems"):
            if (folder / setting).exists() and not (hierarchy / "cgroup.controllers").exists():
                (folder / setting).write_text((hierarchy / setting).read_text())


def remove_cgroup(name: str) -> bool:
    """Whether it is gone: the last process in it may not have ended yet."""
    for hierarchy in _hierarchies():
        below = [path for path in (hierarchy / name).rglob("*") if path.is_dir()]
        try:
            for folder in sorted(below, reverse=True):  # the deepest first
                folder.rmdir()
            (hierarchy / name).rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return False
    return True


def _is_version_2() -> bool:
    return (_CGROUPS / "cgroup.controllers").exists()


def _hierarchies() -> list[Path]:
    if _is_version_2():
        return [_CGROUPS]
    return [path for path in _CGROUPS.iterdir() if path.is_dir() and not path.is_symlink()]
