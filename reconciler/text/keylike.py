"""Tells words that look like a key from words that people and programs write: names, models, digests, paths.

Stricter than `entropy`, which reads texts of git: here a readable word may be taken for a key, but no key for a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reconciler.text.entropy import bits_per_character, class_changes

SHORTEST_WORD = 20  # characters; shorter words are keys only where their place says so
_SEGMENT = re.compile(r"[A-Za-z0-9]+")
_PART = re.compile(r"[^/:@,=]+")
_HOST = re.compile(r"[a-z0-9.-]{4,253}")
_OBJECT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_ENCODED = re.compile(r"[A-Za-z0-9+/]{32,}={0,2}")
# Forms that are long and random, and no secret wherever they are.
_PUBLIC = (
    r"sha(?:1|256|384|512)[:-][0-9a-f]{32,128}"
    r"|hs1:[0-9a-f]{8}:[0-9a-f]{16}"  # a fingerprint of a Secret
    r"|applyset-[A-Za-z0-9_-]{43}-v1"
    r"|arn:aws[a-z-]{0,12}:[a-z0-9-]{2,32}:[a-z0-9-]{0,32}:[0-9]{0,12}:[\w./:-]{1,256}"
    r"|ft:[\w.-]{1,64}:[\w-]{0,64}:[\w-]{0,64}:[A-Za-z0-9]{8}"  # a fine-tuned model of OpenAI
)
_IS_PUBLIC = re.compile(_PUBLIC)
# A uid and a commit: vendors have keys of these forms too, which `said_keys` finds by their place.
_READABLE = re.compile(
    rf"(?<![A-Za-z0-9])(?:{_PUBLIC}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{40})(?![A-Za-z0-9])"
)
_RANDOM_BITS = 4.4  # per character; paths and names have fewer
_NAME = re.compile(r"[A-Za-z0-9 ._/:-]*")
_LONGEST_WORD, _LONGEST_NUMBER, _LONGEST_MIX = (
    23,
    8,
    5,
)  # characters of a segment of an ordinary name
_LONGEST_SINGLE = 16  # characters of a name of one part
_FEW_CHANGES = 2  # of the character class: v1, gpt4o, OpenAI


def without_keys(word: str, mark: str, names: re.Pattern[str] | None = None) -> str:
    """A word of a text, with every part of it replaced that looks like a key, except these names."""
    if names is None:
        return _without_keys(word, mark)
    pieces = names.split(word)  # every second one is a name
    return "".join(p if n % 2 else _without_keys(p, mark) for n, p in enumerate(pieces))


def pattern_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern for `without_keys`; None if no part of any name looks like a key."""
    similar = {
        name
        for name in names
        if any(map(_is_random_segment, _SEGMENT.findall(name))) or not is_name(name)
    }
    if not similar:
        return None
    longest_first = sorted(similar, key=lambda name: (-len(name), name))
    alternatives = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![A-Za-z0-9])({alternatives})(?![A-Za-z0-9])")


def _without_keys(word: str, mark: str) -> str:
    pieces: list[str] = []
    position = 0
    for readable in _READABLE.finditer(word):
        pieces += [_masked(word[position : readable.start()], mark), readable[0]]
        position = readable.end()
    return "".join([*pieces, _masked(word[position:], mark)])


def is_object_name(text: str) -> bool:
    """Whether a text is the name of a Kubernetes object with a word in it, which no generated key has."""
    words = (segment for segment in text.split("-") if segment.isalpha() and _is_common(segment))
    return _OBJECT_NAME.fullmatch(text) is not None and any(len(w) > 2 for w in words)  # noqa: PLR2004 -- shorter ones occur by chance


def is_public(word: str) -> bool:
    """Whether a word has a form that no key has: a digest, a fingerprint, an ARN."""
    return _IS_PUBLIC.fullmatch(word) is not None


def is_name(word: str) -> bool:
    """Whether a word looks like the name of a Secret or of a key in it; a name of one part is a short word."""
    return is_ordinary(word) and (len(word) <= _LONGEST_SINGLE or _SEGMENT.fullmatch(word) is None)


def is_ordinary(text: str) -> bool:
    """Whether a text is made of words and numbers, as a name is, so that it may stand anywhere by chance."""
    segments = _SEGMENT.findall(text) if _NAME.fullmatch(text) else []
    return bool(segments) and all(map(_is_common, segments))


def _is_common(segment: str) -> bool:
    if segment.isdigit():
        return len(segment) <= _LONGEST_NUMBER
    longest = _LONGEST_WORD if segment.isalpha() else _LONGEST_MIX
    return len(segment) <= longest and class_changes(segment) <= _FEW_CHANGES


def _masked(gap: str, mark: str) -> str:
    if len(gap) < SHORTEST_WORD:
        return gap
    if _is_encoded(gap):
        return mark
    masked = _PART.sub(lambda part: mark if _is_key(part[0]) else part[0], gap)
    letters = "".join(_SEGMENT.findall(gap))
    spread = (
        masked == gap
        and _has_every_class(letters)
        and class_changes(letters) >= max(4, len(letters) / 3)
    )
    return mark if spread else masked


def _is_encoded(word: str) -> bool:
    """Whether a word is base64 of random bytes: a slash in it separates nothing."""
    return (
        _ENCODED.fullmatch(word) is not None
        and _has_every_class(word)
        and bits_per_character(word) >= _RANDOM_BITS
    )


def _is_key(part: str) -> bool:
    if len(part) < SHORTEST_WORD or _is_host(part):
        return False
    return any(map(_is_random_segment, _SEGMENT.findall(part)))


def _is_host(part: str) -> bool:
    last = part.rpartition(".")[2]
    return part.count(".") > 1 and last.isalpha() and _HOST.fullmatch(part) is not None


def _is_random_segment(segment: str) -> bool:
    if not any(c.isdigit() for c in segment):
        return len(segment) >= SHORTEST_WORD and class_changes(segment) >= 7  # noqa: PLR2004 -- CamelCase with HTTP in it has fewer
    mixed = segment.lower() != segment and segment.upper() != segment
    return len(segment) >= (10 if mixed else 16) and _changes_often(segment)


def _has_every_class(text: str) -> bool:
    return text.lower() != text and text.upper() != text and any(c.isdigit() for c in text)


def _changes_often(text: str) -> bool:
    """Whether the class of the characters changes more often than in names: v1, gpt4o, 8x7B."""
    return class_changes(text) >= (4 if len(text) < SHORTEST_WORD else 5)
