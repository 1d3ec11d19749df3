"""`--requests-per-second` on a real API server: what arrives there, and how a run ends that has to wait.

The n-th request arrives after it has taken its token, and that is at the earliest when the bucket has had so many since
the start. Load only makes it later.
"""

from __future__ import annotations

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model.shard import Shard
from tests.controlplane.locks import until
from tests.controlplane.plane import ControlPlane
from tests.e2e.hostile import admin
from tests.faults.actions import AFTER
from tests.faults.fleet import Fleet
from tests.faults.proxy import Proxy
from tests.interpreters.warm import Ended, command, interpreter

_NAMES = ("eu-0", "eu-1", "eu-2", "eu-3", "eu-4")
_RATE = 8
_MANY = """\
{% for i in range(COUNT) %}
---
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: "claude-{{ i }}"}
spec: {type: claude, model: claude-sonnet-4-5, credential: {secretRef: {name: claude, key: ANTHROPIC_API_KEY}}}
{% endfor %}
"""


def keeps(rate: float, burst: float, started: float, proxy: Proxy) -> None:
    """Renewals of a lock are not counted."""
    arrived = sorted(
        each.arrived
        for each in proxy.requests()
        if each.request.method == "GET" or "/leases" not in each.request.path
    )
    assert arrived
    for number, at in enumerate(arrived, start=1):
        assert at - started >= (number - burst) / rate, f"{number} requests in {at - started:.2f} s"


@pytest.fixture
def fleet(tmp_path: Path, control_plane: ControlPlane, proxy: Proxy) -> Fleet:
    """Environments of two contexts that lead to the same server, applied."""
    fleet = Fleet.of(tmp_path / "config", _NAMES).founded(control_plane)
    assert fleet.run("apply", kubeconfig=control_plane.kubeconfig).code == 0
    file = admin(proxy, control_plane)
    content = json.loads(file.read_text())
    (context,) = content["contexts"]
    content["contexts"] = [context | {"name": name} for name in ("first", "second")]
    file.write_text(json.dumps(content))
    for number, name in enumerate(_NAMES):
        cluster = f"{{type: kubernetes, context: {('first', 'second')[number % 2]}}}"
        fleet.edit(f"environments/{name}/environment.yaml", "{type: kubernetes}", cluster)
    return replace(fleet, kubeconfig=file)


def test_two_shards_at_once_and_two_contexts_keep_one_rate(fleet: Fleet, proxy: Proxy) -> None:
    shards = (Shard(0, 2), Shard(1, 2))
    assert all(any(map(shard.owns, _NAMES)) for shard in shards)

    def watch(shard: Shard) -> Ended:
        where = ("-C", str(fleet.root), "--kubeconfig", str(fleet.kubeconfig))
        rate = ("--requests-per-second", str(_RATE))
        return command("drift", "--shard", str(shard), *rate, *where, "-o", "line")

    started = time.monotonic()
    with ThreadPoolExecutor(len(shards)) as pool:
        ended = list(pool.map(watch, shards))
    assert [each.code for each in ended] == [0, 0], [each.output for each in ended]
    assert len(proxy.requests(path="/configmaps/provider-reconciler-")) == len(_NAMES)
    keeps(_RATE, _RATE, started, proxy)


def test_a_slow_rate_is_no_slow_answer(
    tmp_path: Path, control_plane: ControlPlane, proxy: Proxy
) -> None:
    """Eight requests wait for their turn at a time, the last of them longer than one may take."""
    fleet = Fleet.of(tmp_path / "config", ("prod",), _MANY.replace("COUNT", "16"))
    fleet = replace(fleet.founded(control_plane), kubeconfig=admin(proxy, control_plane))
    started = time.monotonic()
    ran = fleet.run("apply", "--requests-per-second", "2", "--timeout", "3")
    assert ran.code == 0, ran.stdout
    assert len(ran.prod["outcomes"]) == 16
    keeps(2, 2, started, proxy)


def test_a_signal_ends_a_run_that_waits(
    tmp_path: Path, control_plane: ControlPlane, proxy: Proxy
) -> None:
    fleet = Fleet.of(tmp_path / "config", ("prod",), _MANY.replace("COUNT", "16"))
    fleet = replace(fleet.founded(control_plane), kubeconfig=admin(proxy, control_plane))
    warm = interpreter()

    def end() -> None:
        until(lambda: warm.pid != 0, "the process is known")
        os.kill(warm.pid, signal.SIGTERM)

    proxy.on("PATCH", "/providers/", replace(AFTER, strike=end), times=1)
    ran = fleet.run("apply", "--requests-per-second", "2")
    assert ran.code == 143, ran.stdout
    messages = [outcome["message"] for outcome in ran.prod["outcomes"]]
    assert any("interrupted before it was sent" in message for message in messages)
    assert any(message == "interrupted before it was applied" for message in messages)
    assert proxy.writes("/configmaps/provider-reconciler-prod"), "the record tells what was done"
    (lease,) = control_plane.request(
        "GET", f"/apis/coordination.k8s.io/v1/namespaces/{fleet.namespace}/leases"
    ).json()["items"]
    assert not lease["spec"].get("holderIdentity"), "and the lock is released"
