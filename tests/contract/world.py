"""A cluster that other field managers write to as well."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reconciler.adapters.directory import DirectoryCluster
from reconciler.adapters.kubernetes import KubernetesCluster
from reconciler.adapters.redactor import SecretRedactor
from reconciler.errors import Refused
from reconciler.model.document import Document
from reconciler.model.identity import SECRET, Endpoint
from reconciler.ports import Cluster
from tests.controlplane.plane import ControlPlane

PROVIDER = Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers")
MODEL_PROVIDER = Endpoint("agent.flokoa.ai", "v1alpha1", "ModelProvider", "modelproviders")
UNSERVED = Endpoint("unserved.example.org", "v1", "Nothing", "nothings")

US = "provider-reconciler"
Body = dict[str, Any]


class Others(Protocol):
    """Writes of other field managers, which bypass the port."""

    def patch(self, endpoint: Endpoint, name: str, patch: Body, manager: str) -> None:
        """A merge patch, as `kubectl edit`, `kubectl patch` and the Flux CLI send it."""
        ...

    def status(self, endpoint: Endpoint, name: str, status: Body, manager: str) -> None:
        """An update of the status, as an operator sends it."""
        ...

    def create(self, endpoint: Endpoint, body: Body, manager: str) -> None:
        """A POST, as `kubectl create`, client-side apply and Helm 3 send it."""
        ...


@dataclass(frozen=True)
class World:
    cluster: Cluster
    namespace: str
    others: Others
    redactor: SecretRedactor

    def provider(self, name: str = "one", **spec: Any) -> Document:
        return self.document(PROVIDER, name, {"type": "openai", "model": "gpt-4o", **spec})

    def document(self, endpoint: Endpoint, name: str, spec: Body, **metadata: Any) -> Document:
        return Document.of(
            {
                "apiVersion": endpoint.api_version,
                "kind": endpoint.kind,
                "metadata": {"name": name, "namespace": self.namespace, **metadata},
                "spec": spec,
            }
        )

    def apply(self, body: Document, *, manager: str = US, **options: bool) -> Body:
        """The object that the cluster stores, or would store in a dry run."""
        endpoint = MODEL_PROVIDER if '"ModelProvider"' in body.text else PROVIDER
        return self.cluster.apply(endpoint, body, manager=manager, **options).document.body()

    def live(self, name: str = "one", endpoint: Endpoint = PROVIDER) -> Body | None:
        document = self.cluster.get(endpoint, self.namespace, name)
        return None if document is None else document.body()

    def create_secret(self, name: str, _type: str = "Opaque", **values: bytes) -> None:
        encoded = {key: base64.b64encode(value).decode() for key, value in values.items()}
        metadata: Body = {"name": name, "namespace": self.namespace}
        if _type == "kubernetes.io/service-account-token":
            metadata["annotations"] = {"kubernetes.io/service-account.name": "default"}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded}
        body["type"] = _type
        self.others.create(SECRET, body, "kubectl-create")


def with_metadata(body: Document, **metadata: Any) -> Document:
    changed = body.body()
    changed["metadata"] |= metadata
    return Document.of(changed)


def owners(body: Mapping[str, Any]) -> dict[str, Any]:
    """The managedFields as FieldsV1 by `manager/operation` or `manager/operation/subresource`."""
    return {
        "/".join(
            part
            for part in (entry["manager"], entry["operation"], entry.get("subresource", ""))
            if part
        ): entry["fieldsV1"]
        for entry in body["metadata"].get("managedFields", ())
    }


def causes(refused: Refused) -> list[tuple[str, str, str]]:
    return [(cause.field, cause.reason, cause.message) for cause in refused.causes]


class DirectoryOthers:
    def __init__(self, cluster: DirectoryCluster, namespace: str) -> None:
        self._cluster = cluster
        self._namespace = namespace

    def patch(self, endpoint: Endpoint, name: str, patch: Body, manager: str) -> None:
        self._cluster.merge_patch(endpoint, self._namespace, name, patch, manager=manager)

    def status(self, endpoint: Endpoint, name: str, status: Body, manager: str) -> None:
        live = self._cluster.get(endpoint, self._namespace, name)
        assert live is not None
        body = Document.of(live.body() | {"status": status})
        self._cluster.update_status(endpoint, body, manager=manager)

    def create(self, endpoint: Endpoint, body: Body, manager: str) -> None:
        self._cluster.create(endpoint, Document.of(body), manager=manager)


class KubernetesOthers:
    """Raw requests, which bypass the adapter under test."""

    def __init__(self, control_plane: ControlPlane, namespace: str) -> None:
        self._plane = control_plane
        self._namespace = namespace

    def patch(self, endpoint: Endpoint, name: str, patch: Body, manager: str) -> None:
        self._send("PATCH", f"{self._path(endpoint)}/{name}", patch, manager, "merge-patch+json")

    def status(self, endpoint: Endpoint, name: str, status: Body, manager: str) -> None:
        path = f"{self._path(endpoint)}/{name}/status"
        live = self._plane.request("GET", path).json()
        self._send("PUT", path, live | {"status": status}, manager, "json")

    def create(self, endpoint: Endpoint, body: Body, manager: str) -> None:
        self._send("POST", self._path(endpoint), body, manager, "json")

    def _path(self, endpoint: Endpoint) -> str:
        root = f"/apis/{endpoint.api_version}" if endpoint.group else f"/api/{endpoint.version}"
        return f"{root}/namespaces/{self._namespace}/{endpoint.plural}"

    def _send(self, method: str, path: str, body: Body, manager: str, media: str) -> None:
        answer = self._plane.request(
            method,
            path,
            params={"fieldManager": manager},
            headers={"Content-Type": f"application/{media}"},
            content=json.dumps(body),
        )
        assert answer.is_success, answer.text


def kubernetes_world(control_plane: ControlPlane, namespace: str) -> World:
    redactor = SecretRedactor()
    cluster = KubernetesCluster.connect(
        kubeconfig=str(control_plane.kubeconfig), redactor=redactor, environ={}
    )
    return World(cluster, namespace, KubernetesOthers(control_plane, namespace), redactor)
