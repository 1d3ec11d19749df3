"""`deploy/watch` with the component `notify` in real pods: what is new is told once, from run to run."""

from __future__ import annotations

import json
from pathlib import Path

from tests.node import config, receiver
from tests.node.installation import POD, Installation
from tests.node.node import Node

_WATCH = "reconciler-watch"
_HOST = "chat.example.svc"
_WORD = "hook-canary-5e8d1b"  # in the URL, which is a secret


def test_what_is_new_is_told_once_and_the_run_still_decides_the_end(
    installation: Installation, node: Node, tmp_path: Path
) -> None:
    settings = "notify: {slack: {file: /var/run/reconciler/notify/slack}}\n"
    with (installation.world.root / "environments/prod/environment.yaml").open("a") as file:
        file.write(settings)
    overlay = installation.deploy / "watch/kustomization.yaml"
    overlay.write_text(overlay.read_text().replace("# components:", "components:"))
    alias = {"ip": config.GATEWAY, "hostnames": [_HOST]}  # nobody answers names here
    installation.install("watch", {"op": "add", "path": f"{POD}/hostAliases", "value": [alias]})
    installation.secrets()
    volume(node, installation.home, tmp_path / "news")
    assert installation.world.run("apply", "prod").code == 0
    patch = '{"spec":{"model":"claude-opus-4-1"}}'
    node.kubectl(
        "patch", "provider", "claude", "-n", installation.home, "--type=merge", "-p", patch
    )

    with receiver.receiving(node, tmp_path) as (port, bodies):
        (tmp_path / "slack").write_text(f"http://{_HOST}:{port}/{_WORD}\n")
        made = ("create", "secret", "generic", "reconciler-notify", "-n", installation.home)
        node.kubectl(*made, f"--from-file={tmp_path / 'slack'}")
        first, again = installation.run(_WATCH), installation.run(_WATCH)
        (message,) = bodies()

    assert "1 new: prod: 1 finding needs attention" in message, message
    for ran, said in ((first, "prod: slack delivered: 1 new"), (again, "prod: slack no news")):
        assert said in ran.log, ran.log
        assert (ran.code, ran.verdict) == (1, "prod: 1 finding needs attention; exit 1: drift")
        assert _WORD not in ran.log
    assert [file.name for file in (tmp_path / "news").iterdir()] == ["prod.json"]


def volume(node: Node, namespace: str, folder: Path) -> None:
    """What a StorageClass would make for the claim."""
    folder.mkdir()
    folder.chmod(0o777)
    spec = {
        "capacity": {"storage": "16Mi"},
        "accessModes": ["ReadWriteOnce"],
        "hostPath": {"path": str(folder)},
        "claimRef": {"namespace": namespace, "name": "reconciler-news"},
    }
    metadata = {"name": namespace}
    body = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": spec}
    node.apply(json.dumps(body))
