"""Patterns that are not searched, since nothing could end that search."""

from __future__ import annotations

import pytest

from reconciler.semantics.validation.patterns import search


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^a+$", "aaa", True),
        ("^a+$", "aab", False),
        ("b", "ab", True),
        ("é", "café", True),
        ("a" * 100_000, "a", False),
        ("a" * 100_001, "a", None),  # too long to be compiled
        ("(a{10}){100}", "a" * 1_000_000, None),  # too much work
        ("(a{10}){100}", "a", False),
        ("(?=a)", "a", None),  # no Go pattern
    ],
)
def test_a_search_is_answered_soon_or_not_at_all(
    pattern: str, text: str, matches: bool | None
) -> None:
    assert search(pattern, text) is matches
