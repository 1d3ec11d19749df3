"""The command with the kubernetes clients that it supports, at both ends of the range in pyproject.toml.

The newest is the one that is installed here. The oldest is installed from the lock into an environment of its own in
the cache, made once for each place of the sources, which it runs as an editable installation does.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.locks import locked
from tests.interpreters.warm import INSTALLED, Ended, interpreter
from tests.lock import ROOT, UV, exported


class NoClientError(Exception):
    """The environment cannot be made here; the message says why."""


@dataclass(frozen=True)
class Client:
    """How to run the command with one kubernetes client: by this Python, a file or a module after `-m`."""

    name: str
    python: Path
    program: tuple[str | Path, ...]

    def run(self, *arguments: str | Path, env: Mapping[str, str]) -> Ended:
        return interpreter(self.python).run(*self.program, *arguments, env=env)

    @property
    def version(self) -> str:
        code = "import importlib.metadata as m; print(m.version('kubernetes'))"
        done = subprocess.run(
            [str(self.python), "-c", code], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


NEWEST = Client("newest", Path(sys.executable), (INSTALLED,))
NAMES = (NEWEST.name, "oldest")


def client(name: str) -> Client:
    """
    Raises:
        NoClientError: see there.
    """
    if name == NEWEST.name:
        return NEWEST
    return Client(name, _oldest() / "bin" / "python", ("-m", "reconciler"))


def _oldest() -> Path:
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    requirements = exported("--group", "oldest-client")
    facts = [requirements, sys.version, platform.machine(), sys.executable, str(ROOT)]
    key = hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]
    home = root / "provider-reconciler" / "clients" / key
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        with locked(home.with_suffix(".lock")):
            if not home.is_dir():
                _make(home, requirements)
    return home


def _make(home: Path, requirements: str) -> None:
    """In a draft beside its place, so that a half-made environment is never used."""
    draft = home.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    python = draft / "bin" / "python"
    for command in (
        [UV, "venv", "--quiet", "--python", sys.executable, draft],
        [UV, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", "-"],
    ):
        done = subprocess.run(
            command, input=requirements, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NoClientError(f"uv {command[1]}: {done.stderr.strip()[-300:]}")
    (packages,) = draft.glob("lib/python*/site-packages")
    (packages / "sources.pth").write_text(f"{ROOT}\n")
    draft.rename(home)
