"""The registry of codes: every code that the sources name is registered, and none twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.kinds import KINDS
from reconciler.model.codes import CODES, register

PACKAGE = Path(__file__).parent.parent.parent / "reconciler"
_CODE = re.compile(r'"((?:[TJME]|K8S|SEC|REF)\d{3})"')


def test_every_code_in_the_sources_is_registered() -> None:
    for file in PACKAGE.rglob("*.py"):
        for code in _CODE.findall(file.read_text()):
            assert code in CODES, f"{file}: {code}"


def test_every_registered_code_of_the_front_half_is_used() -> None:
    text = "".join(f.read_text() for f in PACKAGE.rglob("*.py") if f.name != "codes.py")
    unused = [code for code in CODES if code[0] in "TJME" and f'"{code}"' not in text]
    assert unused == []


def test_no_code_twice() -> None:
    with pytest.raises(ValueError, match="T001"):
        register(CODES, {"T001": "another"})
    assert KINDS
