"""What leaves for a terminal or the log of a CI job is read there, and does nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.text.printable import escaped, printable
from reconciler.text.yaml import dump, load_one

# What Kubernetes can store: no NUL, no half of a surrogate pair.
_STORED = st.characters(exclude_categories=["Cs"], exclude_characters="\0")

ACTING = {
    "\x1b[31mred": "\\u001b[31mred",
    "a\rb": "a\\rb",
    "a\tb": "a\\tb",
    "\u202egnp.exe": "\\u202egnp.exe",
    "\U000e0041": "\\U000e0041",
    "::error::no": "\\u003a:error::no",
    "a\n  ::set-output name=x::y": "a\n  \\u003a:set-output name=x::y",
    "x ##[group]y": "x #\\u0023[group]y",
    "é ✅ a::b": "é ✅ a::b",
}


@pytest.mark.parametrize("text", ACTING)
def test_what_acts_is_escaped(text: str) -> None:
    assert printable(text) == ACTING[text]
    assert printable(printable(text)) == printable(text)


def test_colours_stay_only_where_they_are_ours() -> None:
    assert (
        printable("\x1b[1;31mno\x1b[0m\x1b]0;t\x07", color=True)
        == "\x1b[1;31mno\x1b[0m\\u001b]0;t\\u0007"
    )
    assert "\x1b" not in printable("\x1b[1;31mno\x1b[0m")


def test_one_line() -> None:
    assert escaped("a\nb") == "a\\nb"


@given(
    st.dictionaries(
        st.text(_STORED, max_size=8),
        st.text(_STORED, max_size=30)
        | st.lists(st.sampled_from(["::x", "a\n::x", "##[b", "\t", "\u202e", "plain\n"])),
        max_size=4,
    )
)
def test_yaml_is_the_same_and_acts_on_nothing(value: dict[str, object]) -> None:
    text = dump(value)
    assert printable(text) == text
    assert load_one(text, "x") == (value or {})
