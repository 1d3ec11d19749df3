"""Texts that nobody made up by hand: keys and tokens, as opposed to names, words and paths."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter

NAMES = (  # of fields that hold a credential: a part of a pattern
    r"(?:api|access|secret|account|private|client|auth|subscription)[_-]?key|token|secret|passw(?:or)?d|authorization"
    r"|credential"
)
_NAMES = re.compile(rf"(?i){NAMES}")
# Fields of that name which hold the name of something, not the thing.
_POINTERS = re.compile(r"(?i)(?:ref|refs|name|names|path|file|env|envvar|id|type|url|tokens)$")
_TEXT = re.compile(r"[A-Za-z0-9+/=_.~!@$%^&*-]{20,512}")
_SEGMENT = re.compile(r"[A-Za-z0-9]+")
_PIECE = re.compile(r"[A-Za-z0-9+=]{16,}")
_NO_WORD = 24  # a piece of letters and digits that is no word, whatever its case
_SHORT_KEY = 8
_ENTROPY = 3.5
_TURNS = 4  # between letters and digits, or upper and lower case, in one segment


def is_secret_like(name: str) -> bool:
    """Whether a field is named after a credential: `apiKey`, `client_secret`; not `apiKeySecretRef`, `maxTokens`."""
    return bool(_NAMES.search(name)) and not _POINTERS.search(name)


def is_random(text: str) -> bool:
    """Whether a text looks drawn rather than written: `gpt-5-mini-2025` does not."""
    if not _TEXT.fullmatch(text) or _entropy(text) < _ENTROPY:
        return False
    return sum(_turns(segment) for segment in _SEGMENT.findall(text)) >= _TURNS and any(
        c.isdigit() for c in text
    )


def looks_drawn(text: str) -> bool:
    """Whether a part of a text between dashes and underscores is none that people write: long, or of mixed classes."""
    return any(
        len(part) >= _NO_WORD or (len(part) >= _SHORT_KEY and _turns(part) >= _TURNS)
        for part in _SEGMENT.findall(text)
    )


def may_hold_random(line: str) -> bool:
    """Whether a piece of a line could be a key: looser than `is_random`, for what is better not shown."""
    return any(_is_mixed(found[0]) for found in _PIECE.finditer(line))


def _is_mixed(piece: str) -> bool:
    lower, upper = any(c.islower() for c in piece), any(c.isupper() for c in piece)
    return any(c.isdigit() for c in piece) and ((lower and upper) or len(piece) >= _NO_WORD)


def _entropy(text: str) -> float:
    """Shannon's, in bits per character."""
    shares = (count / len(text) for count in Counter(text).values())
    return -sum(share * math.log2(share) for share in shares)


def _turns(segment: str) -> int:
    """How often the class of characters changes within a segment; a capital before small letters is a word."""
    kinds = "".join("0" if c.isdigit() else "A" if c.isupper() else "a" for c in segment)
    words = re.sub(r"Aa+", "a", kinds)
    return sum(one != other for one, other in itertools.pairwise(words))
