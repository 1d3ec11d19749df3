"""Servers that are killed, restarted or paused during an apply, and a CRD that goes: D-25, D-26, D-50.

These need a control plane of their own, since all other tests would notice.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.controlplane import crds
from tests.controlplane.build import binaries
from tests.controlplane.locks import until
from tests.controlplane.plane import ControlPlane
from tests.controlplane.server import serving
from tests.e2e.hostile import admin
from tests.e2e.test_kills import TEMPLATE
from tests.faults.actions import Action, Request
from tests.faults.proxy import Proxy
from tests.world import World, secret

_CRDS = Path(__file__).parents[2] / "reconciler" / "crds"
_MODELS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/models.agent.flokoa.ai"
_MODEL = """\
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: Model
metadata: {name: "last"}
spec: {model: "round-{{ values.round }}", providerRef: {name: "kept-0"}}
"""
_PAUSE = 3.0  # seconds


class OwnPlane:
    """A control plane whose servers a test may kill."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self._etcd, self._server = plane.pids
        self._started: list[subprocess.Popen[bytes]] = []

    def restart_server(self) -> None:
        self._server = self._restarted(self._server)

    def restart_etcd(self) -> None:
        self._etcd = self._restarted(self._etcd)

    def pause_server(self) -> None:
        os.kill(self._server, signal.SIGSTOP)
        threading.Timer(_PAUSE, os.kill, (self._server, signal.SIGCONT)).start()

    def remove_models(self) -> None:
        self.plane.request("DELETE", _MODELS).raise_for_status()

    def wait(self) -> None:
        until(self._is_ready, "the server is ready")
        until(self._has_no_leaving_crd, "a CRD that was deleted has gone, with its objects")
        self.plane.install_crds(crds.newest(_CRDS))

    def stop(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()

    def _restarted(self, pid: int) -> int:
        """Another process like this one, which is killed."""
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
        folder = Path(f"/proc/{pid}/cwd").readlink()
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # until then it has the port
        with (folder / "restarted.log").open("ab") as log:
            self._started.append(
                subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
            )
        return self._started[-1].pid

    def _has_no_leaving_crd(self) -> bool:
        answer = self.plane.request("GET", _MODELS)
        return not answer.is_success or "deletionTimestamp" not in answer.json()["metadata"]

    def _is_ready(self) -> bool:
        try:
            return self.plane.request("GET", "/readyz").is_success
        except httpx.TransportError:
            return False


@pytest.fixture
def own(tmp_path: Path, control_plane: ControlPlane) -> Iterator[OwnPlane]:  # noqa: ARG001 -- it says that there is one
    with (
        serving(tmp_path / "servers", binaries()) as description,
        ControlPlane(description) as plane,
    ):
        own = OwnPlane(plane)
        own.wait()
        yield own
        own.stop()


EVENTS: dict[str, Callable[[OwnPlane], None]] = {
    "D-25 the server is killed": OwnPlane.restart_server,
    "D-25 the server is paused": OwnPlane.pause_server,
    "D-26 etcd is killed": OwnPlane.restart_etcd,
    "D-50 a CRD is deleted": OwnPlane.remove_models,
}

# An object that left with its CRD after it was observed is refused, where the server
# answers the precondition before it stops serving the kind.
_CODES = {"D-50 a CRD is deleted": {0, 5, 6, 8}}


@pytest.mark.slow
def test_a_rerun_converges_after_what_happened_to_the_servers(
    own: OwnPlane, tmp_path: Path
) -> None:
    plane = own.plane
    plane.create("namespaces", {"metadata": {"name": "llm"}})
    plane.create(
        "namespaces/llm/secrets", secret("claude", ANTHROPIC_API_KEY="sk-ant-canary-7d2f8a51c9")
    )
    world = World.make(
        tmp_path / "config", {"prod": "llm"}, templates={"all.yaml.j2": TEMPLATE + _MODEL}
    )
    with Proxy(plane.url, plane.ca_file, tmp_path).running() as proxy:
        for number, (name, event) in enumerate(EVENTS.items(), start=1):
            world.write({"environments/prod/values.yaml": f"round: {number}\n"})
            proxy.calm()
            proxy.on("PATCH", "(?!.*dryRun)", once(lambda event=event: event(own)), first=6)
            ran = world.run("apply", "prod", "--timeout", "20", kubeconfig=admin(proxy, plane))
            assert ran.code in _CODES.get(name, {0, 5, 6}), f"{name}: {ran.stdout}"
            if ran.code == 8:
                assert "no existing object was found" in ran.stdout
            assert "this is a bug" not in ran.stdout
            proxy.calm()
            own.wait()
            again = world.run("apply", "prod", kubeconfig=admin(proxy, plane))
            assert again.code == 0, f"{name}: {again.stdout}"
            proxy.calm()
            third = world.run("apply", "prod", kubeconfig=admin(proxy, plane))
            assert (third.code, proxy.writes()) == (0, []), f"{name}: {third.stdout}"


def once(act: Callable[[], None]) -> Callable[[Request], Action | None]:
    done: list[Request] = []

    def decide(request: Request) -> None:
        if request.writes and not done:
            done.append(request)
            act()

    return decide
