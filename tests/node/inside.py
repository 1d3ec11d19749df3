"""The first process of a node: `python -m tests.node.inside SPECIFICATION`; when it ends, all of the node ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, cast

from tests.controlplane import config as controlplane
from tests.controlplane.locks import until
from tests.controlplane.server import StartError, child, tails, wait_ready
from tests.node import config, forward, kernel
from tests.node.archive import write_archive
from tests.node.specification import Specification


def main() -> int:
    specification = Specification.read(Path(sys.argv[1]))
    try:
        kernel.prepare()
        servers = _start(specification)
    except (StartError, OSError, subprocess.CalledProcessError, TimeoutError) as error:
        print(f"{error}\n{tails(specification.home)}", file=sys.stderr)
        return 1
    forward.serve(socket.socket(fileno=specification.listener), (config.SERVICE, 443))
    specification.ready.touch()
    return _reap({server.pid: Path(str(server.args[0])).name for server in servers})  # type: ignore[index]


def _reap(servers: dict[int, str]) -> int:
    """Every process that loses its parent comes here; without its servers the node is none."""
    while True:
        pid, status = os.wait()
        if pid in servers:
            print(f"{servers[pid]} ended with status {status}", file=sys.stderr)
            return 1


def _start(specification: Specification) -> list[subprocess.Popen[bytes]]:
    home, programs = specification.home, specification.programs
    runtime, binaries = specification.runtime, specification.control_plane
    system = runtime / "usr/bin", runtime / "usr/sbin"
    os.environ["PATH"] = os.pathsep.join([*map(str, system), os.environ["PATH"]])
    servers: list[subprocess.Popen[bytes]] = []

    def start(command: list[str]) -> None:
        servers.append(child(command, home / f"{Path(command[0]).name}.log"))

    start(controlplane.etcd(binaries.etcd, home, config.ETCD_PORT))
    start(config.containerd(runtime, home))
    start(config.kube_apiserver(binaries, home, specification.tokens))
    _import_images(specification)
    ca_file = home / "certificates/apiserver.crt"
    admin = specification.tokens[controlplane.ADMIN]
    wait_ready(config.URL, ca_file, admin, servers, home)
    for user, token in specification.tokens.items():
        controlplane.write_kubeconfig(home, user, token, config.URL, ca_file)
    start(config.controllers(programs, home, ca_file))
    start(config.scheduler(programs, home))
    start(config.kubelet(programs, home, specification.cgroup))
    return servers


def _import_images(specification: Specification) -> None:
    until(Path(config.CONTAINERD).exists, "containerd is up")
    with subprocess.Popen(
        ["ctr", "--address", config.CONTAINERD, "--namespace", "k8s.io", "images", "import", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as importing:
        write_archive(cast("IO[bytes]", importing.stdin), specification.images)
        cast("IO[bytes]", importing.stdin).close()
    if importing.returncode != 0:
        raise StartError("containerd does not take the images")


if __name__ == "__main__":
    sys.exit(main())
