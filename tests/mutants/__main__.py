"""Mutants of modules: `python -m tests.mutants [--again] MODULE [TESTS ...]`.

A mutant is a function with one expression changed, and the tests that reach it run on it. If it survives, no test
notices the change: a test is missing, or the code does nothing. All of it happens in a copy of the tree. A pattern such
as `reconciler/stages/plan/*.py` names many modules.
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mutmut.mutation.file_mutation import mutate_file_contents

ROOT = Path(__file__).parents[2]
COPY = ROOT / ".mutants"
MUTANTS, RESULTS = "mutants.json", "results.json"
_CONFIGURATION = '[tool.mutmut]\nsource_paths = ["reconciler"]\ntrack_dependencies = false\n'
# Nothing is spent on what a test says when it fails: hypothesis looks for no simpler example either.
_OPTIONS = ["-q", "-s", "--tb=native", "--assert=plain", "--hypothesis-profile=unshrunk"]
_CACHE = re.compile(r"^@(?:lru_cache\(.*\)|cache)\n(?=def )", re.MULTILINE)


def main(pattern: str, *tests: str, again: bool = False) -> int:
    """Run the tests on all mutants of the modules, and print those that survive, as diffs.

    The tests are those of the modules' package, unless others are named; those that need a control plane are left out.

    Args:
        again: only on those that survived the last run.

    Returns:
        0 if no mutant survives, 1 otherwise, 2 if the tests fail without a mutant.
    """
    survivors = set(_survivors()) if again else None
    _copy_tree()
    os.chdir(COPY)
    modules = {_dotted(path): _mutated(path) for path in sorted(Path().glob(pattern))}
    names = [name for module in modules for name in _names(module, modules[module])]
    if survivors is not None:
        names = [name for name in names if name in survivors]
    Path(MUTANTS).write_text(json.dumps(names))
    selected = tests or (f"tests/{Path(pattern).parts[1]}",)
    options = [
        *_OPTIONS,
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.mutants.loop",
        "-m",
        "not control_plane",
    ]
    subprocess.run([sys.executable, "-m", "pytest", *options, *selected], check=False)
    if not Path(RESULTS).exists():
        return 2
    _print_report(modules)
    return int(bool(_survivors()))


def _mutated(path: Path) -> str:
    """The module with all mutants of its functions, written in its place; mutmut leaves decorated ones alone."""
    source = _CACHE.sub("", path.read_text())
    code = mutate_file_contents(str(path), source).code
    path.write_text(code)
    return code


def _names(module: str, code: str) -> Iterator[str]:
    functions = re.findall(r"^ *(?:async )?def (x\S+__mutmut_\d+)\(", code, re.MULTILINE)
    yield from (f"{module}.{name}" for name in functions)


def _dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _survivors() -> list[str]:
    """The mutants that no test kills, and those that no test reaches."""
    return [name for name, result in _results().items() if result != "killed"]


def _results() -> dict[str, str]:
    return json.loads((COPY / RESULTS).read_text())


def _print_report(modules: dict[str, str]) -> None:
    for module, code in modules.items():
        results = {
            name.rpartition(".")[2]: how
            for name, how in _results().items()
            if name.rpartition(".")[0] == module
        }
        left = [name for name, how in results.items() if how != "killed"]
        functions = _functions(code) if left else {}
        for name in left:
            original = functions[name.partition("__mutmut_")[0] + "__mutmut_orig"]
            difference = difflib.unified_diff(original, functions[name], n=1, lineterm="")
            print(f"\n{module}.{name}: {results[name]}", *list(difference)[2:], sep="\n")
        print(f"{module}: {len(results) - len(left)} of {len(results)} mutants killed")


def _functions(code: str) -> dict[str, list[str]]:
    """The lines of each function and method, below its name."""
    lines = code.splitlines()
    return {
        node.name: lines[node.lineno : node.end_lineno]
        for node in ast.walk(ast.parse(code))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }


def _copy_tree() -> None:
    """The files that git tracks or would track."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)
    with (COPY / "pyproject.toml").open("a") as file:
        file.write(_CONFIGURATION)


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--again"]
    sys.exit(main(*words, again="--again" in sys.argv))
