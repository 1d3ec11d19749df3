"""The commands for kubectl that a run prints, run as they stand: they reach the cluster that the run has read."""

from __future__ import annotations

import os
import re
import subprocess

from tests.controlplane.build import binaries
from tests.controlplane.plane import ControlPlane
from tests.world import Ran, World

PROVIDER = "providers.omnia.altairalabs.ai"


def printed(ran: Ran, word: str) -> str:
    (line,) = {
        each for each in re.findall(r"kubectl .+$", ran.stdout, re.MULTILINE) if word in each
    }
    return line


def run(line: str) -> str:
    """Without any kubeconfig but the one that the line names."""
    environ = {k: v for k, v in os.environ.items() if k not in ("KUBECONFIG", "HOME")}
    path = f"{binaries().kubectl.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", line], env=environ | {"PATH": path, "HOME": "/nonexistent"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_namespace_that_objects_wait_for_is_created(world: World) -> None:
    later = f"{world.namespace}-later"
    world.edit("environments/prod/environment.yaml", "namespaces: [", f"namespaces: [{later}, ")
    for name in ("claude", "gateway", "fast"):
        file = "claude" if name == "claude" else "gateway"
        place = f"name: {name}\n  namespace: {later}\nspec"
        world.edit(f"templates/{file}.yaml.j2", f"name: {name}\nspec", place)
    waits = world.run("diff", "prod")
    assert waits.code == 6
    assert waits.stdout.count("WAITING") == 1
    assert "; apply would end with 6: waiting for the cluster" in waits.stdout.splitlines()[-1]
    run(printed(waits, "create namespace"))
    assert set(world.run("diff", "prod").prod.states.values()) == {"new"}


def test_a_field_that_somebody_added_is_taken_out(
    applied: World, control_plane: ControlPlane
) -> None:
    control_plane.kubectl(
        "patch", PROVIDER, "claude", "-n", applied.namespace, "--type=merge",
        '-p={"spec":{"headers":{"X-Route":"elsewhere"}}}',
    )  # fmt: skip
    run(printed(applied.run("drift", "prod"), "patch"))
    assert applied.run("drift", "prod").prod.change("claude")["foreign"] == []


def test_what_git_no_longer_has_is_deleted(applied: World) -> None:
    (applied.root / "templates/claude.yaml.j2").unlink()
    kept = applied.run("diff", "prod")
    assert kept.prod.states["claude"] == "kept"
    run(printed(kept, "delete"))
    assert "claude" not in applied.run("diff", "prod").prod.states
