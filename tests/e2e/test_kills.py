"""SIGKILL at a request of an apply: before the server has it, after it is done, and with a part of the answer.

One rerun brings everything to what git says, and nothing is lost. The run creates four objects, changes sixteen, of two
kinds, and prunes four. Without KILLS=all only the first request of each sort is tried, and of
those that read one of the three.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.controlplane.locks import until
from tests.controlplane.plane import ControlPlane
from tests.e2e.hostile import admin
from tests.faults.actions import AFTER, BEFORE, MIDWAY, Cut, Request
from tests.faults.proxy import Proxy
from tests.interpreters.warm import interpreter
from tests.world import Ran, World

TEMPLATE = """\
{% for i in range(8) %}
---
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: "kept-{{ i }}"}
spec: {type: claude, model: "round-{{ values.round }}", credential: {secretRef: {name: claude}}}
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata: {name: "kept-{{ i }}"}
spec: {bedrock: {region: "round-{{ values.round }}"}}
{% endfor %}
{% for i in range(4) %}
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata: {name: "new-{{ values.round }}-{{ i }}"}
spec: {bedrock: {region: "round-{{ values.round }}"}}
{% endfor %}
"""
COLLECTIONS = (
    "/apis/omnia.altairalabs.ai/v1alpha1/namespaces/{}/providers",
    "/apis/agent.flokoa.ai/v1alpha1/namespaces/{}/modelproviders",
)
CUTS: dict[str, Cut] = {"before": BEFORE, "after": AFTER, "midway": MIDWAY}
ALL = os.environ.get("KILLS") == "all"


@dataclass
class Rounds:
    """An environment in which git changes each round: the specs of the kept objects, and the names of the new ones."""

    world: World
    plane: ControlPlane
    number: int = 0

    def next(self) -> None:
        self.number += 1
        self.world.write({"environments/prod/values.yaml": f"round: {self.number}\n"})

    def apply(self, world: World | None = None) -> Ran:
        return (world or self.world).run("apply", "prod", "--prune", "--allow-rollback")

    def live(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for pattern in COLLECTIONS:
            path = pattern.format(self.world.namespace)
            answer = self.plane.request("GET", path).raise_for_status()
            yield from ((path, body) for body in answer.json()["items"])

    def is_done(self) -> bool:
        """Whether the cluster has what git says, no more and no less."""
        git = {"spec": f"round-{self.number}", "new": f"new-{self.number}-"}
        bodies = [body for _, body in self.live()]
        return len(bodies) == 20 and all(
            git["spec"] in str(body["spec"])
            and body["metadata"]["name"].startswith(("kept-", git["new"]))
            for body in bodies
        )


@pytest.fixture
def rounds(world: World, control_plane: ControlPlane) -> Rounds:
    """After two rounds, so that the next one is like all that follow."""
    world.write({"templates/claude.yaml.j2": TEMPLATE, "templates/gateway.yaml.j2": ""})
    rounds = Rounds(world, control_plane)
    for _ in range(2):
        rounds.next()
        assert rounds.apply().code == 0
    return rounds


def sort_of(request: Request) -> str:
    """What a request is about, without the names of objects."""
    path, _, query = request.path.partition("?")
    path = re.sub(r"/namespaces/[^/]+|(kept|new)-[\d-]+", "", path)
    return f"{request.method} {path} {'dry' if 'dryRun' in query else ''}"


def points(requests: list[Request]) -> list[tuple[int, str]]:
    """At which requests, by their number, the run is killed, and how."""
    firsts = {sort_of(request): number for number, request in reversed(list(enumerate(requests)))}
    reads = itertools.cycle(CUTS)
    return [
        (number, cut)
        for number, request in enumerate(requests)
        if ALL or number in firsts.values()
        for cut in (CUTS if ALL or request.writes else (next(reads),))
    ]


@pytest.mark.slow
def test_a_rerun_after_a_kill_at_any_request_converges(
    rounds: Rounds, proxy: Proxy, control_plane: ControlPlane
) -> None:
    world = replace(rounds.world, kubeconfig=admin(proxy, control_plane))
    rounds.next()
    assert rounds.apply(world).code == 0
    requests = [passed.request for passed in proxy.log]
    assert len([request for request in requests if request.writes]) >= 24
    warm, killed = interpreter(), 0

    def kill() -> None:
        until(lambda: warm.pid != 0, "the process is known")
        os.kill(warm.pid, signal.SIGKILL)

    for number, cut in points(requests):
        rounds.next()
        proxy.calm()
        proxy.on(".*", "", replace(CUTS[cut], strike=kill), first=number + 1, times=1)
        killed += rounds.apply(world).code == -signal.SIGKILL
        proxy.calm()
        point = f"{sort_of(requests[number])}, request {number}, {cut}"
        again = rounds.apply(world)
        assert again.code == 0, f"{point}: {again.stdout}"
        assert rounds.is_done(), point
        # An object that the record had lost would be drifted, in conflict or kept, here or in the next round.
        assert set(again.prod.states.values()) <= {"new", "changed", "unchanged", "removed"}, point
    proxy.calm()
    assert (world.run("diff", "prod").code, proxy.writes()) == (0, [])
    print(f"{killed} kills at {len(requests)} requests")
    assert killed == len(points(requests))
