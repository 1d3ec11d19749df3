"""Objects that two environments write to one cluster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.adapters.jinja.renderer import JinjaRenderer
from reconciler.kinds import KINDS
from reconciler.model.environment import ClusterTarget, ClusterType
from reconciler.stages.overlaps import overlaps
from reconciler.stages.render import render
from tests.repository import environment

OBJECT = (
    "apiVersion: agent.flokoa.ai/v1alpha1\nkind: ModelProvider\n"
    "metadata: {name: %s, namespace: llm}\nspec: {}\n"
)
FOLDER, SERVER = ClusterType.DIRECTORY, ClusterType.KUBERNETES
A, B = "same", "other"


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (ClusterTarget(SERVER, context=A), ClusterTarget(SERVER, context=A), True),
        (ClusterTarget(SERVER, uid=A, context=A), ClusterTarget(SERVER, uid=A, context=B), True),
        (ClusterTarget(FOLDER, path="/a"), ClusterTarget(FOLDER, path="/a"), True),
        (ClusterTarget(SERVER, context=A), ClusterTarget(SERVER, context=B), False),
        (ClusterTarget(SERVER, uid=A, context=A), ClusterTarget(SERVER, uid=B, context=A), False),
        (ClusterTarget(FOLDER, path="/a"), ClusterTarget(FOLDER, path="/b"), False),
        (ClusterTarget(SERVER, pod=True), ClusterTarget(SERVER, pod=True), True),
        (ClusterTarget(SERVER, pod=True, uid=A), ClusterTarget(SERVER, pod=True, uid=B), False),
        # The kubeconfig of each run selects the cluster.
        (ClusterTarget(SERVER), ClusterTarget(SERVER), False),
    ],
)
def test_the_same_object_of_one_cluster(
    tmp_path: Path, first: ClusterTarget, second: ClusterTarget, *, overlap: bool
) -> None:
    read = environment(tmp_path, {"a.yaml.j2": OBJECT % "a"})
    manifests, _ = render(read, JinjaRenderer(), KINDS)
    dev = replace(read, name="dev", cluster=first)
    prod = replace(read, cluster=second)
    findings = overlaps([(dev, manifests), (prod, manifests), (prod, manifests)])
    messages = {name: [f.message for f in group] for name, group in findings.items()}
    message = "dev and prod write the same object to one cluster"
    assert messages == {name: [message] for name in (("dev", "prod") if overlap else ())}


def test_several_environments_may_share_a_cluster(tmp_path: Path) -> None:
    target = ClusterTarget(SERVER, context=A)
    read = environment(tmp_path, {"a.yaml.j2": OBJECT % "a", "b.yaml.j2": OBJECT % "b"})
    manifests, _ = render(read, JinjaRenderer(), KINDS)
    dev, prod = (replace(read, name=name, cluster=target) for name in ("dev", "prod"))
    assert overlaps([(dev, manifests[:1]), (prod, manifests[1:])]) == {}


def test_environments_of_different_contexts_are_not_all_the_cluster_of_the_pod(
    tmp_path: Path,
) -> None:
    read = environment(tmp_path, {})
    pod = ClusterTarget(SERVER, context=A, pod=True)
    dev, prod = (
        replace(read, name="dev", cluster=replace(pod, context=B)),
        replace(read, cluster=pod),
    )
    findings = overlaps([(dev, ()), (prod, ())])
    (finding,) = findings["prod"]
    assert (finding.code, len(findings["dev"])) == ("E010", 1)
    assert finding.message == "in this pod, the environments of other and same would be one cluster"
    sure = replace(dev, cluster=replace(dev.cluster, uid="7f0d"))
    assert overlaps([(sure, ()), (prod, ())]) == {}, "its uid guards"
    own = replace(dev, cluster=replace(dev.cluster, pod=False))
    assert overlaps([(own, ()), (prod, ())]) == {}, "it has a kubeconfig"
