"""A configuration repository of many environments: one run of the command meets many faults at once.

Each environment has a namespace of its own, by which a rule of the proxy finds its requests.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.controlplane.plane import ControlPlane
from tests.e2e.world import CLAUDE, ENVIRONMENT, GATEWAY, VALUES, secret
from tests.faults.clients import Client

CLAUDE_KEY = "Qz7-vR2kX9wLmT4yBd83HsPfJc6N"
GATEWAY_KEY = "hW5nYt0UeGx1-KqZr8VbAoM2SjD7"
_HANG = 150.0  # seconds; nothing that is tested takes this long, unless it hangs


@dataclass(frozen=True)
class Run:
    """One run of the command, over any number of environments."""

    code: int
    stdout: str
    stderr: str
    report: dict[str, Any]
    peak: int  # MiB, resident
    left_behind: tuple[str, ...]  # in the temporary folder

    @property
    def everything(self) -> str:
        return self.stdout + self.stderr + json.dumps(self.report, ensure_ascii=False)

    @property
    def codes(self) -> dict[str, int]:
        return {e["name"]: e["exitCode"] for e in self.report.get("environments", ())}

    def environment(self, name: str) -> dict[str, Any]:
        return next(e for e in self.report["environments"] if e["name"] == name)

    def results(self, name: str) -> dict[str, str]:
        return {o["ref"]["name"]: o["result"] for o in self.environment(name)["outcomes"]}

    def outcome(self, name: str, ref: str) -> dict[str, Any]:
        return next(o for o in self.environment(name)["outcomes"] if o["ref"]["name"] == ref)

    def states(self, name: str) -> dict[str, str]:
        return {c["ref"]["name"]: c["state"] for c in self.environment(name)["changes"]}

    def problem(self, name: str) -> str:
        return str((self.environment(name)["problem"] or {}).get("message", ""))


@dataclass(frozen=True)
class Fleet:
    """Environments by name; each lives in the namespace `<prefix>-<name>`."""

    root: Path
    prefix: str
    names: tuple[str, ...]

    @classmethod
    def make(cls, root: Path, prefix: str, names: tuple[str, ...], *templates: str) -> Fleet:
        fleet = cls(root, prefix, names)
        for name in names:
            fleet.write(
                f"environments/{name}/environment.yaml",
                ENVIRONMENT.format(namespace=fleet.namespace(name), cluster="{type: kubernetes}"),
            )
            fleet.write(f"environments/{name}/values.yaml", VALUES)
        for number, text in enumerate(templates or (CLAUDE, GATEWAY)):
            fleet.write(f"templates/{number}.yaml.j2", text)
        return fleet

    def namespace(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def path(self, name: str, rest: str = "") -> str:
        """A pattern of the paths of one environment's requests."""
        return f"/namespaces/{re.escape(self.namespace(name))}/{rest}"

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, old: str, new: str, *names: str) -> None:
        """The values of these environments, or of all."""
        for name in names or self.names:
            path = self.root / f"environments/{name}/values.yaml"
            text = path.read_text()
            assert old in text
            path.write_text(text.replace(old, new))

    def found(self, plane: ControlPlane) -> Fleet:
        """Make the namespaces, with the Secrets that the manifests name."""
        namespaces = [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace(name)}}
            for name in self.names
        ]
        secrets = [
            json.loads(secret(name, **values)) | {"apiVersion": "v1"}
            for name, values in (
                ("claude", {"ANTHROPIC_API_KEY": CLAUDE_KEY}),
                ("gateway", {"api-key": GATEWAY_KEY}),
            )
        ]
        placed = [
            one | {"metadata": one["metadata"] | {"namespace": self.namespace(name)}}
            for name in self.names
            for one in secrets
        ]
        items = {"apiVersion": "v1", "kind": "List", "items": [*namespaces, *placed]}
        plane.kubectl("create", "-f", "-", input=json.dumps(items))
        return self

    def written(self, plane: ControlPlane, mark: int) -> list[str]:
        """What the server was really asked to write here, by its audit log."""
        return [
            f"{record.verb} {record.namespace}/{record.resource}/{record.name}: {record.code}"
            for record in plane.audit.since(mark)
            if record.namespace.startswith(self.prefix)
            and record.verb not in ("get", "list")
            and not record.dry_run
        ]

    def run(self, client: Client, *args: str, kubeconfig: Path | None = None, **env: str) -> Run:
        """Run the command; without names of environments over all of them."""
        verb, *rest = args
        report = self.root.parent / f"report-{self.prefix}.json"
        report.unlink(missing_ok=True)
        given = [arg for arg in rest if arg in self.names] or (
            [] if "--all" in rest else self.names
        )
        command = [*client.command, verb, *given, *(a for a in rest if a not in self.names)]
        command += ["-C", str(self.root), "-o", "text", "-o", f"json={report}"]
        command += ["--kubeconfig", str(kubeconfig)] if kubeconfig else []
        clean = {k: v for k, v in os.environ.items() if k not in ("KUBECONFIG", "NO_COLOR")}
        scratch = self.root.parent / f"tmp-{self.prefix}"
        scratch.mkdir(exist_ok=True)
        ended = _run(command, clean | {"TMPDIR": str(scratch)} | env, scratch)
        parsed = json.loads(report.read_text()) if report.exists() else {}
        assert "Traceback" not in ended[2], ended[2]
        left = tuple(path.name for path in scratch.iterdir())
        return Run(*ended[:3], parsed, ended[3], left)


def _run(command: list[str], environ: dict[str, str], scratch: Path) -> tuple[int, str, str, int]:
    """Exit code, stdout, stderr and peak memory in MiB. A run that hangs is ended, and fails."""
    out, err = scratch.with_suffix(".out"), scratch.with_suffix(".err")
    with out.open("wb") as stdout, err.open("wb") as stderr:
        child = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=environ)
        peak, end = 0, time.monotonic() + _HANG
        while child.poll() is None:
            peak = max(peak, _peak(child.pid))
            if time.monotonic() > end:
                child.kill()
                child.wait()
                raise TimeoutError(f"hangs: {command}")
            time.sleep(0.01)
    written = [path.read_text("utf-8", "replace") for path in (out, err)]
    return child.returncode, written[0], written[1], peak


def _peak(pid: int) -> int:
    """Of the kernel, in MiB; not by `wait4`, whose figure begins with the parent's."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) // 1024 if found else 0
