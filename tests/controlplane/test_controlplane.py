"""The fixture itself: a real server, its eras, its audit log, its users."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import pytest

from tests.controlplane import build, crds
from tests.controlplane.crds import Served
from tests.controlplane.plane import ControlPlane

TESTDATA = Path(__file__).parent / "testdata"
OLD, NEW = sorted(TESTDATA.glob("widgets.*.yaml"))

GRANT = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: diff-runner}]
"""
CONFIG_MAP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: one}
data: {key: value}
"""


@pytest.fixture
def group() -> str:
    return f"g{secrets.token_hex(4)}.example.org"


def widget(served: Served, **spec: object) -> str:
    body = {"apiVersion": served.api_version, "kind": served.kind, "metadata": {"name": "one"}}
    return json.dumps(body | {"spec": spec})


def test_the_versions_are_the_ones_that_were_built(control_plane: ControlPlane) -> None:
    if "KUBEBUILDER_ASSETS" in os.environ:
        pytest.skip("these servers were given, not built")
    versions = json.loads(control_plane.kubectl("version", "--output=json").stdout)
    assert versions["clientVersion"]["gitVersion"] == build.KUBERNETES
    assert versions["serverVersion"]["gitVersion"] == build.KUBERNETES
    assert versions["serverVersion"]["minor"] == "35"


def test_what_uses_the_fixture_is_marked(
    control_plane: ControlPlane, request: pytest.FixtureRequest
) -> None:
    assert control_plane.pids
    assert request.node.get_closest_marker("control_plane")


def test_kubeconfigs_are_private(control_plane: ControlPlane) -> None:
    for user in control_plane.users:
        assert control_plane.kubeconfig_for(user).stat().st_mode & 0o777 == 0o600


def test_a_failed_kubectl_says_why(control_plane: ControlPlane) -> None:
    with pytest.raises(Exception, match="exit status 1") as failure:
        control_plane.kubectl("get", "namespace", "nowhere")
    assert "not found" in "".join(failure.value.__notes__)


def test_eras_are_served_side_by_side(
    control_plane: ControlPlane, namespace: str, group: str
) -> None:
    eras = control_plane.serve_eras({f"old-{group}": OLD, f"new-{group}": NEW})
    old, new = eras.values()
    coloured = control_plane.apply(widget(new, size=1, colour="red"), "-n", namespace)
    assert coloured.stdout == f"widget.new-{group}/one serverside-applied\n"
    control_plane.apply(widget(old, size=1), "-n", namespace)
    with pytest.raises(Exception, match="exit status") as refusal:
        control_plane.apply(widget(old, size=1, colour="red"), "-n", namespace)
    assert "field not declared in schema" in "".join(refusal.value.__notes__)


def test_a_replaced_crd_is_in_force_at_once(
    control_plane: ControlPlane, namespace: str, group: str
) -> None:
    control_plane.apply(widget(control_plane.serve_era(OLD, group), size=1), "-n", namespace)
    replaced = control_plane.serve_era(NEW, group)
    control_plane.apply(widget(replaced, size=1, colour="red"), "-n", namespace)
    stored = control_plane.request("GET", f"{replaced.path(namespace)}/one").json()
    assert stored["spec"] == {"size": 1, "colour": "red"}


def test_the_newest_crd_of_each_kind(tmp_path: Path) -> None:
    names = ["widgets.2026-01-01.fff.yaml", "widgets.2026-02-01.aaa.yaml", "widgets.stale.yaml"]
    for system in ("flokoa", "omnia"):
        (tmp_path / system).mkdir()
        for name in names:
            (tmp_path / system / name).touch()
    assert [path.relative_to(tmp_path).as_posix() for path in crds.newest(tmp_path)] == [
        "flokoa/widgets.2026-02-01.aaa.yaml",
        "omnia/widgets.2026-02-01.aaa.yaml",
    ]
    assert crds.newest(tmp_path / "missing") == []


def test_dry_runs_and_writes_are_counted_apart(control_plane: ControlPlane, namespace: str) -> None:
    mark = control_plane.audit.mark()
    control_plane.apply(CONFIG_MAP, "-n", namespace, "--dry-run=server")
    control_plane.apply(CONFIG_MAP, "-n", namespace)
    control_plane.apply(CONFIG_MAP, "-n", namespace)
    patches = {"verb": "patch", "namespace": namespace, "resource": "configmaps"}
    assert control_plane.audit.count(mark, **patches) == 3
    assert control_plane.audit.count(mark, **patches, dry_run=True, user="admin") == 1
    assert control_plane.audit.count(mark, **patches, dry_run=False, user_agent="kubectl/") == 2
    ours = [each for each in control_plane.audit.since(mark) if each.namespace == namespace]
    created = [(each.name, each.dry_run) for each in ours if each.code == 201]
    assert created == [("one", True), ("one", False)]
    assert control_plane.audit.count(control_plane.audit.mark(), namespace=namespace) == 0


def test_a_user_may_do_what_was_granted_and_no_more(
    control_plane: ControlPlane, namespace: str
) -> None:
    get = ("get", "configmaps", "-n", namespace)
    refused = control_plane.kubectl(*get, user="diff-runner", check=False)
    assert refused.returncode == 1
    assert 'User "diff-runner" cannot list resource "configmaps"' in refused.stderr
    control_plane.apply(GRANT, "-n", namespace)
    can = ("auth", "can-i", "list", "configmaps", "-n", namespace)
    assert control_plane.kubectl(*can, user="diff-runner").stdout.strip() == "yes"
    assert control_plane.kubectl(*get, user="diff-runner").returncode == 0
    path = f"/api/v1/namespaces/{namespace}/secrets"
    assert control_plane.request("GET", path, user="diff-runner").status_code == 403
