"""Two environments that share a namespace of one API server: what the other one manages is not unmanaged."""

from __future__ import annotations

import pytest

from tests.controlplane.plane import ControlPlane
from tests.e2e.roles import grant
from tests.e2e.test_in_sync import with_policy
from tests.world import CLAUDE, ENVIRONMENT, VALUES, World

OTHER = CLAUDE.replace("name: claude\n", "name: other\n", 1)


@pytest.fixture
def shared(applied: World) -> World:
    """prod fails on unmanaged objects; staging has applied one to the same namespace. Neither names its cluster."""
    config = ENVIRONMENT.format(namespace=applied.namespace).replace("[templates/*.yaml.j2]", "[]")
    applied.write(
        {
            "environments/staging/environment.yaml": config,
            "environments/staging/values.yaml": VALUES,
            "environments/staging/other.yaml.j2": OTHER,
        }
    )
    with_policy(applied, "{unmanaged: fail}")
    ran = applied.run("apply", "staging")
    assert ran.code == 0, ran.everything
    return applied


def unmanaged(world: World, **options: object) -> list[str]:
    report = world.run("drift", "prod", **options).prod  # type: ignore[arg-type]
    return [each["ref"]["name"] for each in report["unmanaged"]]


def test_what_the_record_of_the_other_one_has_is_managed_there(
    shared: World, control_plane: ControlPlane
) -> None:
    ran = shared.run("drift", "prod")
    assert (ran.code, ran.prod["unmanaged"], ran.prod["notInSync"]) == (0, [], [])
    # The role of a watch may not read the record of another environment: nothing is hidden then.
    user = grant(control_plane, shared, "watch")
    assert unmanaged(shared, kubeconfig=user) == ["other"]


def test_its_label_alone_hides_nothing(shared: World, control_plane: ControlPlane) -> None:
    of = ("-n", shared.namespace)
    control_plane.kubectl("delete", "configmap", "provider-reconciler-staging", *of)
    assert unmanaged(shared) == ["other"]


def test_a_pinned_uid_says_which_cluster_it_is(shared: World, control_plane: ControlPlane) -> None:
    """Without the record, and without a context."""
    of = ("-n", shared.namespace)
    control_plane.kubectl("delete", "configmap", "provider-reconciler-staging", *of)
    answer = control_plane.request("GET", "/api/v1/namespaces/kube-system")
    uid = answer.raise_for_status().json()["metadata"]["uid"]
    kubernetes = "cluster: {type: kubernetes"
    shared.edit("environments/staging/environment.yaml", kubernetes, f"{kubernetes}, uid: {uid}")
    assert unmanaged(shared) == []
    shared.edit("environments/staging/environment.yaml", uid, f"{uid[:-1]}x")
    assert unmanaged(shared) == ["other"]


def test_what_another_tool_applies_is_managed_where_it_is_observed(
    shared: World, control_plane: ControlPlane
) -> None:
    config = "environments/staging/environment.yaml"
    shared.edit(
        config, "configVersion: 1", "configVersion: 1\nmode: observe\nmanager: argocd-controller"
    )
    of = ("-n", shared.namespace)
    control_plane.kubectl("delete", "configmap", "provider-reconciler-staging", *of)
    control_plane.kubectl("delete", "providers.omnia.altairalabs.ai", "other", *of)
    rendered = OTHER.replace("{{ values.claude.model | tojson }}", "claude-sonnet-4-5")
    rendered = rendered.replace("{{ values.claude.maxTokens }}", "4096")
    control_plane.apply(rendered, "--field-manager=argocd-controller", *of)
    assert unmanaged(shared) == ["other"], "nothing says that staging is on this cluster"
    ran = shared.run("drift", "staging", "--record")
    assert ran.code == 0, ran.everything
    assert unmanaged(shared) == []
