"""Accounts that have what `reconciler rbac` prints, and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.controlplane import config
from tests.controlplane.plane import ControlPlane
from tests.world import World

FLOWS = ("review", "change", "watch", "stamp")
CONSUMERS = {"agents", "agentruntimes"}  # rules with one of these list consumers
_API = "/apis/rbac.authorization.k8s.io/v1"
_TRIES = 1500  # half a minute
Document = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """A service account of a world's namespace."""

    namespace: str
    name: str
    token: str
    kubeconfig: Path

    @property
    def user(self) -> str:
        return f"system:serviceaccount:{self.namespace}:{self.name}"


@dataclass(frozen=True)
class Atom:
    """The smallest part of a rule: one verb on one resource, or on one object of it."""

    namespace: str
    group: str
    plural: str
    verb: str
    name: str

    @property
    def review(self) -> Document:
        """Asks the API server whether an account may do this."""
        attributes = {
            "namespace": self.namespace, "group": self.group, "resource": self.plural,
            "verb": self.verb, "name": self.name,
        }  # fmt: skip
        return {"resourceAttributes": attributes}


def printed(world: World, *options: str, flow: str) -> list[Document]:
    """What `reconciler rbac` prints for prod."""
    ran = world.run("rbac", "prod", "--flow", flow, *options)
    assert ran.code == 0, ran.stderr
    return list(yaml.safe_load_all(ran.stdout))


def account(plane: ControlPlane, world: World, name: str) -> Account:
    """A service account with a token, which may do nothing yet."""
    place = f"namespaces/{world.namespace}/serviceaccounts"
    if plane.request("GET", f"/api/v1/{place}/{name}").status_code == 404:
        plane.create(place, {"metadata": {"name": name}})
    answer = plane.request("POST", f"/api/v1/{place}/{name}/token", json={"spec": {}})
    token = answer.raise_for_status().json()["status"]["token"]
    home = world.root.parent
    config.write_kubeconfig(home, name, token, plane.url, plane.ca_file)
    return Account(world.namespace, name, token, config.kubeconfig_path(home, name))


def bind(plane: ControlPlane, documents: Iterable[Document]) -> None:
    plane.apply(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(documents)}))


def grant(
    plane: ControlPlane,
    world: World,
    flow: str,
    *options: str,
    without: str = "",
    unread: str = "",
    consumers: bool = True,
) -> Path:
    """Bind what `reconciler rbac` prints, without the rules of a group or resource; the kubeconfig of the account."""
    if flow == "change":
        options = ("--first-apply", *options)
    if not consumers:
        options = ("--namespaced", *options)
    documents = printed(world, *options, flow=flow)
    for document in documents:
        if "rules" in document:
            document["rules"] = [
                rule
                for rule in document["rules"]
                if (not without or without not in rule["apiGroups"])
                and unread not in rule["resources"]
                and (consumers or not CONSUMERS & set(rule["resources"]))
            ]
    bind(plane, documents)
    of = account(plane, world, f"reconciler-{flow}")
    await_access(plane, of, atoms(documents), allowed=True)
    return of.kubeconfig


def atoms(documents: Iterable[Document]) -> list[Atom]:
    """Every permission of the Roles."""
    return [
        Atom(document["metadata"].get("namespace", ""), group, plural, verb, name)
        for document in documents
        for rule in document.get("rules", ())
        for group in rule["apiGroups"]
        for plural in rule["resources"]
        for verb in rule["verbs"]
        for name in rule.get("resourceNames", ("",))
    ]


def put(plane: ControlPlane, documents: Iterable[Document], missing: Atom | None = None) -> None:
    """Replace the rules of the Roles by their atoms, without one of them."""
    for document in documents:
        if "rules" not in document:
            continue
        body = document | {"rules": list(_rules(document, missing))}
        kind, metadata = document["kind"].lower() + "s", document["metadata"]
        place = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
        path = f"{_API}{place}/{kind}/{metadata['name']}"
        plane.request("PUT", path, json=body).raise_for_status()


def _rules(document: Document, missing: Atom | None) -> Iterator[Document]:
    for atom in atoms([document]):
        if atom != missing:
            rule = {"apiGroups": [atom.group], "resources": [atom.plural], "verbs": [atom.verb]}
            yield rule | ({"resourceNames": [atom.name]} if atom.name else {})


def await_access(plane: ControlPlane, of: Account, atoms: Iterable[Atom], *, allowed: bool) -> None:
    """Wait until the authorizer knows: it learns of Roles from a watch."""
    for atom in atoms:
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": atom.review | {"user": of.user},
        }
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        for _ in range(_TRIES):
            answer = plane.request("POST", path, json=review).raise_for_status().json()
            if answer["status"]["allowed"] is allowed:
                break
            time.sleep(0.02)
        else:
            raise AssertionError(f"{atom}: allowed is not {allowed}")


def limit_secrets(plane: ControlPlane, world: World, *names: str) -> None:
    """Let the watch of a world read only these Secrets."""
    rule = "/rules/2"
    patch = [
        {"op": "test", "path": f"{rule}/resources", "value": ["secrets"]},
        {"op": "replace", "path": f"{rule}/resourceNames", "value": list(names)},
    ]
    role = ("role", "reconciler-watch-prod", "-n", world.namespace)
    plane.kubectl("patch", *role, "--type=json", "-p", json.dumps(patch))
