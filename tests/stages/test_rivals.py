"""Objects that two environments claim on one cluster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.adapters.jinja.renderer import JinjaRenderer
from reconciler.kinds import KINDS
from reconciler.model.environment import ClusterTarget, ClusterType
from reconciler.stages.render import render
from reconciler.stages.rivals import rivals
from tests.repository import environment

OBJECT = (
    "apiVersion: agent.flokoa.ai/v1alpha1\nkind: ModelProvider\n"
    "metadata: {name: %s, namespace: llm}\nspec: {}\n"
)
FOLDER, SERVER = ClusterType.DIRECTORY, ClusterType.KUBERNETES
A, B = "same", "other"


@pytest.mark.parametrize(
    ("one", "two", "fight"),
    [
        (ClusterTarget(SERVER, context=A), ClusterTarget(SERVER, context=A), True),
        (ClusterTarget(SERVER, uid=A, context=A), ClusterTarget(SERVER, uid=A, context=B), True),
        (ClusterTarget(FOLDER, path="/a"), ClusterTarget(FOLDER, path="/a"), True),
        (ClusterTarget(SERVER, context=A), ClusterTarget(SERVER, context=B), False),
        (ClusterTarget(SERVER, uid=A, context=A), ClusterTarget(SERVER, uid=B, context=A), False),
        (ClusterTarget(FOLDER, path="/a"), ClusterTarget(FOLDER, path="/b"), False),
        # The kubeconfig of each job decides.
        (ClusterTarget(SERVER), ClusterTarget(SERVER), False),
    ],
)
def test_the_same_object_of_one_cluster(
    tmp_path: Path, one: ClusterTarget, two: ClusterTarget, *, fight: bool
) -> None:
    read = environment(tmp_path, {"a.yaml.j2": OBJECT % "a"})
    manifests, _ = render(read, JinjaRenderer(), KINDS)
    dev = replace(read, name="dev", cluster=one)
    prod = replace(read, cluster=two)
    found = rivals([(dev, manifests), (prod, manifests), (prod, manifests)])
    told = {name: [d.message for d in findings] for name, findings in found.items()}
    message = "dev and prod write the same object to one cluster"
    assert told == {name: [message] for name in (("dev", "prod") if fight else ())}


def test_one_cluster_may_have_several_environments(tmp_path: Path) -> None:
    target = ClusterTarget(SERVER, context=A)
    read = environment(tmp_path, {"a.yaml.j2": OBJECT % "a", "b.yaml.j2": OBJECT % "b"})
    manifests, _ = render(read, JinjaRenderer(), KINDS)
    dev, prod = (replace(read, name=name, cluster=target) for name in ("dev", "prod"))
    assert rivals([(dev, manifests[:1]), (prod, manifests[1:])]) == {}
