"""Every file in `<kind>/valid` and `<kind>/invalid` is a case; its first lines say what is expected.

    # expect: CODE path      an error; an invalid example lists all of them
    # tells: CODE path       a warning or a notice; a valid example lists all of them
    # crd: 2026-04-19        the CRD that judges it, by its date; the newest without this line

Other comments explain the case. Each folder is named after the kind's module.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.crds import catalogue
from reconciler.kind import Kind
from reconciler.kinds import KINDS, discover
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.stages.validate import validate
from tests.kinds.manifests import environment, manifest_of

_HERE = Path(__file__).parent
_MODULES = {module.__name__.rpartition(".")[2]: module for module in discover()}
_LINE = re.compile(r"# (expect|tells|crd): (.+)")


def _examples(verdict: str) -> list[Path]:
    return sorted(_HERE.glob(f"*/{verdict}/*.yaml"))


def _name(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.stem}"


def _judge(path: Path) -> tuple[dict[str, list[str]], tuple[Diagnostic, ...]]:
    text = path.read_text(encoding="utf-8")
    said: dict[str, list[str]] = {"expect": [], "tells": [], "crd": []}
    for word, rest in _LINE.findall(text):
        said[word].append(rest)
    kind: Kind = _MODULES[path.parent.parent.name].KIND
    manifest = manifest_of(text, path.name)
    assert manifest.ref.group_kind == kind.endpoint.group_kind
    crd = catalogue.load(kind.endpoint.crd_name, said["crd"][0] if said["crd"] else "")
    crds = {kind.endpoint.group_kind: crd}
    return said, validate(environment(), [manifest], KINDS, crds)


def _found(diagnostics: tuple[Diagnostic, ...], *severities: Severity) -> list[str]:
    return sorted(f"{d.code} {d.path}" for d in diagnostics if d.severity in severities)


@pytest.mark.parametrize("path", _examples("valid"), ids=_name)
def test_a_valid_example_has_no_error(path: Path) -> None:
    said, diagnostics = _judge(path)

    assert _found(diagnostics, Severity.ERROR) == []
    assert _found(diagnostics, Severity.WARNING, Severity.NOTICE) == sorted(said["tells"])


@pytest.mark.parametrize("path", _examples("invalid"), ids=_name)
def test_an_invalid_example_has_the_errors_that_it_names(path: Path) -> None:
    said, diagnostics = _judge(path)

    assert said["expect"], f"{path} expects nothing"
    assert _found(diagnostics, Severity.ERROR) == sorted(said["expect"])


@pytest.mark.parametrize("verdict", ["valid", "invalid"])
@pytest.mark.parametrize("name", _MODULES)
def test_every_kind_has_examples(name: str, verdict: str) -> None:
    assert list((_HERE / name / verdict).glob("*.yaml"))


def test_every_folder_belongs_to_a_kind() -> None:
    folders = {path.name for path in _HERE.iterdir() if path.is_dir() and path.name[0] not in "._"}

    assert folders <= set(_MODULES)


@pytest.mark.parametrize("name", _MODULES)
def test_every_code_of_a_kind_has_an_example(name: str) -> None:
    shown = {
        rest.split()[0]
        for path in (_HERE / name).glob("*/*.yaml")
        for word, rest in _LINE.findall(path.read_text(encoding="utf-8"))
        if word != "crd"
    }

    assert set(_MODULES[name].CODES) - shown == set()
