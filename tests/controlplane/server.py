"""etcd and kube-apiserver as child processes in a directory of their own."""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.controlplane import config
from tests.controlplane.build import Binaries

_ATTEMPTS = 3
_READY_SECONDS = 600.0  # ends a broken start, measures nothing
_STOP_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1
# Their garbage collector otherwise takes a quarter of their processor time: small heaps, and many requests.
_GO = {"GOGC": "800", "GOMEMLIMIT": "1GiB"}
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class StartError(Exception):
    """The servers did not come up; the message carries the ends of their logs."""


@contextmanager
def serving(directory: Path, binaries: Binaries) -> Iterator[Path]:
    """Servers in `directory` (new, absolute); yields their description for `ControlPlane`.

    Call it on the main thread: the children die with the thread that started them, so that
    none outlives a caller that was killed.
    """
    children: list[subprocess.Popen[bytes]] = []
    try:
        yield _start_with_luck(directory, binaries, children)
    finally:
        _stop(children)


def _start_with_luck(
    directory: Path, binaries: Binaries, children: list[subprocess.Popen[bytes]], attempt: int = 1
) -> Path:
    """A free port can be taken by somebody else before a server binds it."""
    home = directory / f"attempt-{attempt}"
    try:
        return _start(home, binaries, children)
    except StartError as error:
        _stop(children)
        if attempt == _ATTEMPTS or "address already in use" not in str(error):
            raise
    return _start_with_luck(directory, binaries, children, attempt + 1)


def _start(home: Path, binaries: Binaries, children: list[subprocess.Popen[bytes]]) -> Path:
    home.mkdir(parents=True, mode=0o700)
    etcd_port, port = _free_ports(2)
    tokens = {user: secrets.token_hex(16) for user in config.USERS}
    children.append(child(config.etcd(binaries.etcd, home, etcd_port), home / "etcd.log"))
    command = config.kube_apiserver(binaries.kube_apiserver, home, port, etcd_port, tokens)
    children.append(child(command, home / "kube-apiserver.log"))
    url = f"https://127.0.0.1:{port}"
    ca_file = home / "certificates" / "apiserver.crt"
    wait_ready(url, ca_file, tokens[config.ADMIN], children, home)
    for user, token in tokens.items():
        config.write_kubeconfig(home, user, token, url, ca_file)
    description = home / "control-plane.json"
    facts = {
        "url": url,
        "home": str(home),
        "ca_file": str(ca_file),
        "kubectl": str(binaries.kubectl),
        "tokens": tokens,
        "pids": [each.pid for each in children],
    }
    config.write_private(description, json.dumps(facts))
    return description


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def child(command: list[str], log: Path, **options: Any) -> subprocess.Popen[bytes]:
    """A server that dies with this process; `options` are those of Popen."""
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A Ctrl-C at the terminal is for the tests: they stop the servers when they are done.
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the caller has one thread, see serving
            **({"cwd": log.parent, "env": os.environ | _GO} | options),
        )


def die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def wait_ready(
    url: str, ca_file: Path, token: str, children: list[subprocess.Popen[bytes]], home: Path
) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _ready(url, ca_file, token):
        if any(each.poll() is not None for each in children):
            raise StartError(f"a server ended while starting\n{tails(home)}")
        if time.monotonic() > deadline:
            raise StartError(f"not ready after {_READY_SECONDS:.0f} s\n{tails(home)}")
        time.sleep(0.05)


def _ready(url: str, ca_file: Path, token: str) -> bool:
    if not ca_file.exists():
        return False
    request = urllib.request.Request(f"{url}/readyz", headers={"Authorization": f"Bearer {token}"})
    try:
        tls = ssl.create_default_context(cafile=str(ca_file))
        direct = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)
        )
        with direct.open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False  # not listening yet, certificate half written, or 500 while it starts


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    """In reverse: an API server without its etcd takes long to end."""
    while children:
        last = children.pop()
        last.terminate()
        try:
            last.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            last.kill()
            last.wait()


def tails(directory: Path, lines: int = 15) -> str:
    return "\n".join(
        f"--- {log.name}\n" + "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:])
        for log in sorted(directory.rglob("*.log"))
        if log.name != config.AUDIT_LOG
    )
