"""A node in namespaces of its own: when their first process ends, every process, mount and address of it ends."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.controlplane import config as controlplane
from tests.controlplane.locks import until
from tests.controlplane.server import StartError, child, tails
from tests.lock import ROOT
from tests.node import config, image, kernel
from tests.node.archive import Image
from tests.node.build import Parts
from tests.node.specification import Specification

_UNSHARE = (
    "unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--mount-proc",
    "--kill-child=SIGKILL", "--",
)  # fmt: skip
_PREFIX = "provider-reconciler-"


@contextmanager
def serving(directory: Path, parts: Parts) -> Iterator[Path]:
    """A node in `directory` (new, absolute); yields the description of its API server for `Node`.

    Call it on the main thread, as `tests.controlplane.server.serving`.
    """
    _sweep()
    directory.mkdir(mode=0o711)
    with _cgroup() as cgroup, socket.create_server(("127.0.0.1", 0)) as listener:
        specification = _specification(directory, parts, cgroup, listener.fileno())
        with _inside(specification, listener) as pid:
            yield _described(specification, listener.getsockname()[1], pid)


@contextmanager
def _cgroup() -> Iterator[str]:
    """The name of a new one; gone when the processes in it are."""
    name = f"{_PREFIX}{os.getpid()}"
    try:
        kernel.make_cgroup(name)
        yield name
    finally:
        until(lambda: kernel.remove_cgroup(name), "the processes of the node are gone", 60)


@contextmanager
def _inside(specification: Specification, listener: socket.socket) -> Iterator[int]:
    """The first process of the node, by its number on the machine, once the servers run."""
    file = specification.home / "specification.json"
    specification.write(file)
    program = [sys.executable, "-m", "tests.node.inside", str(file)]
    log, sockets = specification.home / "inside.log", [listener.fileno()]
    unshare = child([*_UNSHARE, *program], log, cwd=ROOT, pass_fds=sockets)
    ready = specification.ready
    try:
        until(lambda: ready.exists() or unshare.poll() is not None, "the node is up")
        if not ready.exists():
            raise StartError(f"the node ended while starting\n{tails(specification.home)}")
        yield _first(unshare)
    finally:
        first = _first(unshare)
        unshare.kill()  # which kills the first process too, and the kernel all others before that one is gone
        unshare.wait()
        until(lambda: not Path(f"/proc/{first}").exists(), "the first process of the node is gone")


def _first(unshare: subprocess.Popen[bytes]) -> int:
    """0 if it has ended."""
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{unshare.pid}/task/{unshare.pid}/children").read_text().split()
        return int(children[0]) if children else 0
    return 0


def _specification(directory: Path, parts: Parts, cgroup: str, listener: int) -> Specification:
    made = directory / "image"
    made.mkdir()
    pause = made / "pause.tar"
    program = parts.runtime / "usr/bin"
    subprocess.run(["tar", "-C", program, "-cf", pause, "catatonit"], check=True)
    layers = tuple(map(str, image.layers(parts.system, made)))
    return Specification(
        home=directory,
        control_plane=parts.control_plane,
        programs=parts.programs,
        runtime=parts.runtime,
        images=(
            Image(
                config.PAUSE, {"Entrypoint": ["/catatonit", "-P"], "User": "65535"}, (str(pause),)
            ),
            Image(image.NAME, image.settings(), layers),
        ),
        tokens={user: secrets.token_hex(16) for user in config.USERS},
        cgroup=cgroup,
        listener=listener,
    )


def _described(specification: Specification, port: int, pid: int) -> Path:
    """As `ControlPlane` reads it. The certificate of the server names localhost."""
    home = specification.home
    ca_file = home / "certificates/apiserver.crt"
    url = f"https://localhost:{port}"
    admin = controlplane.ADMIN
    outside = home / "outside"
    outside.mkdir()
    controlplane.write_kubeconfig(outside, admin, specification.tokens[admin], url, ca_file)
    (outside / controlplane.AUDIT_LOG).symlink_to(home / controlplane.AUDIT_LOG)
    facts = {
        "url": url,
        "home": str(outside),
        "ca_file": str(ca_file),
        "kubectl": str(specification.control_plane.kubectl),
        "tokens": {admin: specification.tokens[admin]},
        "pids": [pid],
    }
    return controlplane.write_private(home / "description.json", json.dumps(facts))


def _sweep() -> None:
    """What a supervisor left that was killed itself: its processes are gone, its cgroups are not."""
    for path in Path("/sys/fs/cgroup").glob(f"*/{_PREFIX}*"):
        pid = path.name.removeprefix(_PREFIX)
        if not Path("/proc", pid).exists():
            kernel.remove_cgroup(path.name)
