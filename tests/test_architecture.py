"""How the code is written: what no linter here checks. What may break a rule stands below, with its reason."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from reconciler import kinds, reports

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "reconciler"
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_FILE = 300  # lines
MAX_FUNCTION = 50

# Names that say nothing of what a thing is.
EMPTY_WORDS = {
    *("resource", "item", "data", "info", "manager", "handler", "helper", "utils", "sync"),
    "process",
}
# Names of variables, arguments, functions and classes that leave open what they hold.
VAGUE_WORDS = EMPTY_WORDS - {"resource", "manager", "sync"} | {
    *("one", "found", "seen", "wanted", "there", "whole", "told", "given", "meant", "asked"),
    *("got", "thing"),
}
VAGUE_IN_TESTS = {
    *("one", "told", "there", "got", "wanted", "seen", "found", "whole", "asked", "utils", "helper")
}
LIBRARY_NAMES = {"text/yaml/dump.py data": "an argument of PyYAML's method"}
MUTABLE = {
    "adapters/jinja/child_process.py ChildProcess": "a running program",
    "semantics/ownership/changes.py _Collector": "filled by one walk, read after it",
    "semantics/validation/openapi.py Check": "filled by one walk, read after it",
    "semantics/validation/rules.py RuleCheck": "filled by one walk, read after it",
    "text/yaml/frame.py Frame": "a mapping or a list that is being read",
}
WITHOUT_SLOTS = {
    "semantics/validation/ratcheting.py Correlated": "its cached_property needs a __dict__"
}
# The docstring of a pydantic form is the description in environment.schema.json: its fields say it there.
WITHOUT_DOCSTRING = {"stages/load/form.py"}
DOCUMENTED = (
    "ports.py",
    "kind.py",
    "report.py",
    "secret_reading.py",
    "dependencies.py",
    "pipeline.py",
    "reconciliation.py",
)
DOCUMENTED_FOLDERS = ("model", "stages", "semantics")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def nodes(*kinds_of_node: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, kinds_of_node):
                yield path, node


def dataclasses() -> Iterator[tuple[str, dict[str, bool]]]:
    """Every dataclass by file and name, with the arguments of its decorator."""
    for path, node in nodes(ast.ClassDef):
        assert isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(call, ast.Name | ast.Attribute) and "dataclass" in ast.unparse(call):
                keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                given = {k.arg or "": ast.unparse(k.value) == "True" for k in keywords}
                yield f"{name_of(path)} {node.name}", given


def test_every_dataclass_is_frozen_and_has_slots() -> None:
    classes = dict(dataclasses())
    assert len(classes) > 50
    thawed = {name for name, given in classes.items() if not given.get("frozen")}
    assert thawed == set(MUTABLE)
    assert {name for name, given in classes.items() if not given.get("slots")} == set(WITHOUT_SLOTS)


def test_every_module_of_frozen_classes_imports_the_decorator_that_is_made_for_them() -> None:
    standard = {
        name_of(path)
        for path, node in nodes(ast.ImportFrom)
        if isinstance(node, ast.ImportFrom)
        and node.module == "dataclasses"
        and "dataclass" in {alias.name for alias in node.names}
    }
    others = {name.partition(" ")[0] for name in (*MUTABLE, *WITHOUT_SLOTS)}
    assert standard - {"frozen.py"} == others


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > MAX_FILE} == {}


def test_no_function_is_too_long_to_be_seen_at_once() -> None:
    lengths = {}
    for path, node in nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, Function)
        assert node.end_lineno is not None
        lengths[f"{name_of(path)} {node.name}"] = node.end_lineno - node.lineno + 1
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION} == {}


def test_no_module_and_no_class_has_a_name_that_says_nothing() -> None:
    violations = {name_of(path) for path in FILES if path.stem.strip("_") in EMPTY_WORDS}
    violations |= {
        name_of(folder)
        for folder in PACKAGE.rglob("*")
        if folder.is_dir() and folder.name in EMPTY_WORDS
    }
    for path, node in nodes(ast.ClassDef):
        assert isinstance(node, ast.ClassDef)
        if node.name.strip("_").lower() in EMPTY_WORDS:
            violations.add(f"{name_of(path)} {node.name}")
    assert violations == set()


PRAGMA = re.compile(r"#\s*(?:ruff:\s*)?(noqa|type:\s*ignore)(.*)$")
WITH_REASON = re.compile(r"(: [A-Z]+\d+ -- \S.*|\[[a-z-]+\]  # \S.*)")


def test_every_exception_from_a_checker_names_a_code_and_a_reason() -> None:
    violations = {
        f"{name_of(path)}:{number}": line.strip()
        for path in FILES
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (pragma := PRAGMA.search(line)) and not WITH_REASON.fullmatch(pragma[2])
    }
    assert violations == {}


def test_only_the_command_line_prints() -> None:
    violations = {
        name_of(path)
        for path, node in nodes(ast.Call)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    }
    assert {name for name in violations if not name.startswith("cli/")} == set()


def test_every_public_name_of_the_core_says_what_it_is() -> None:
    core = [path for path in FILES if name_of(path) in DOCUMENTED]
    core += [p for p in FILES if name_of(p).split("/")[0] in DOCUMENTED_FOLDERS]
    missing = {
        f"{name_of(path)} {node.name}"
        for path in core
        for node in tree(path).body
        if isinstance(node, ast.ClassDef | Function)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and name_of(path) not in WITHOUT_DOCSTRING
    }
    assert missing == set()
    assert len(core) > len(DOCUMENTED)


def test_every_module_says_what_it_is() -> None:
    assert {name_of(path) for path in FILES if not ast.get_docstring(tree(path))} == set()


def imported(path: Path) -> Iterator[str]:
    """Names of modules, and of what is taken out of them, wherever the import stands."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parts_of(folder: str) -> dict[str, list[Path]]:
    """Every kind, or format, with its files: one, or those of a package."""
    violations = {}
    for path in (PACKAGE / folder).iterdir():
        if path.name.startswith(("_", ".")):
            continue
        violations[path.stem] = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return {name: files for name, files in violations.items() if files and files[0].suffix == ".py"}


@pytest.mark.parametrize("folder", ["kinds", "consumers", "reports"])
def test_kinds_and_formats_do_not_know_each_other(folder: str) -> None:
    """Held here too for those that are still to come: no list names them."""
    parts = parts_of(folder)
    for name, files in parts.items():
        others = {f"reconciler.{folder}.{other}" for other in parts if other != name}
        violations = {
            m for file in files for m in imported(file) if ".".join(m.split(".")[:3]) in others
        }
        assert violations == set(), name


def test_what_is_looked_at_is_what_the_program_finds() -> None:
    assert {f"reconciler.kinds.{name}" for name in parts_of("kinds")} == {
        module.__name__ for module in kinds.discover()
    }
    assert set(parts_of("reports")) == set(reports.FORMATS)


def tracked() -> list[str]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    """A path that is absolute and below the folder of some checkout."""
    here = f"{'/work'}/"
    violations = []
    for name in tracked():
        text = (ROOT / name).read_bytes().decode(errors="replace")
        if here in text:
            violations.append(name)
    assert violations == []


def test_every_part_of_the_package_has_its_tests() -> None:
    parts = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    tests = {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("**/test_*.py"))}
    assert parts - tests == {"steps"}  # tests/test_pipeline.py runs them
    adapters = {p.name for p in (PACKAGE / "adapters").iterdir() if (p / "__init__.py").is_file()}
    tested = {path.name for path in (ROOT / "tests/adapters").iterdir() if path.is_dir()}
    assert adapters - tested == set()


def test_every_name_says_what_it_holds() -> None:
    vague = {
        f"{name_of(path)} {name}"
        for path, node in nodes(ast.Name, ast.arg, ast.FunctionDef, ast.ClassDef)
        for name in defined(node)
        if name.strip("_").lower() in VAGUE_WORDS
    }
    assert vague == set(LIBRARY_NAMES)


def test_every_name_of_a_test_says_what_it_holds() -> None:
    vague = {
        f"{path.relative_to(ROOT)}:{node.lineno} {name}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for node in ast.walk(tree(path))
        for name in defined(node)
        if name.strip("_").lower() in VAGUE_IN_TESTS
    }
    assert vague == set()


def defined(node: ast.AST) -> Iterator[str]:
    """The name that this node introduces, if it introduces one."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name


def test_no_exception_from_these_rules_is_out_of_date() -> None:
    """A file that is gone, or was mended, needs no exception."""
    named = {entry.split()[0] for entry in (*MUTABLE, *WITHOUT_SLOTS)}
    assert {name for name in named | WITHOUT_DOCSTRING if not (PACKAGE / name).is_file()} == set()


# Texts about commands in general: the help of the command line, and why a rule exists.
ABOUT_COMMANDS = {
    "model/command.py",
    "model/codes/_objects.py",
    "model/codes/_sources.py",
    "cli/__init__.py",  # the name of the program
    "errors.py",  # the folder of the package
    "semantics/server/__init__.py",  # a field manager
}
EXAMPLES = ("epilog", "message", "help", "short_help")  # arguments of click's decorators
COMMAND = re.compile(r"(^|(?<!the)[`\s|])(reconciler|kubectl) [a-z]|^(reconciler|kubectl)$")


def test_every_command_that_is_printed_comes_from_one_place() -> None:
    """Only `model/command.py` knows which options a command needs in order to mean what was shown."""
    elsewhere = set()
    for path in FILES:
        exempt = {id(node) for node in not_printed(tree(path))}
        for node in ast.walk(tree(path)):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and id(node) not in exempt and COMMAND.search(text):
                elsewhere.add(f"{name_of(path)}:{node.lineno} {text[:60]}")
    assert {each for each in elsewhere if each.split(":")[0] not in ABOUT_COMMANDS} == set()
    assert {each.split(":")[0] for each in elsewhere} == ABOUT_COMMANDS, "an exception is stale"


def not_printed(module: ast.Module) -> Iterator[ast.AST]:
    """Docstrings, and the examples of the command line."""
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        if isinstance(node, ast.keyword) and node.arg in EXAMPLES:
            yield from ast.walk(node.value)


DISCOVERED = {
    "kinds",
    "consumers",
    "reports",
}  # by listing the folder: there only what is shared is listed
SMALL = 3  # modules; their names say enough


def test_every_package_lists_its_modules() -> None:
    lacking = {}
    for init in sorted(PACKAGE.rglob("__init__.py")):
        folder = init.parent
        modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__"}
        modules |= {path.name for path in folder.iterdir() if (path / "__init__.py").exists()}
        if folder.name in DISCOVERED:
            modules = {name for name in modules if name.startswith("_")}
        text = ast.get_docstring(tree(init)) or ""
        if folder == PACKAGE:
            text = (ROOT / "README.md").read_text().partition("## The map of the code")[2]
        unlisted = {
            name for name in modules if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
        }
        if len(modules) > SMALL and unlisted:
            lacking[name_of(folder)] = unlisted
    assert lacking == {}
