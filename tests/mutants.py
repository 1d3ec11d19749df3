"""Mutants of one module: `python -m tests.mutants MODULE [TESTS ...]`, with mutmut; `make mutants` installs it.

mutmut changes one expression of the module at a time and runs the tests that reach it. A mutant that survives is a
change that no test notices: a missing test, or code that does nothing. All of it happens in a copy of the tree.
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
# What a test says when it fails is of no use, so hypothesis looks for no simpler example.
_OPTIONS = ["--hypothesis-profile=unshrunk", "-p", "no:cacheprovider"]


def main(module: str, *tests: str) -> int:
    """Run the tests on all mutants of a module, and print those that survive, as diffs.

    The tests are those of the module's package, unless others are named; those that need a control plane are left out.

    Returns:
        0 if no mutant survives, 1 otherwise, 2 if mutmut fails.
    """
    _copy_tree()
    selected = tests or (f"tests/{Path(module).parts[1]}",)
    with (COPY / "pyproject.toml").open("a") as file:
        file.write(_configuration(module, [*selected, "-m", "not control_plane"]))
    if _mutmut("run", output=None).returncode:
        return 2
    results = _mutmut("results").stdout.splitlines()
    left = [line.split(":")[0].strip() for line in results if line.endswith("survived")]
    for name in left:
        print(_mutmut("show", name).stdout)
    print(f"{len(left)} mutants of {module} survive")
    return int(bool(left))


def _configuration(module: str, selection: list[str]) -> str:
    return f"""
[tool.mutmut]
source_paths = ["reconciler"]
only_mutate = {json.dumps([module])}
also_copy = ["Dockerfile"]
pytest_add_cli_args = {json.dumps(_OPTIONS)}
pytest_add_cli_args_test_selection = {json.dumps(selection)}
"""


def _copy_tree() -> None:
    """The files that git tracks or would track."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)


def _mutmut(*words: str, output: int | None = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run([_MUTMUT, *words], cwd=COPY, stdout=output, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
