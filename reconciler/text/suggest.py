"""Suggestions for misspelled names."""

from __future__ import annotations

import bisect
import difflib
from collections.abc import Iterable
from itertools import zip_longest

_LONGEST = 200  # characters; no suggestion for a longer word
_NEIGHBOURS = 16  # on either side
_SWAPPED = 2  # letters
_DISTINCT = 3  # letters of a part; a shorter one tells names apart


def suggest(word: str, known: Iterable[str]) -> str:
    """The most similar known word, "" when none is similar. A difference in case and separators counts least."""
    if len(word) > _LONGEST:
        return ""
    candidates = _neighbours(word, sorted(set(known)))
    folded = _fold(word)
    equal = [candidate for candidate in candidates if _fold(candidate) == folded]
    close = equal or difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    close = close or [name for name in candidates if _is_short_for(folded, name)]
    if close:
        return close[0]
    by_fold = {_fold(candidate): candidate for candidate in reversed(candidates)}
    close = difflib.get_close_matches(folded, by_fold, n=1, cutoff=0.7)
    return by_fold[close[0]] if close else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean baseURL?`, "" when no known word is similar."""
    suggestion = suggest(word, known)
    return f"did you mean {suggestion}?" if suggestion else ""


def is_slip(word: str, name: str) -> bool:
    """Whether a word is a name with one letter missing, added or wrong, or two swapped.

    Other digits, or another part of one or two letters (`team-a`, `llm-eu`), are no slip: they tell names apart.
    """
    if word == name or [*filter(str.isdigit, word)] != [*filter(str.isdigit, name)]:
        return False
    if word.replace("-", "") != name.replace("-", "") and _tells_apart(word, name):
        return False
    word, name = _without_common_start(word, name)
    word, name = _without_common_start(word[::-1], name[::-1])
    return max(len(word), len(name)) <= 1 or (len(word) == _SWAPPED and word == name[::-1])


def _tells_apart(word: str, name: str) -> bool:
    parts = zip_longest(word.split("-"), name.split("-"), fillvalue="")
    return any(part != other and min(len(part), len(other)) < _DISTINCT for part, other in parts)


def _without_common_start(word: str, name: str) -> tuple[str, str]:
    pairs = enumerate(zip(word, name, strict=False))
    start = next((n for n, (a, b) in pairs if a != b), min(len(word), len(name)))
    return word[start:], name[start:]


def one_of(known: Iterable[str], limit: int = 10) -> str:
    """`a, b, c`, for a hint; of more than `limit` names only the first, and the number of the others."""
    names = sorted(set(known))
    return ", ".join(names[:limit]) + (
        f", and {len(names) - limit} more" if len(names) > limit else ""
    )


def _neighbours(word: str, names: list[str]) -> list[str]:
    """The names that begin or end most like a word: comparing it with thousands of names would take too long."""
    if len(names) <= 4 * _NEIGHBOURS:
        return names
    backwards = sorted(name[::-1] for name in names)
    return sorted({*_around(word, names), *(name[::-1] for name in _around(word[::-1], backwards))})


def _around(word: str, names: list[str]) -> list[str]:
    index = bisect.bisect_left(names, word)
    return names[max(0, index - _NEIGHBOURS) : index + _NEIGHBOURS]


def _is_short_for(word: str, name: str) -> bool:
    """Whether a word is a name with the number of its inner letters, as k8s is kubernetes."""
    name = name.lower()
    return bool(word) and word == f"{name[:1]}{len(name) - 2}{name[-1:]}"


def _fold(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
