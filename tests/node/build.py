"""What a node is made of, made once into the cache: `python -m tests.node.build` does it ahead of the tests.

- Kubernetes' programs, built from the Go module of the control plane
- containerd, runc and the network plugins, from Debian's packages
- the layers of the image below the program itself (image.py)
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.build import Binaries, UnavailableError, binaries, built, cache
from tests.controlplane.locks import locked
from tests.node import debian, image, kernel

_PROGRAMS = {
    name: f"k8s.io/kubernetes/cmd/{name}"
    for name in ("kube-controller-manager", "kube-scheduler", "kubelet")
}
# catatonit is the container that holds the network of a pod; it needs no library.
_RUNTIME = ("containerd", "runc", "containernetworking-plugins", "catatonit")
_DIGEST = 32  # characters of it in the name of a folder
_KEPT = 24 * 60 * 60.0  # seconds without a use; a run takes minutes
_TOOLS = ("unshare", "nsenter", "mount", "ip", "tar")


@dataclass(frozen=True)
class Parts:
    """
    Attributes:
        programs: the folder of kube-controller-manager, kube-scheduler and kubelet.
        runtime: a root folder with containerd, runc and the network plugins.
        system: the folder of the image's lower layers.
    """

    control_plane: Binaries
    programs: Path
    runtime: Path
    system: Path


def parts() -> Parts:
    """From the cache, else made into it (minutes).

    Raises:
        UnavailableError: no node can run here, or something of it cannot be had.
    """
    _check_machine()
    return Parts(
        binaries(),
        built("node", _PROGRAMS),
        made("runtime", repr(_RUNTIME), _runtime),
        made("image", image.key(), image.make_lower_layers),
    )


def _check_machine() -> None:
    if sys.platform != "linux":
        raise UnavailableError("a node runs on Linux only")
    if os.geteuid() != 0:
        raise UnavailableError("a node needs root")
    if missing := [tool for tool in _TOOLS if shutil.which(tool) is None]:
        raise UnavailableError(f"a node needs {', '.join(missing)}")
    tried = subprocess.run(
        ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        raise UnavailableError(f"no namespaces can be made here: {tried.stderr.strip()}")
    if refusal := kernel.refusal():
        raise UnavailableError(refusal)


def made(name: str, key: str, make: Callable[[Path], None]) -> Path:
    """A folder of the cache, made whole or not at all."""
    digest = hashlib.sha256(f"{key}\0{platform.machine()}\0{_distribution()}".encode()).hexdigest()
    home = cache() / "node" / f"{name}-{digest[:_DIGEST]}"
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with locked(home.with_suffix(".lock")):
            if not home.exists():
                unfinished = home.with_suffix(".unfinished")
                shutil.rmtree(unfinished, ignore_errors=True)  # of one that was killed
                print(f"node: making {name} once, into {home}", file=sys.stderr, flush=True)
                make(unfinished)
                unfinished.rename(home)
    os.utime(home)  # when it was last used
    _remove_unused(home, name)
    return home


def _remove_unused(home: Path, name: str) -> None:
    """Folders that another list of packages or another lock made, unless a checkout has used them today."""
    for other in home.parent.glob(f"{name}-{'?' * _DIGEST}"):
        with contextlib.suppress(FileNotFoundError):  # another run removes it, too
            if other != home and time.time() - other.stat().st_mtime > _KEPT:
                print(f"node: removing {other}, which nobody uses", file=sys.stderr, flush=True)
                shutil.rmtree(other)
                other.with_suffix(".lock").unlink()


def _distribution() -> str:
    return Path("/etc/os-release").read_text("utf-8")


def _runtime(folder: Path) -> None:
    debian.unpack(_RUNTIME, folder, with_dependencies=False)
    for program in ("usr/bin/containerd", "usr/sbin/runc"):
        tried = subprocess.run(
            [folder / program, "--version"], capture_output=True, text=True, check=False
        )
        if tried.returncode != 0:
            raise UnavailableError(f"{program} does not run here: {tried.stderr.strip()[-200:]}")


def main() -> int:
    try:
        parts()
    except UnavailableError as error:
        print(f"node: not available: {error}", file=sys.stderr)
        # Where there can be none the tests say so; only a run that must have it ends here.
        return 1 if os.environ.get("CI") == "true" else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
