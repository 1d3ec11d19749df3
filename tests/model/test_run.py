"""What a report suggests to type leads to the cluster that the run read, and to no other."""

from __future__ import annotations

from pathlib import Path

from reconciler.adapters.directory.layout import Layout
from reconciler.kinds import KINDS
from reconciler.model.run import ClusterIdentity
from tests.stages.builders import REF

ENDPOINT = KINDS[REF.group_kind].endpoint


def test_kubectl_gets_the_context_quoted_for_a_shell() -> None:
    named = ClusterIdentity("prod eu", context="prod eu; rm -rf /")
    assert named.kubectl("get", "pods") == "kubectl --context 'prod eu; rm -rf /' get pods"
    assert ClusterIdentity("in-cluster").kubectl("get", "pods") == "kubectl get pods"


def test_an_object_in_a_folder_is_a_file(tmp_path: Path) -> None:
    paths = Layout(tmp_path).paths(ENDPOINT, REF.namespace, REF.name)
    assert paths is not None
    folder = ClusterIdentity("directory:x", folder=str(tmp_path))
    assert folder.file(ENDPOINT, REF) == str(paths.visible)
    assert ClusterIdentity("prod-eu").file(ENDPOINT, REF) == ""
