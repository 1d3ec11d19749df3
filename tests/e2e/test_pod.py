"""In a pod: its own account, whatever context git names, on a real API server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane
from tests.faults import in_cluster
from tests.faults.proxy import Proxy, Request
from tests.interpreters.clients import NEWEST
from tests.world import VALUES, Ran, World

CONFIG = "environments/prod/environment.yaml"
KUBERNETES = "{type: kubernetes}"


@pytest.fixture
def pod(tmp_path: Path, proxy: Proxy, control_plane: ControlPlane) -> in_cluster.Pod:
    return in_cluster.pod(tmp_path, proxy, control_plane.admin_token)


@pytest.fixture
def world(world: World) -> World:
    world.edit(CONFIG, KUBERNETES, "{type: kubernetes, context: prod-eu}")
    return World(world.root, world.namespaces)


def run(world: World, pod: in_cluster.Pod, *words: str, **variables: str) -> Ran:
    return world.run(*words, client=pod.client(NEWEST), **(pod.environ | variables))


def test_its_account_is_used_whatever_the_context(world: World, pod: in_cluster.Pod) -> None:
    ran = run(world, pod, "apply", "prod")
    assert ran.code == 0, ran.stdout + ran.stderr
    cluster = ran.prod["cluster"]
    assert (cluster["name"], cluster.get("context", "")) == ("in-cluster", "")


def test_the_uid_of_the_cluster_still_guards(world: World, pod: in_cluster.Pod) -> None:
    world.edit(CONFIG, "context: prod-eu", "context: prod-eu, uid: 7f0d")
    ran = run(world, pod, "apply", "prod")
    assert ran.code == 8
    assert "in-cluster is another cluster" in ran.prod.problem


def test_unless_the_environment_says_otherwise(world: World, pod: in_cluster.Pod) -> None:
    world.edit(CONFIG, "context: prod-eu", "context: prod-eu, inCluster: false")
    ran = run(world, pod, "diff", "prod")
    assert ran.code == 2
    assert ran.prod.problem == "there is no kubeconfig"


def test_a_kubeconfig_wins(world: World, pod: in_cluster.Pod, control_plane: ControlPlane) -> None:
    world.edit(CONFIG, "context: prod-eu", "context: control-plane")
    ran = run(world, pod, "diff", "prod", KUBECONFIG=str(control_plane.kubeconfig))
    assert (ran.code, ran.prod["cluster"]["name"]) == (1, "control-plane")


def test_environments_of_other_contexts_are_not_written_to_its_cluster(
    world: World, pod: in_cluster.Pod
) -> None:
    staging = (world.root / CONFIG).read_text().replace("prod-eu", "staging-eu")
    world.write({"environments/staging/environment.yaml": staging})
    world.write({"environments/staging/values.yaml": VALUES})
    ran = run(world, pod, "apply", "prod", "staging")
    assert ran.codes == {"prod": 3, "staging": 3}
    assert "E010" in ran.stdout
    assert run(world, pod, "validate", "prod", "staging").codes["prod"] == 0, "reads no cluster"


def test_a_token_that_rotates_in_the_middle_is_read_again(
    world: World, pod: in_cluster.Pod, proxy: Proxy, control_plane: ControlPlane, tmp_path: Path
) -> None:
    token = tmp_path / "pod-token"
    token.write_text("expired")

    def rotate(_: Request) -> None:
        token.write_text(control_plane.admin_token)

    proxy.on("GET", ".*", rotate, times=1)
    ran = run(world, pod, "diff", "prod")
    assert ran.code == 1, ran.stdout + ran.stderr
    assert proxy.log[0].said == 401
    assert control_plane.admin_token not in ran.everything
