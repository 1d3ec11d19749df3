"""The kubernetes clients that the product supports, at both ends of the range in pyproject.toml.

The newest is the one that is installed here. The oldest stands in an environment of its own in the cache, made
once for each place of the sources, which it runs as an editable installation does.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.locks import locked

ROOT = Path(__file__).parents[2]
_PROJECT = ROOT / "pyproject.toml"
NAMES = ("newest", "oldest")


class NoClientError(Exception):
    """The environment cannot be made here; the message says why."""


@dataclass(frozen=True)
class Client:
    """How to run the product with one kubernetes client."""

    name: str
    command: tuple[str, ...]
    python: Path

    @property
    def version(self) -> str:
        code = "import importlib.metadata as m; print(m.version('kubernetes'))"
        done = subprocess.run(
            [str(self.python), "-c", code], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


def client(name: str) -> Client:
    """
    Raises:
        NoClientError: see there.
    """
    if name == "newest":
        here = Path(sys.executable)
        return Client(name, (str(here.with_name("reconciler")),), here)
    python = _oldest() / "bin" / "python"
    return Client(name, (str(python), "-P", "-m", "reconciler"), python)


def requirements() -> list[str]:
    """Those of the project, with the oldest kubernetes client that they allow."""
    wanted: list[str] = tomllib.loads(_PROJECT.read_text())["project"]["dependencies"]
    found = [re.match(r"kubernetes>=([\d.]+)", one) for one in wanted]
    (oldest,) = [match[1] for match in found if match]
    return [*wanted, f"kubernetes=={oldest}.*"]


def _oldest() -> Path:
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    facts = [*requirements(), sys.version, platform.machine(), sys.executable, str(ROOT)]
    key = hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]
    home = root / "provider-reconciler" / "clients" / key
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        with locked(home.with_suffix(".lock")):
            if not home.is_dir():
                _make(home)
    return home


def _make(home: Path) -> None:
    """Beside its place first, and then moved there: what stands there is whole."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.defpath]))
    uv = uv or shutil.which("uv")
    if uv is None:
        raise NoClientError("uv is not installed")
    draft = home.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    python = draft / "bin" / "python"
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(draft)],
        [uv, "pip", "install", "--quiet", "--python", str(python), *requirements()],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoClientError(f"{command[1]}: {done.stderr.strip()[-300:]}")
    (packages,) = draft.glob("lib/python*/site-packages")
    (packages / "sources.pth").write_text(f"{ROOT}\n")
    draft.rename(home)
