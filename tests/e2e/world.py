"""A small configuration repository and the installed command, as a user has them."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("reconciler")

ENVIRONMENT = """\
configVersion: 1
cluster: {cluster}
home: {namespace}
namespaces: [{namespace}]
manifests: [templates/*.yaml.j2]
"""

VALUES = """\
claude:
  model: claude-sonnet-4-5
  maxTokens: 4096
gateway:
  baseURL: https://gateway.example.com/v1
"""

CLAUDE = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata:
  name: claude
spec:
  type: claude
  model: {{ values.claude.model | tojson }}
  credential:
    secretRef:
      name: claude
      key: ANTHROPIC_API_KEY
  defaults:
    maxTokens: {{ values.claude.maxTokens }}
"""

GATEWAY = """\
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata:
  name: gateway
spec:
  apiKeySecretRef:
    name: gateway
    key: api-key
  openai:
    baseURL: {{ values.gateway.baseURL | tojson }}
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: Model
metadata:
  name: fast
spec:
  model: gpt-5-mini
  providerRef:
    name: gateway
"""


@dataclass(frozen=True)
class Ran:
    """One run of the command."""

    code: int
    stdout: str
    stderr: str
    report: dict[str, Any]

    @property
    def environment(self) -> dict[str, Any]:
        (found,) = self.report["environments"]
        return dict(found)

    @property
    def states(self) -> dict[str, str]:
        return {change["ref"]["name"]: change["state"] for change in self.environment["changes"]}

    @property
    def results(self) -> dict[str, str]:
        return {o["ref"]["name"]: o["result"] for o in self.environment["outcomes"]}

    def change(self, name: str) -> dict[str, Any]:
        return next(c for c in self.environment["changes"] if c["ref"]["name"] == name)

    def differences(self, name: str) -> dict[str, dict[str, Any]]:
        return {".".join(map(str, d["path"])): d for d in self.change(name)["differences"]}

    def secret(self, name: str) -> dict[str, Any]:
        return next(s for s in self.environment["secrets"] if s["reference"]["name"] == name)


@dataclass(frozen=True)
class World:
    """A configuration repository whose environment `prod` lives in one namespace."""

    root: Path
    namespace: str
    kubeconfig: Path | None = None

    @classmethod
    def make(
        cls, root: Path, namespace: str, cluster: str, kubeconfig: Path | None = None
    ) -> World:
        world = cls(root, namespace, kubeconfig)
        world.write(
            {
                "environments/prod/environment.yaml": ENVIRONMENT.format(
                    namespace=namespace, cluster=cluster
                ),
                "environments/prod/values.yaml": VALUES,
                "templates/claude.yaml.j2": CLAUDE,
                "templates/gateway.yaml.j2": GATEWAY,
            }
        )
        return world

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text()
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new))

    def run(self, *args: str, kubeconfig: Path | None = None, **env: str) -> Ran:
        """Run the installed command; its JSON report is read back where one was written."""
        verb, *rest = args
        report = self.root.parent / "report.json"
        report.unlink(missing_ok=True)
        command = [str(COMMAND), verb, "-C", str(self.root), *rest]
        if verb in ("validate", "diff", "apply", "drift"):
            command += ["-o", "text", "-o", f"json={report}"]
        used = kubeconfig or self.kubeconfig
        if used and verb in ("diff", "apply", "drift"):
            command += ["--kubeconfig", str(used)]
        clean = {k: v for k, v in os.environ.items() if k not in ("KUBECONFIG", "NO_COLOR")}
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=False, env=clean | env
        )
        assert "Traceback" not in done.stderr
        parsed = json.loads(report.read_text()) if report.exists() else {}
        return Ran(done.returncode, done.stdout, done.stderr, parsed)


def secret(name: str, **values: str) -> str:
    """A Secret manifest, as JSON for kubectl."""
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return json.dumps(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}
    )
