"""What a misspelt name was meant to be."""

from __future__ import annotations

import pytest

from reconciler.text.suggest import is_slip, suggest


@pytest.mark.parametrize(
    ("word", "slip"),
    [
        ("opnai", True),
        ("openaai", True),
        ("openei", True),
        ("opneai", True),
        ("penai", True),
        ("openai", False),
        ("openai-eu", False),
        ("openai2", False),
        ("open", False),
        ("aiopen", False),
        ("enopai", False),
        ("", False),
    ],
)
def test_a_slip_is_one_letter(word: str, slip: bool) -> None:
    assert is_slip(word, "openai") is slip
    assert is_slip("openai", word) is slip


def test_another_number_is_no_slip() -> None:
    assert not is_slip("gpt-4", "gpt-5")
    assert is_slip("gpt4", "gpt-4")


@pytest.mark.parametrize(
    ("word", "name"),
    [("team-a", "team-b"), ("llm-eu", "llm-au"), ("gpt-4o", "gpt-4"), ("a-x", "b-x")],
)
def test_a_short_part_tells_names_apart(word: str, name: str) -> None:
    assert not is_slip(word, name)
    assert is_slip(f"{word}-production", f"{word}-prodution")


@pytest.mark.parametrize(
    ("word", "name"),
    [("k8s", "kubernetes"), ("K8S", "kubernetes"), ("k7s", ""), ("k8", ""), ("", "")],
)
def test_a_number_stands_for_so_many_letters(word: str, name: str) -> None:
    assert suggest(word, ["directory", "kubernetes"]) == name
