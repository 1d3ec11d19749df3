"""Mutants of one module: `python -m tests.mutants MODULE [TESTS ...]`, after `make mutants` installed mutmut.

mutmut changes one thing of the module at a time and runs the tests that reach it; a mutant that survives is a change
that no test notices. It works in a copy of the tree. The tests are those of the module's package without the ones that
need a control plane, unless others are named.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPY = ROOT / ".mutants"
_MUTMUT = Path(sys.executable).with_name("mutmut")


def main(module: str, *tests: str) -> int:
    """Print how many mutants each outcome has, and the changes of those that survived."""
    _copy_tree()
    selected = tests or (f"tests/{Path(module).parts[1]}",)
    config = (
        "\n[tool.mutmut]\n"
        'source_paths = ["reconciler"]\n'
        f"only_mutate = {json.dumps([module])}\n"
        f"pytest_add_cli_args_test_selection = {json.dumps([*selected, '-m', 'not control_plane'])}\n"
        'pytest_add_cli_args = ["--hypothesis-profile=unshrunk", "-p", "no:cacheprovider"]\n'
    )
    with (COPY / "pyproject.toml").open("a") as file:
        file.write(config)
    with (COPY / "log").open("wb") as log:
        done = subprocess.run(
            [_MUTMUT, "run"], cwd=COPY, stdout=log, stderr=log, check=False
        )
    print(f"log: {COPY / 'log'}")
    if done.returncode:
        return done.returncode
    return 0


def _copy_tree() -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
