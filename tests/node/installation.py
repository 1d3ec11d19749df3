"""`deploy/` on the node as its README says, for an environment of a test's own, in a namespace of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self

import yaml

from tests.lock import ROOT
from tests.node.node import Node, Object, terminated
from tests.world import World, secret

FLOWS = {
    "watch": ("--pods",),
    "apply": ("--flow", "change"),
}
SECRETS = {
    "claude": {"ANTHROPIC_API_KEY": "sk-ant-canary-7d2f8a51c9e04b36"},
    "gateway": {"api-key": "gw-canary-19c7e5a2f06b4d83"},
}
_HOME = "llm-system"
POD = "/spec/jobTemplate/spec/template/spec"


@dataclass(frozen=True)
class Ended:
    """A Job that has ended, and its only pod.

    Attributes:
        verdict: its termination message, which `kubectl describe pod` shows.
    """

    job: str
    pod: Object
    log: str

    @property
    def code(self) -> int:
        return int(terminated(self.pod)["exitCode"])

    @property
    def verdict(self) -> str:
        return str(terminated(self.pod).get("message", ""))


@dataclass(frozen=True)
class Installation:
    """
    Attributes:
        deploy: a copy of `deploy/`, filled in.
    """

    node: Node
    world: World
    deploy: Path
    _numbers: Any = field(default_factory=count)

    @classmethod
    def make(cls, node: Node, world: World) -> Self:
        deploy = world.root.parent / "deploy"
        shutil.copytree(ROOT / "deploy", deploy)
        for file in deploy.rglob("*.yaml"):
            file.write_text(file.read_text().replace(_HOME, world.namespace))
        (deploy / "base/settings.env").write_text(
            "RECONCILER_REPOSITORY=/config\nENVIRONMENT=prod\n"
        )
        return cls(node, world, deploy)

    @property
    def home(self) -> str:
        return self.world.namespace

    def install(self, overlay: str, *patch: Object) -> None:
        """`kubectl apply -k` of an overlay, whose pods read the repository from a ConfigMap; with more of a patch."""
        for flow, options in FLOWS.items() if overlay != "fleet" else ():
            ran = self.world.run("rbac", "prod", *options)
            assert ran.code == 0, ran.stderr
            (self.deploy / "flows" / flow / "roles.yaml").write_text(ran.stdout)
        own = self.deploy / "own"
        own.mkdir(exist_ok=True)
        (own / "kustomization.yaml").write_text(yaml.safe_dump(self._overlay(overlay, patch)))
        self.reinstall()
        self.publish()

    def reinstall(self) -> None:
        """After a change of the folder."""
        self.node.kubectl("apply", "-k", str(self.deploy / "own"))

    def publish(self) -> None:
        """The repository as it is now, into the ConfigMap that the pods mount."""
        files = {key: (self.world.root / path).read_text() for key, path in self._files().items()}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"}}
        self.node.apply(json.dumps(body | {"data": files}), "-n", self.home)

    def _files(self) -> dict[str, str]:
        """Paths by the keys that a ConfigMap allows."""
        paths = (file.relative_to(self.world.root) for file in self.world.root.rglob("*.*"))
        return {str(path).replace("/", "__"): str(path) for path in sorted(paths)}

    def _overlay(self, overlay: str, more: Iterable[Object]) -> Object:
        """A test starts each Job itself, unless its patch says otherwise."""
        items = [{"key": key, "path": path} for key, path in self._files().items()]
        config = {"name": "config", "configMap": {"name": "config", "items": items}}
        mount = {"name": "config", "mountPath": "/config", "readOnly": True}
        patch = [
            {"op": "add", "path": "/spec/suspend", "value": True},
            {"op": "add", "path": f"{POD}/volumes/-", "value": config},
            {"op": "add", "path": f"{POD}/containers/0/volumeMounts/-", "value": mount},
            *more,
        ]
        target = {"kind": "CronJob"}
        patches = [{"target": target, "patch": json.dumps(patch)}]
        return {"resources": [f"../{overlay}"], "patches": patches}

    def secrets(self) -> None:
        for name, values in SECRETS.items():
            self.node.create(f"namespaces/{self.home}/secrets", secret(name, **values))

    def start(self, cronjob: str) -> str:
        """As the README says to run it at once; the name of the Job."""
        name = f"now-{next(self._numbers)}"
        source = f"--from=cronjob/{cronjob}"
        self.node.kubectl("create", "job", source, name, "-n", self.home)
        return name

    def run(self, cronjob: str) -> Ended:
        return self.ended(self.start(cronjob))

    def ended(self, job: str) -> Ended:
        self.node.ending(job, self.home)
        (pod,) = self.node.pods(job, self.home)
        return Ended(job, pod, self.node.log(pod))
