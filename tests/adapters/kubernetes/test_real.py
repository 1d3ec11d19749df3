"""What only a real API server has: TLS, RBAC, published schemas, an audit log."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reconciler.adapters.kubernetes import KubernetesCluster
from reconciler.adapters.redactor import SecretRedactor
from reconciler.errors import RefusalReason, Refused, Unauthenticated, Unreachable
from reconciler.model.document import Document
from reconciler.model.identity import Endpoint
from reconciler.model.secret import SecretReference, SecretState
from tests.adapters.kubernetes.conftest import kubeconfig
from tests.controlplane.plane import ControlPlane

PROVIDER = Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers")
MODEL_PROVIDER = Endpoint("agent.flokoa.ai", "v1alpha1", "ModelProvider", "modelproviders")
USER = "spare-1"

ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: runner}
rules:
- apiGroups: [omnia.altairalabs.ai]
  resources: [providers]
  verbs: [get, list, create, patch, update, delete]
- {apiGroups: [""], resources: [configmaps], verbs: [get, create, update]}
- {apiGroups: [""], resources: [secrets], verbs: [get, create], resourceNames: [keys]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: runner}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: runner}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: spare-1}]
"""

As = Callable[[str], KubernetesCluster]


@pytest.fixture
def connect_as(control_plane: ControlPlane) -> As:
    def connect(user: str) -> KubernetesCluster:
        return KubernetesCluster.connect(
            kubeconfig=str(control_plane.kubeconfig_for(user)),
            redactor=SecretRedactor(),
            environ={},
        )

    return connect


@pytest.fixture
def runner(control_plane: ControlPlane, namespace: str, connect_as: As) -> KubernetesCluster:
    """A user with a Role in one namespace, and nothing cluster-wide."""
    control_plane.apply(ROLE, "-n", namespace)
    return connect_as(USER)


def provider(namespace: str, name: str = "one") -> Document:
    return Document.of(
        {
            "apiVersion": PROVIDER.api_version,
            "kind": PROVIDER.kind,
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"type": "openai", "model": "gpt-4o"},
        }
    )


def test_a_namespaced_role_is_enough(
    control_plane: ControlPlane, namespace: str, runner: KubernetesCluster
) -> None:
    mark = control_plane.audit.mark()
    assert runner.list(PROVIDER, namespace) == ()
    uid = runner.apply(PROVIDER, provider(namespace), manager="us").document.body()
    runner.delete(PROVIDER, namespace, "one", uid=uid["metadata"]["uid"])
    assert runner.get(PROVIDER, namespace, "one") is None
    records = [each for each in control_plane.audit.since(mark) if each.namespace == namespace]
    assert [each.verb for each in records] == ["list", "patch", "delete", "get"]
    assert {each.user for each in records} == {USER}
    assert all(each.user_agent.startswith("provider-reconciler/") for each in records)


def test_without_rights_the_published_schema_is_the_crd(
    namespace: str, runner: KubernetesCluster, connect_as: As
) -> None:
    del namespace
    for endpoint in (PROVIDER, MODEL_PROVIDER):
        by_admin, published = connect_as("admin").crd(endpoint), runner.crd(endpoint)
        assert by_admin is not None
        assert published is not None
        assert (published.group, published.kind, published.plural) == (
            by_admin.group,
            by_admin.kind,
            by_admin.plural,
        )
        assert published.namespaced
        actual, expected = published.version("v1alpha1"), by_admin.version("v1alpha1")
        assert actual is not None
        assert expected is not None
        assert actual.status_subresource == expected.status_subresource
        assert repr(actual.schema.at("spec")) == repr(expected.schema.at("spec"))
    assert runner.crd(Endpoint("nobody.example.org", "v1", "X", "xs")) is None
    assert runner.crd(Endpoint(PROVIDER.group, "v1alpha1", "X", "xs")) is None
    assert runner.uid() == ""
    assert connect_as("admin").uid() != ""


def test_what_is_forbidden_says_who_may_not_do_what(
    namespace: str, runner: KubernetesCluster
) -> None:
    with pytest.raises(Refused) as caught:
        runner.list(MODEL_PROVIDER, namespace)
    error = caught.value
    assert error.reason is RefusalReason.FORBIDDEN
    assert f'User "{USER}" cannot list resource "modelproviders"' in error.message
    assert error.hint.startswith("kubectl --kubeconfig ")
    question = f"auth can-i list modelproviders.agent.flokoa.ai -n {namespace}"
    assert error.hint.endswith(question)


def test_a_secret_that_may_not_be_read_is_forbidden_and_not_missing(
    namespace: str, runner: KubernetesCluster
) -> None:
    reference = SecretReference(namespace, "other", "spec.x", ("a",))
    (reading,) = runner.read_secret(namespace, "other", [reference], None, "prod")
    assert reading.state is SecretState.FORBIDDEN
    with pytest.raises(Refused) as caught:
        runner.keyring(namespace, "other")
    assert caught.value.reason is RefusalReason.FORBIDDEN


def test_no_method_hands_out_a_secret(namespace: str, connect_as: As) -> None:
    admin = connect_as("admin")
    endpoint = Endpoint("", "v1", "Secret", "secrets")
    with pytest.raises(ValueError, match="Secret"):
        admin.get(endpoint, namespace, "keys")
    with pytest.raises(ValueError, match="Secret"):
        admin.list(endpoint, namespace)
    with pytest.raises(ValueError, match="Secret"):
        admin.apply(endpoint, provider(namespace), manager="us")


def test_a_namespace_that_terminates(
    control_plane: ControlPlane, namespace: str, connect_as: As
) -> None:
    control_plane.request("DELETE", f"/api/v1/namespaces/{namespace}").raise_for_status()
    with pytest.raises(Refused) as caught:
        connect_as("admin").apply(PROVIDER, provider(namespace), manager="us")
    assert caught.value.reason is RefusalReason.NO_NAMESPACE


def test_many_threads_share_a_cluster(namespace: str, connect_as: As) -> None:
    admin = connect_as("admin")
    names = [f"p{number}" for number in range(40)]
    with ThreadPoolExecutor(admin.connections) as threads:
        list(
            threads.map(
                lambda n: admin.apply(PROVIDER, provider(namespace, n), manager="us"), names
            )
        )
    assert len(admin.list(PROVIDER, namespace)) == 40


def test_another_authority_is_not_trusted(control_plane: ControlPlane, tmp_path: Path) -> None:
    # No CA in the kubeconfig: the system's, which has not signed this server.
    file = kubeconfig(tmp_path / "k", control_plane.url)
    cluster = KubernetesCluster.connect(kubeconfig=str(file), redactor=SecretRedactor(), environ={})
    with pytest.raises(Unreachable, match="not trusted"):
        cluster.uid()


def test_credentials_that_nobody_knows(control_plane: ControlPlane, tmp_path: Path) -> None:
    content = json.loads(control_plane.kubeconfig.read_text())
    content["users"][0]["user"]["token"] = "token-canary-nobody"
    file = tmp_path / "k"
    file.write_text(json.dumps(content))
    cluster = KubernetesCluster.connect(kubeconfig=str(file), redactor=SecretRedactor(), environ={})
    with pytest.raises(Unauthenticated) as caught:
        cluster.uid()
    assert "canary" not in repr(caught.value)


def test_without_verification_it_works_and_says_so(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    user = {"token": control_plane.admin_token}
    file = kubeconfig(tmp_path / "k", control_plane.url, user)
    cluster = KubernetesCluster.connect(
        kubeconfig=str(file),
        redactor=SecretRedactor(),
        insecure_skip_tls_verify=True,
        environ={},
    )
    assert cluster.uid()
    assert cluster.warnings
