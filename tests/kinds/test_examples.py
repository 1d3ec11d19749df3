"""Every file in `<kind>/valid` and `<kind>/invalid` is a test case; its first lines contain the expectation.

    # expect: CODE path      an error; an invalid example lists all of them
    # tells: CODE path       a warning or a notice; a valid example lists all of them
    # crd: 2026-04-19        the CRD that judges it, by its date; the newest without this line

Other comments explain the case. Each folder is named after the kind's module.
"""

from __future__ import annotations

import pytest

from reconciler.kinds import CODES, KINDS
from reconciler.model.finding import Finding, Severity
from reconciler.stages.validate import validate
from tests.kinds.examples import FOLDER, MODULES, Example, examples
from tests.kinds.manifests import environment

# Rules that need several objects: `test_explanations.py` has their examples.
_ACROSS_OBJECTS = {"OM046", "FL048"}
VALID, INVALID = examples("valid"), examples("invalid")


def _judge(example: Example) -> tuple[Finding, ...]:
    assert example.manifest.ref.group_kind == example.kind.endpoint.group_kind
    return validate(environment(), [example.manifest], KINDS, {example.crd.group_kind: example.crd})


def _lines(findings: tuple[Finding, ...], *severities: Severity) -> tuple[str, ...]:
    return tuple(sorted(f"{f.code} {f.path}" for f in findings if f.severity in severities))


@pytest.mark.parametrize("example", VALID, ids=lambda e: e.name)
def test_a_valid_example_has_no_error(example: Example) -> None:
    findings = _judge(example)

    assert _lines(findings, Severity.ERROR) == ()
    assert _lines(findings, Severity.WARNING, Severity.NOTICE) == example.tells


@pytest.mark.parametrize("example", INVALID, ids=lambda e: e.name)
def test_an_invalid_example_has_the_errors_that_it_expects(example: Example) -> None:
    assert example.expect, f"{example.path} expects nothing"
    assert _lines(_judge(example), Severity.ERROR) == example.expect


@pytest.mark.parametrize("example", [*VALID, *INVALID], ids=lambda e: e.name)
def test_every_finding_of_a_kind_has_a_hint(example: Example) -> None:
    findings = [finding for finding in _judge(example) if finding.code in CODES]

    assert [finding for finding in findings if not finding.hint] == []


@pytest.mark.parametrize("verdict", ["valid", "invalid"])
@pytest.mark.parametrize("name", MODULES)
def test_every_kind_has_examples(name: str, verdict: str) -> None:
    assert list((FOLDER / name / verdict).glob("*.yaml"))


def test_every_folder_belongs_to_a_kind() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/*valid")}

    assert folders <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_every_code_of_a_kind_has_an_example(name: str) -> None:
    expected = [
        line
        for example in (*VALID, *INVALID)
        if example.path.parent.parent.name == name
        for line in (*example.expect, *example.tells)
    ]

    assert set(MODULES[name].KIND.codes) - {
        line.split()[0] for line in expected
    } == _ACROSS_OBJECTS & set(MODULES[name].KIND.codes)
