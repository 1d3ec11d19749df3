"""Environments of many contexts for `deploy/fleet`; on a node, namespaces stand for their clusters."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from tests.node import config
from tests.node.installation import POD, SECRETS, Installation
from tests.node.node import Node, Object
from tests.world import TEMPLATES, World, secret

CRONJOB = "reconciler-fleet"
_JOB = "/spec/jobTemplate/spec"


def make(
    node: Node, folder: Path, clusters: int, indexes: int, templates: Mapping[str, str] = TEMPLATES
) -> Installation:
    """prod and so many clusters, applied once, and the overlay with so many indexes, but no Job yet."""
    own = f"t-{secrets.token_hex(5)}"
    names = {f"cluster-{number}": f"{own}-{number}" for number in range(clusters)}
    outside = folder / "outside.json"
    world = World.make(folder / "config", {"prod": own} | names, outside, templates=templates)
    outside.write_text(json.dumps(kubeconfig(node, node.url, world.names)))
    for name, namespace in world.namespaces.items():
        environment = f"environments/{name}/environment.yaml"
        world.edit(environment, "{type: kubernetes}", f"{{type: kubernetes, context: {name}}}")
        node.create("namespaces", {"metadata": {"name": namespace}})
        for key, values in SECRETS.items():
            node.create(f"namespaces/{namespace}/secrets", secret(key, **values))
    ran = world.run("apply")
    assert ran.code == 0, ran.stdout
    installation = Installation.make(node, world)
    inside = json.dumps(kubeconfig(node, config.URL, world.names))
    node.create(f"namespaces/{own}/secrets", secret("reconciler-kubeconfig", config=inside))
    divide(installation, indexes)
    return installation


def divide(fleet: Installation, indexes: int, rate: str = "20") -> None:
    """Install the overlay with so many indexes and requests a second; "" for any number of these."""
    changed = {
        f"{_JOB}/completions": indexes,
        f"{_JOB}/parallelism": indexes,
        f"{POD}/containers/0/env/0/value": str(indexes),
        f"{POD}/containers/0/env/2/value": rate,
    }
    patch = [{"op": "replace", "path": path, "value": value} for path, value in changed.items()]
    fleet.install("fleet", *patch)


def kubeconfig(node: Node, url: str, names: tuple[str, ...]) -> Object:
    authority = base64.b64encode(node.ca_file.read_bytes()).decode()
    cluster = {"server": url, "certificate-authority-data": authority}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": node.admin_token}}],
        "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in names],
    }
