"""Commands of a README, run by a shell whose cluster is the node."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.node.node import Node


def run_script(script: str, node: Node, folder: Path) -> subprocess.CompletedProcess[str]:
    """With `kubectl` and this checkout's `reconciler` on the PATH."""
    with tempfile.TemporaryDirectory(prefix="programs-") as programs:
        for program in (node.kubectl_program, Path(sys.executable).with_name("reconciler")):
            (Path(programs) / program.name).symlink_to(program)
        path = os.pathsep.join([programs, os.environ["PATH"]])
        return subprocess.run(
            ["bash", "-euc", script],
            cwd=folder,
            env=os.environ | {"PATH": path, "KUBECONFIG": str(node.kubeconfig)},
            capture_output=True,
            text=True,
            check=False,
        )
