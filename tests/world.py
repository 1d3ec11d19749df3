"""A configuration repository, the command that runs over it, and what its report says."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from tests.interpreters.clients import NEWEST, Client
from tests.repository import write

ENVIRONMENT = """\
configVersion: 1
cluster: {{type: kubernetes}}
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

TEMPLATES = {"claude.yaml.j2": CLAUDE, "gateway.yaml.j2": GATEWAY}
_RUNS = ("validate", "diff", "apply", "drift", "stamp")  # what writes a report


@dataclass(frozen=True)
class EnvironmentReport:
    """What the JSON report says about one environment."""

    body: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.body[key]

    @property
    def states(self) -> dict[str, str]:
        return {change["ref"]["name"]: change["state"] for change in self["changes"]}

    @property
    def results(self) -> dict[str, str]:
        return {outcome["ref"]["name"]: outcome["result"] for outcome in self["outcomes"]}

    @property
    def problem(self) -> str:
        return str((self["problem"] or {}).get("message", ""))

    def change(self, name: str) -> dict[str, Any]:
        return next(change for change in self["changes"] if change["ref"]["name"] == name)

    def differences(self, name: str) -> dict[str, dict[str, Any]]:
        return {".".join(map(str, d["path"])): d for d in self.change(name)["differences"]}

    def outcome(self, name: str) -> dict[str, Any]:
        return next(outcome for outcome in self["outcomes"] if outcome["ref"]["name"] == name)

    def secret(self, name: str) -> dict[str, Any]:
        return next(row for row in self["secrets"] if row["reference"]["name"] == name)


@dataclass(frozen=True)
class Ran:
    """One run of the command.

    Attributes:
        peak: MiB, resident, the renderer's included.
        left_behind: files in the temporary folder.
    """

    code: int
    stdout: str
    stderr: str
    report: dict[str, Any]
    peak: int
    left_behind: tuple[str, ...]

    @cached_property
    def everything(self) -> str:
        return self.stdout + self.stderr + json.dumps(self.report, ensure_ascii=False)

    @property
    def codes(self) -> dict[str, int]:
        return {e["name"]: e["exitCode"] for e in self.report.get("environments", ())}

    def environment(self, name: str) -> EnvironmentReport:
        return EnvironmentReport(next(e for e in self.report["environments"] if e["name"] == name))

    @property
    def prod(self) -> EnvironmentReport:
        return self.environment("prod")


@dataclass(frozen=True)
class World:
    """A configuration repository.

    Attributes:
        namespaces: of its environments, by name: each has one, which holds its objects and its record.
        kubeconfig: for runs that name no other one.
    """

    root: Path
    namespaces: Mapping[str, str]
    kubeconfig: Path | None = None

    @classmethod
    def make(
        cls,
        root: Path,
        namespaces: Mapping[str, str],
        kubeconfig: Path | None = None,
        *,
        templates: Mapping[str, str] = TEMPLATES,
    ) -> Self:
        world = cls(root, namespaces, kubeconfig)
        world.write({f"templates/{name}": text for name, text in templates.items()})
        for name, namespace in namespaces.items():
            config = ENVIRONMENT.format(namespace=namespace)
            world.write({f"environments/{name}/environment.yaml": config})
            world.write({f"environments/{name}/values.yaml": VALUES})
        return world

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.namespaces)

    @property
    def namespace(self) -> str:
        """Of prod."""
        return self.namespaces["prod"]

    def write(self, files: Mapping[str, str]) -> None:
        write(self.root, files)

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text()
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new))

    def edit_values(self, old: str, new: str, *names: str) -> None:
        """Of these environments, or of all."""
        for name in names or self.names:
            self.edit(f"environments/{name}/values.yaml", old, new)

    def run(
        self, *args: str, client: Client = NEWEST, kubeconfig: Path | None = None, **env: str
    ) -> Ran:
        """Run a verb over the environments that are named next, or over all; its JSON report is read back."""
        verb, *rest = args
        named = bool(rest) and not rest[0].startswith("-")
        command = [verb, *(() if named else self.names), *rest, "-C", str(self.root)]
        report, scratch = self.root.parent / "report.json", self.root.parent / "scratch"
        report.unlink(missing_ok=True)
        scratch.mkdir(exist_ok=True)
        if verb in _RUNS:
            command += ["-o", "text", "-o", f"json={report}"]
        used = kubeconfig or self.kubeconfig
        if used and verb not in ("validate", "rbac"):
            command += ["--kubeconfig", str(used)]
        clean = {k: v for k, v in os.environ.items() if k not in ("KUBECONFIG", "NO_COLOR")}
        ended = client.run(*command, env=clean | {"TMPDIR": str(scratch)} | env)
        assert "Traceback" not in ended.stderr, ended.stderr
        return Ran(
            ended.code,
            ended.stdout,
            ended.stderr,
            json.loads(report.read_text()) if report.exists() else {},
            ended.peak // 1024,
            tuple(path.name for path in scratch.iterdir()),
        )


def secret(name: str, **values: str) -> dict[str, Any]:
    """The manifest of a Secret."""
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}
