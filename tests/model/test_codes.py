"""The registry of codes: every code in the sources is registered, none twice, and each has an explanation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.model.codes import CODES, Rule, is_final, register
from reconciler.text.yaml import load_documents

PACKAGE = Path(__file__).parent.parent.parent / "reconciler"
_CODE = re.compile(r'"((?:[TJME]|K8S|SEC|REF|POL|IGN)\d{3})"')


def test_every_code_in_the_sources_is_registered() -> None:
    named = {code for file in PACKAGE.rglob("*.py") for code in _CODE.findall(file.read_text())}
    assert len(named) > 50
    assert named - set(CODES) == set()


def test_every_code_of_the_stages_before_validate_is_used() -> None:
    text = "".join(f.read_text() for f in PACKAGE.rglob("*.py") if f.parent.name != "codes")
    unused = [code for code in CODES if code[0] in "TJME" and f'"{code}"' not in text]
    assert unused == []


def test_a_code_cannot_be_registered_twice() -> None:
    with pytest.raises(ValueError, match="T001"):
        register(CODES, {"T001": Rule("another")})


def test_a_code_needs_a_rule() -> None:
    with pytest.raises(TypeError, match="AC001 has no Rule, but str"):
        register({"AC001": "a title alone"})  # type: ignore[dict-item]


@pytest.mark.parametrize("code", CODES)
def test_every_rule_says_why_it_exists(code: str) -> None:
    rule = CODES[code]

    assert rule.title
    assert rule.why.endswith(".")
    assert bool(rule.wrong) == bool(rule.right)
    assert rule.wrong != rule.right or rule.wrong == ""


@pytest.mark.parametrize(
    "code",
    [code for code, rule in CODES.items() if code < "T" and code[0] != "J" and rule.wrong],
)
def test_examples_are_valid_yaml(code: str) -> None:
    """Except those of J, which are templates."""
    assert not load_documents(CODES[code].wrong).errors
    assert not load_documents(CODES[code].right).errors


@pytest.mark.parametrize(
    "code", [c for c, rule in CODES.items() if c.startswith("T") and rule.wrong]
)
def test_examples_of_text_show_the_finding(code: str) -> None:
    rule = CODES[code]

    assert code in {finding.code for finding in load_documents(rule.wrong).findings}
    assert not load_documents(rule.right).findings


@pytest.mark.parametrize(
    ("code", "final"),
    [
        ("K8S002", True),
        ("K8S009", False),
        ("T003", True),
        ("T009", False),
        ("SEC001", False),
        ("OM051", False),
    ],
)
def test_which_codes_are_final(code: str, final: bool) -> None:
    assert is_final(code) is final
