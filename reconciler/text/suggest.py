"""Did you mean ...?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggest(word: str, known: Iterable[str]) -> str:
    """The nearest known word, "" when none is near. Case and separators are the most frequent mistakes."""
    candidates = sorted(set(known))
    folded = _fold(word)
    same = [candidate for candidate in candidates if _fold(candidate) == folded]
    if same:
        return same[0]
    near = difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    if near:
        return near[0]
    by_fold = {_fold(candidate): candidate for candidate in reversed(candidates)}
    near = difflib.get_close_matches(folded, by_fold, n=1, cutoff=0.7)
    return by_fold[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean baseURL?`, "" when nothing is near."""
    found = suggest(word, known)
    return f"did you mean {found}?" if found else ""


def one_of(known: Iterable[str], limit: int = 10) -> str:
    """`a, b, c`: for a hint; the first ones of many."""
    names = sorted(set(known))
    return ", ".join(names[:limit]) + (
        f", and {len(names) - limit} more" if len(names) > limit else ""
    )


def _fold(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
