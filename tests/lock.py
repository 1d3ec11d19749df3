"""What uv.lock holds, for the environments that tests make: the same versions next year."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")


def exported(*options: str, hashes: bool = True) -> str:
    """The locked versions as a requirements file; the runtime dependencies alone unless `uv export` is told more.

    Raises:
        subprocess.CalledProcessError: uv refuses the lock or an option.
    """
    command: list[str | Path] = [
        UV, "export", "--quiet", "--frozen", "--no-default-groups", "--no-emit-project", "--no-header",
        *([] if hashes else ["--no-hashes"]), *options,
    ]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
