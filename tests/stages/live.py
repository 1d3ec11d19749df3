"""A folder as a cluster with every managed kind, and manifests for it: for the stages that talk to a cluster."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from reconciler.adapters.directory import DirectoryCluster
from reconciler.crds import catalogue
from reconciler.kinds import KINDS
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import ClusterTarget, ClusterType, Environment, Policy
from reconciler.model.identity import Endpoint, GroupKind, ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.ports import Cluster
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.observe import ObserveInput, body_to_send
from reconciler.text.yaml import load_one
from tests.fakes import NoRedactor, Signals, StoppedClock
from tests.stages.builders import SET_ID, US

PROVIDER = Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers")
GATEWAY = Endpoint("agent.flokoa.ai", "v1alpha1", "ModelProvider", "modelproviders")
MODEL = Endpoint("agent.flokoa.ai", "v1alpha1", "Model", "models")
HOME = "llm-system"
GO = Signals()  # nobody asks to stop
SPECS: dict[str, JsonObject] = {
    "Provider": {"type": "mock", "model": "one"},
    "ModelProvider": {"openai": {"baseURL": "https://one.example.com/v1"}},
    "Model": {"model": "one", "providerRef": {"name": "gateway"}},
}


@cache
def crd_text(name: str, pin: str = "") -> str:
    return catalogue.text(catalogue.era(name, pin).path)


@cache
def _body(name: str) -> Any:
    return load_one(crd_text(name), name)


def opened(
    root: Path,
    *,
    without: str = "",
    namespaces: tuple[str, ...] = ("omnia", "llm", HOME),
    clock: StoppedClock | None = None,
) -> DirectoryCluster:
    """A new cluster that is there (its folder is written), with the newest CRDs but one, maybe."""
    names = [k.endpoint.crd_name for k in KINDS.values() if k.endpoint.kind != without]
    cluster = DirectoryCluster.open(
        root / "live",
        redactor=NoRedactor(),
        clock=clock or StoppedClock(),
        crds=[_body(name) for name in names],
        namespaces=namespaces,
    )
    marker = {"metadata": {"name": "marker", "namespace": namespaces[0]}}
    cluster.create(
        Endpoint("", "v1", "ConfigMap", "configmaps"),
        Document.of({"apiVersion": "v1", "kind": "ConfigMap", **marker}),
    )
    return cluster


def document(endpoint: Endpoint, name: str, namespace: str, spec: JsonObject) -> Document:
    return Document.of(
        {
            "apiVersion": endpoint.api_version,
            "kind": endpoint.kind,
            "metadata": {"name": name, "namespace": namespace},
            "spec": spec,
        }
    )


def made(
    endpoint: Endpoint = PROVIDER, name: str = "claude", namespace: str = "omnia", **spec: Any
) -> Manifest:
    """A manifest as git has it; `spec` is added to a small valid one."""
    ref = ObjectRef(endpoint.group, endpoint.kind, namespace, name)
    body = document(endpoint, name, namespace, SPECS[endpoint.kind] | spec)
    template = Location(f"templates/{name}.yaml.j2", 1, 1)
    return Manifest(ref, endpoint.api_version, body, {(): Origin(template)})


def crds(cluster: Cluster) -> dict[GroupKind, Crd]:
    crds = {kind: cluster.crd(k.endpoint) for kind, k in KINDS.items()}
    return {kind: crd for kind, crd in crds.items() if crd}


def observe_input(cluster: Cluster, *manifests: Manifest, **settings: Any) -> ObserveInput:
    return ObserveInput(manifests, KINDS, SET_ID, US, **{"crds": crds(cluster)} | settings)


def recorded(cluster: Cluster, *manifests: Manifest) -> dict[ObjectRef, str]:
    """These as the record knows them: with the uid that they have now, or had."""
    bodies = {}
    for manifest in manifests:
        endpoint, ref = KINDS[manifest.ref.group_kind].endpoint, manifest.ref
        document = cluster.get(endpoint, ref.namespace, ref.name)
        bodies[ref] = str(document.body()["metadata"]["uid"]) if document else "of one that was"
    return bodies


def put(cluster: Cluster, *manifests: Manifest, set_id: str = SET_ID) -> None:
    """Apply, as a run before did."""
    for manifest in manifests:
        endpoint = KINDS[manifest.ref.group_kind].endpoint
        cluster.apply(endpoint, body_to_send(manifest, set_id), manager=US)


def live(cluster: Cluster, manifest: Manifest) -> JsonObject:
    config_map = cluster.get(
        KINDS[manifest.ref.group_kind].endpoint, manifest.ref.namespace, manifest.ref.name
    )
    assert config_map is not None
    return config_map.body()


def edited(cluster: DirectoryCluster, manifest: Manifest, manager: str, **spec: Any) -> None:
    """What `kubectl edit` of somebody does."""
    endpoint = KINDS[manifest.ref.group_kind].endpoint
    patch = {"spec": spec}
    cluster.merge_patch(endpoint, manifest.ref.namespace, manifest.ref.name, patch, manager=manager)


def file_of(root: Path, manifest: Manifest) -> Path:
    ref = manifest.ref
    crd_name = KINDS[ref.group_kind].endpoint.crd_name
    return root / "live" / ref.namespace / crd_name / f"{ref.name}.yaml"


def environment(*, uid: str = "", **settings: Any) -> Environment:
    """`prod`, as far as the stages after render need it."""
    given: dict[str, Any] = {
        "name": "prod",
        "file": "environments/prod/environment.yaml",
        "cluster": ClusterTarget(ClusterType.DIRECTORY, path="live", uid=uid),
        "home": HOME,
        "namespaces": ("omnia", "llm"),
        "crds": (),
        "policy": Policy(),
        "values": Document.of({}),
        "value_origins": (),
        "templates": (),
        "library": (),
    }
    return Environment(**given | settings)
