"""The shell of a step, run for real: bash, the command in a warm Python, and a folder as the cluster."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.interpreters.warm import programs
from tests.workflows.reading import Step

COMMANDS = Path(sys.executable).parent
KUBECONFIG = "apiVersion: v1\nkind: Config # canary-kubeconfig"


@dataclass
class Runner:
    """As much of a GitHub runner as a step sees."""

    home: Path
    expressions: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self.home / "workspace"

    @property
    def summary(self) -> str:
        return (self.home / "summary.md").read_text()

    def git(self, *words: str) -> str:
        quiet = (
            "-c",
            "user.name=ci",
            "-c",
            "user.email=ci@example.org",
            "-c",
            "commit.gpgsign=false",
        )
        done = subprocess.run(
            ["git", *quiet, *words], cwd=self.workspace, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def run(self, step: Step) -> subprocess.CompletedProcess[str]:
        """As GitHub runs `run:` on Linux."""
        script = self.home / "step.sh"
        script.write_text(step.run)
        environment = {
            "PATH": f"{programs()}{os.pathsep}{COMMANDS}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "CI": "true",
            "GITHUB_STEP_SUMMARY": str(self.home / "summary.md"),
            "RUNNER_TEMP": str(self.home),
            "RECONCILER_CLUSTER": f"directory:{self.home / 'cluster'}",
            **self.variables,
            **{name: self._expression(value) for name, value in step.env.items()},
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def _expression(self, value: str) -> str:
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda match: self.expressions[match[1]], str(value))
