"""A real sshd: Debian's, in a mount namespace with the user and the folder that it asks for. Linux and root."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.adapters.sources.access import GitAccess
from tests.controlplane.fixtures import available
from tests.controlplane.locks import until
from tests.controlplane.server import child
from tests.node.build import made
from tests.node.debian import unpack
from tests.repository import write

_PACKAGES = ("openssh-server", "libwrap0")
_SETTINGS = """\
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
PidFile none
"""
_USERS = """\
root:x:0:0::/root:/bin/sh
sshd:x:65533:65533::/run/sshd:/usr/sbin/nologin
"""


@dataclass(frozen=True)
class SshServer:
    """
    Attributes:
        home: with the key of the client, `key`, one that the server does not know, `other`, and `known_hosts`.
    """

    url: str
    home: Path

    def access(self, key: str = "key", known_hosts: str = "known_hosts") -> GitAccess:
        return GitAccess(key=str(self.home / key), known_hosts=str(self.home / known_hosts))


@contextmanager
def serving_ssh(
    config: pytest.Config, home: Path, host: str = "127.0.0.1", within: Sequence[str] = ()
) -> Iterator[SshServer]:
    """A server with files in a folder that exists; `within` is a command that runs another one elsewhere."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("sshd needs Linux and root")
    with available(config, "no sshd: "):
        packages = made(
            "sshd", repr(_PACKAGES), lambda to: unpack(_PACKAGES, to, with_dependencies=False)
        )
    for name in ("host", "key", "other"):
        keygen = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / name))
        subprocess.run(keygen, check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    _configure(home, host, port)
    libraries = next(packages.glob("usr/lib/*-linux-gnu"))
    place = shlex.quote(str(home))
    script = (
        "mount -t tmpfs tmpfs /run && mkdir /run/sshd && "
        f"mount --bind {place}/passwd /etc/passwd && "
        f"LD_LIBRARY_PATH={libraries} exec {packages}/usr/sbin/sshd -D -e -f {place}/sshd_config"
    )
    log = home / "sshd.log"
    server = child([*within, "unshare", "--mount", "sh", "-c", script], log, cwd=home)
    try:
        until(
            lambda: "Server listening" in log.read_text() or server.poll() is not None, "sshd is up"
        )
        assert server.poll() is None, log.read_text()
        yield SshServer(f"ssh://root@{host}:{port}", home)
    finally:
        server.kill()
        server.wait()


def _configure(home: Path, host: str, port: int) -> None:
    keys = f"HostKey {home}/host\nAuthorizedKeysFile {home}/key.pub\n"
    write(
        home,
        {
            "known_hosts": f"[{host}]:{port} {(home / 'host.pub').read_text()}",
            "elsewhere": f"[{host}]:{port} {(home / 'other.pub').read_text()}",
            "sshd_config": f"{_SETTINGS}ListenAddress {host}\nPort {port}\n{keys}",
            "passwd": _USERS,
        },
    )
