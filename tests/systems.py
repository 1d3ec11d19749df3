"""A repository and a cluster with two systems, each with a kind `Provider` and an object of the same name."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import yaml

from reconciler.adapters.directory import DirectoryCluster
from reconciler.adapters.sources.worktree import Worktree
from reconciler.crds import catalogue
from reconciler.dependencies import Dependencies, Options
from reconciler.kind import Contract, Kind, ObjectReference
from reconciler.kinds import omnia_provider
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import Environment
from reconciler.model.identity import SECRET, Endpoint, ObjectRef
from reconciler.model.run import Run
from reconciler.model.secret import SecretReference
from reconciler.model.verbs import VALIDATE, Verb
from reconciler.pipeline import run, validated
from reconciler.reconciliation import Reconciliation
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate.crds import CrdInUse
from tests.fakes import NamedHolder, NoRedactor, PlainRenderer, Signals, StoppedClock
from tests.repository import write

ACME = Endpoint("acme.example", "v1", "Provider", "providers")
OMNIA = omnia_provider.KIND.endpoint
OURS = ObjectRef(OMNIA.group, OMNIA.kind, "omnia", "main")
THEIRS = ObjectRef(ACME.group, ACME.kind, "omnia", "main")
CONFIG = "configVersion: 1\nhome: llm-system\nnamespaces: [omnia]\n"


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
        "  credential: {secretRef: {name: keys, key: ANTHROPIC_API_KEY}}\n"
    )


@dataclass
class Systems:
    """A repository with an object of each system, and its cluster."""

    root: Path

    def write(self, **templates: str) -> None:
        folder = "environments/prod"
        files = {f"{folder}/{name}.yaml.j2": text for name, text in templates.items()}
        write(self.root, {f"{folder}/environment.yaml": CONFIG, **files})

    def cluster(self) -> DirectoryCluster:
        return DirectoryCluster.open(
            self.root / ".live",
            redactor=NoRedactor(),
            clock=StoppedClock(),
            crds=[catalogue.text(catalogue.era(OMNIA.crd_name).path), yaml.safe_dump(CRD)],
            namespaces=["omnia", "llm-system"],
        )

    def dependencies(self) -> Dependencies:
        used = {
            OMNIA.group_kind: CrdInUse(catalogue.load(OMNIA.crd_name), "newest"),
            ACME.group_kind: CrdInUse(Crd.of(CRD), "newest"),
        }

        def connect(_: Environment) -> DirectoryCluster:
            return self.cluster()

        return Dependencies(
            root=self.root,
            repository=Worktree(self.root),
            renderer=PlainRenderer(),
            clock=StoppedClock(),
            holder=NamedHolder(),
            stop=Signals(),
            kinds=BOTH,
            crds_for=lambda _: used,
            label_live=lambda crd: CrdInUse(crd, "live"),
            target=lambda environment: environment.cluster,
            connect=connect,
            version="1.2.3",
        )

    def run(self, verb: Verb, *only: str) -> Run:
        return run(("prod",), self.dependencies(), Options(verb, only=frozenset(only)))

    def state(self) -> Reconciliation:
        state = validated(self.dependencies(), Options(VALIDATE), "prod")
        assert isinstance(state, Reconciliation)
        return state

    def secret(self, value: str) -> None:
        data = {"ANTHROPIC_API_KEY": base64.b64encode(value.encode()).decode()}
        metadata = {"name": "keys", "namespace": "omnia"}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
        cluster = self.cluster()
        before = cluster.get(SECRET, "omnia", "keys")
        if before:
            cluster.replace(SECRET, Document.of(before.body() | {"data": data}))
        else:
            cluster.create(SECRET, Document.of(body))
