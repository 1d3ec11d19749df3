"""Servers that cannot be reached, and namespaces that cannot be written (D-08, D-21, D-48)."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.hostile import admin, live, tells_nothing
from tests.faults.actions import failure, say
from tests.faults.fleet import Fleet
from tests.faults.proxy import Proxy
from tests.interpreters.clients import Client
from tests.world import CLAUDE

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST


def _bound() -> socket.socket:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    return server


def _address(server: socket.socket) -> str:
    return f"https://127.0.0.1:{server.getsockname()[1]}"


def _reset_all(server: socket.socket) -> None:
    """Reset each connection as soon as it is made, until the listening socket is shut down."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        connection.close()


WORDS = {
    "refused": "no connection to the API server (connection refused)",
    "reset": "connection reset by peer",
    "silent": "no answer in time",
    "unknown": "the host name of the API server is not known",
}


@pytest.fixture
def addresses() -> Iterator[dict[str, str]]:
    """Servers by what they do to a connection."""
    refused, reset, silent = _bound(), _bound(), _bound()
    with ExitStack() as stack:
        for server in (refused, reset, silent):
            stack.enter_context(closing(server))
        for server in (reset, silent):
            server.listen(64)  # the kernel connects; nobody shakes hands on behalf of `silent`
        thread = threading.Thread(target=_reset_all, args=(reset,), daemon=True)
        thread.start()
        yield {
            "refused": _address(refused),
            "reset": _address(reset),
            "silent": _address(silent),
            "unknown": "https://nowhere.invalid:6443",
        }
        reset.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_server_that_cannot_be_reached(
    tmp_path: Path, addresses: dict[str, str], client: Client
) -> None:
    """D-21: 5 within the deadline, in words of our own."""
    fleet = Fleet.of(tmp_path / "config", tuple(addresses), CLAUDE)
    for name in addresses:
        environment = f"environments/{name}/environment.yaml"
        fleet.edit(environment, "{type: kubernetes}", f"{{type: kubernetes, context: {name}}}")
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.touch(mode=0o600)
    kubeconfig.write_text(
        json.dumps(
            {
                "clusters": [
                    {"name": name, "cluster": {"server": server}}
                    for name, server in addresses.items()
                ],
                "users": [{"name": "user", "user": {"token": "qK4-nUx8Rz1mYwE7vTbL0dSg"}}],
                "contexts": [
                    {"name": name, "context": {"cluster": name, "user": "user"}}
                    for name in addresses
                ],
            }
        )
    )
    for verb in ("diff", "apply"):
        ran = fleet.run(verb, "--timeout", "2", kubeconfig=kubeconfig, client=client)
        assert (ran.code, ran.codes) == (5, dict.fromkeys(addresses, 5)), ran.stdout
        for name, words in WORDS.items():
            problem = ran.environment(name).problem
            # On a busy machine the deadline may come first.
            assert words in problem or WORDS["silent"] in problem
        assert "qK4-nUx8" not in ran.everything


def test_a_namespace_that_is_being_deleted(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-08: nothing is written, no request is sent twice, and what ends the wait is told."""
    fleet = Fleet.of(tmp_path / "config", ("one",), CLAUDE).founded(control_plane)
    control_plane.request("DELETE", f"/api/v1/namespaces/{fleet.namespaces['one']}")
    ran = fleet.run("apply", kubeconfig=admin(proxy, control_plane), client=client)
    assert ran.code == 5, ran.stdout
    assert f"wait --for=delete namespace/{fleet.namespaces['one']}" in ran.stdout
    assert "create namespace" not in ran.stdout
    refused = [passed.request for passed in proxy.log if passed.said == 403]
    assert len({(each.method, each.path, each.body) for each in refused}) == len(refused)
    assert live(control_plane, fleet, "one")["code"] == 404
    tells_nothing(ran, control_plane)


def test_whichever_object_fails_the_others_are_applied(
    tmp_path: Path, proxy: Proxy, control_plane: ControlPlane, client: Client
) -> None:
    """D-48: in each environment another object is denied; a model goes out although its provider did not."""
    objects = ("claude", "gateway", "fast")
    fleet = Fleet.of(tmp_path / "config", objects).founded(control_plane)
    for name in objects:
        webhook = f'admission webhook "policy.example" denied the request: no {name}'
        denial = say(403, failure(403, "Forbidden", webhook))
        proxy.on("PATCH", fleet.path(name, rf"[a-z]+/{name}\?(?!.*dryRun)"), denial)
    kubeconfig = admin(proxy, control_plane)
    ran = fleet.run("apply", kubeconfig=kubeconfig, client=client)
    assert (ran.code, ran.codes) == (6, dict.fromkeys(objects, 6)), ran.stdout
    for name in objects:
        results = dict.fromkeys(objects, "created") | {name: "skipped"}
        assert ran.environment(name).results == results
        assert ran.environment(name).states[name] == "invalid"
    proxy.calm()
    again = fleet.run("apply", kubeconfig=kubeconfig, client=client)
    assert again.codes == dict.fromkeys(objects, 0), again.stdout
    for name in objects:
        assert again.environment(name).results[name] == "created"
