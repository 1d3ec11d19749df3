"""Two systems, each with a kind `Provider` and an object of the same name."""

from __future__ import annotations

from pathlib import Path

from reconciler.kind import Contract, Kind, ObjectReference
from reconciler.kinds import omnia_provider
from reconciler.model.document import JsonObject
from reconciler.model.identity import Endpoint, ObjectRef
from reconciler.model.secret import SecretReference
from tests.folder_world import FolderWorld

ACME = Endpoint("acme.example", "v1", "Provider", "providers")
OMNIA = omnia_provider.KIND.endpoint
OURS = ObjectRef(OMNIA.group, OMNIA.kind, "omnia", "main")
THEIRS = ObjectRef(ACME.group, ACME.kind, "omnia", "main")


def secrets(body: JsonObject) -> tuple[SecretReference, ...]:
    path = ("spec", "credential", "secretRef")
    name = body["spec"]["credential"]["secretRef"]["name"]
    return (SecretReference.at(path, "omnia", name, ("ANTHROPIC_API_KEY",)),)


def references(body: JsonObject) -> tuple[ObjectReference, ...]:
    """The same name, of the other system."""
    path = ("metadata", "name")
    return (ObjectReference(path, OMNIA.group_kind, "omnia", body["metadata"]["name"]),)


KIND = Kind(
    system="acme",
    endpoint=ACME,
    contract=Contract,
    apply_order=20,
    secret_references=secrets,
    object_references=references,
)
BOTH = {OMNIA.group_kind: omnia_provider.KIND, ACME.group_kind: KIND}
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": ACME.crd_name},
    "spec": {
        "group": ACME.group,
        "names": {"kind": ACME.kind, "plural": ACME.plural},
        "scope": "Namespaced",
        "versions": [
            {
                "name": ACME.version,
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "x-kubernetes-preserve-unknown-fields": True,
                            }
                        },
                    }
                },
            }
        ],
    },
}


def manifest(endpoint: Endpoint, name: str = "main", model: str = "one") -> str:
    return (
        f"apiVersion: {endpoint.api_version}\nkind: Provider\n"
        f"metadata: {{name: {name}, namespace: omnia}}\n"
        f"spec:\n  type: claude\n  model: {model}\n"
        "  credential: {secretRef: {name: claude, key: ANTHROPIC_API_KEY}}\n"
    )


def two_systems(root: Path) -> FolderWorld:
    """A world that manages both."""
    return FolderWorld(root, kinds=BOTH, own_crds={ACME.group_kind: CRD})
