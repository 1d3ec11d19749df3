"""Two applies never write one environment at the same time, on the real API server."""

from __future__ import annotations

import dataclasses
import json
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from reconciler.model.lease import new_lease
from tests.controlplane.locks import until
from tests.controlplane.plane import ControlPlane
from tests.e2e.hostile import admin
from tests.e2e.roles import grant
from tests.e2e.test_endings import lock_holder, start
from tests.faults.proxy import Proxy
from tests.world import EnvironmentReport, World

OTHER = "runner-7/4121/00000000-1a2b3c4d"  # no process of this machine
NAME = "provider-reconciler-prod"


def hold(plane: ControlPlane, world: World) -> None:
    """Another run holds the lock."""
    lease = new_lease(world.namespace, NAME, OTHER, datetime.now(UTC))
    plane.apply(json.dumps(lease.body()))


def objects(plane: ControlPlane, world: World) -> list[str]:
    answer = plane.kubectl(
        "get", "providers.omnia.altairalabs.ai", "-n", world.namespace, "-o", "json"
    )
    return [each["metadata"]["name"] for each in json.loads(answer.stdout)["items"]]


def where(world: World) -> str:
    """What a printed command repeats."""
    return f"-C {world.root} --kubeconfig {world.kubeconfig}"


def test_an_apply_that_may_not_wait_stops_before_its_first_write(
    world: World, control_plane: ControlPlane
) -> None:
    hold(control_plane, world)
    ran = world.run("apply", "prod", "--lock-wait", "0")
    assert ran.code == 7
    assert f"{OTHER} holds the lock {world.namespace}/{NAME} since" in ran.stdout
    assert f"reconciler unlock prod {where(world)} {OTHER}" in ran.stdout
    assert objects(control_plane, world) == []
    assert lock_holder(control_plane, world) == OTHER
    assert world.run("diff", "prod").code == 1, "a run that only reads needs no lock"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_wait_for_the_lock(
    world: World, control_plane: ControlPlane, proxy: Proxy, number: int, code: int
) -> None:
    """D-36: the lock stays with the run that holds it, and nothing is written."""
    hold(control_plane, world)
    report = world.root.parent / "stopped.json"
    behind = dataclasses.replace(world, kubeconfig=admin(proxy, control_plane))
    with start(behind, "--lock-wait", "600", "-o", f"json={report}") as process:
        until(lambda: len(proxy.requests("GET", "/leases/")) > 1, "the run waits for the lock")
        process.send_signal(number)
        process.communicate(timeout=600)
    assert process.returncode == code
    ended = EnvironmentReport(json.loads(report.read_text())["environments"][0])
    assert ended.problem == "interrupted while it waited for the lock; nothing was written"
    assert proxy.writes() == []
    assert lock_holder(control_plane, world) == OTHER


def test_unlock_releases_the_lock_of_the_run_that_is_named(
    world: World, control_plane: ControlPlane
) -> None:
    hold(control_plane, world)
    wrong = world.run("unlock", "prod", "runner-1/1/a-b")
    assert wrong.code == 2
    assert wrong.stderr.splitlines() == [
        f"error: prod: {OTHER} holds the lock, not runner-1/1/a-b",
        f"  help: if that run has ended: reconciler unlock prod {where(world)} {OTHER}",
    ]
    right = world.run("unlock", "prod", OTHER)
    assert (right.code, right.stdout) == (0, f"prod: the lock of {OTHER} is released\n")
    assert world.run("apply", "prod", "--lock-wait", "0").code == 0
    assert lock_holder(control_plane, world) == ""
    again = world.run("unlock", "prod", OTHER)
    assert (again.code, again.stderr) == (2, "error: prod: nobody holds the lock\n")


def test_without_permission_for_leases_apply_goes_on_and_says_so(
    world: World, control_plane: ControlPlane
) -> None:
    user = grant(control_plane, world, "change", without="coordination.k8s.io")
    ran = world.run("apply", "prod", kubeconfig=user)
    assert ran.code == 0, ran.stdout
    assert any("not locked, so two applies could overlap" in note for note in ran.prod["notes"])


def test_the_lock_of_a_run_that_was_killed_here_is_taken_at_once(
    applied: World, control_plane: ControlPlane
) -> None:
    gone = holder_of_an_ended_process()
    lease = new_lease(applied.namespace, NAME, gone, datetime.now(UTC))
    control_plane.kubectl("delete", "lease", NAME, "-n", applied.namespace)
    control_plane.apply(json.dumps(lease.body()))
    assert applied.run("apply", "prod", "--lock-wait", "0").code == 0


def holder_of_an_ended_process() -> str:
    import subprocess
    import sys

    code = "from reconciler.adapters.holder import ProcessHolder; print(ProcessHolder().identity)"
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return ended.stdout.strip()


def test_of_two_applies_at_once_the_second_waits_and_both_succeed(
    applied: World, control_plane: ControlPlane
) -> None:
    root = applied.root.parent / "second" / "config"
    shutil.copytree(applied.root, root)
    second = dataclasses.replace(applied, root=root)
    applied.edit_values("claude-sonnet-4-5", "claude-opus-4-1")
    second.edit_values("claude-sonnet-4-5", "claude-haiku-4-5")
    mark = control_plane.audit.mark()
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda world: world.run("apply", "prod"), (applied, second)))
    assert [ran.code for ran in runs] == [0, 0], [ran.stdout for ran in runs]
    locked, taken = False, 0
    for request in control_plane.audit.since(mark):
        if request.namespace != applied.namespace or request.dry_run:
            continue
        if request.resource == "leases" and request.verb == "update" and request.code == 200:
            locked, taken = not locked, taken + 1
        elif request.verb in ("patch", "update"):
            assert locked, f"{request.verb} {request.resource} outside of the lock"
    assert taken == 4, "each run takes the lock once and releases it once"
