"""Did you mean ...?"""

from __future__ import annotations

import bisect
import difflib
from collections.abc import Iterable

_LONGEST = 200  # characters of a word that is worth a comparison
_NEIGHBOURS = 16  # on either side


def suggest(word: str, known: Iterable[str]) -> str:
    """The nearest known word, "" when none is near. Case and separators are the most frequent mistakes."""
    if len(word) > _LONGEST:
        return ""
    candidates = _neighbours(word, sorted(set(known)))
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


def _neighbours(word: str, names: list[str]) -> list[str]:
    """Of many names those that begin or end most like a word: comparing each with each would take minutes."""
    if len(names) <= 4 * _NEIGHBOURS:
        return names
    backwards = sorted(name[::-1] for name in names)
    near = {*_around(word, names), *(name[::-1] for name in _around(word[::-1], backwards))}
    return sorted(near)


def _around(word: str, names: list[str]) -> list[str]:
    at = bisect.bisect_left(names, word)
    return names[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]


def _fold(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
