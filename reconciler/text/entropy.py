"""Tells random text (keys, tokens) from text that people write (names, words, paths)."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter

NAMES = (  # of fields that hold a credential, as part of a regular expression
    r"(?:api|access|secret|account|private|client|auth|subscription)[_-]?key|token|secret|passw(?:or)?d|authorization"
    r"|credential"
)
_NAMES = re.compile(rf"(?i){NAMES}")
# Such a field does not hold the credential itself when its name ends like this.
_POINTERS = re.compile(r"(?i)(?:ref|refs|name|names|path|file|env|envvar|id|type|url|tokens)$")
_TEXT = re.compile(r"[A-Za-z0-9+/=_.~!@$%^&*-]{20,512}")
_SEGMENT = re.compile(r"[A-Za-z0-9]+")
_PIECE = re.compile(r"[A-Za-z0-9+=]{16,}")
_LONGEST_WORD = 23  # letters and digits; a longer run is not a word
_SHORT_KEY = 8
_ENTROPY = 3.5
_CHANGES = 4  # of the character class (digit, upper case, lower case), for a text to be random


def is_secret_like(name: str) -> bool:
    """Whether a field name means a credential: `apiKey`, `client_secret`; not `apiKeySecretRef`, `maxTokens`."""
    return bool(_NAMES.search(name)) and not _POINTERS.search(name)


def is_random(text: str) -> bool:
    """Whether a text looks randomly generated: `gpt-5-mini-2025` does not."""
    if not _TEXT.fullmatch(text) or bits_per_character(text) < _ENTROPY:
        return False
    return sum(class_changes(segment) for segment in _SEGMENT.findall(text)) >= _CHANGES and any(
        c.isdigit() for c in text
    )


def has_random_part(text: str) -> bool:
    """Whether a part between dashes and underscores looks generated: it is long, or mixes character classes."""
    return any(
        len(part) > _LONGEST_WORD or (len(part) >= _SHORT_KEY and class_changes(part) >= _CHANGES)
        for part in _SEGMENT.findall(text)
    )


def may_contain_key(line: str) -> bool:
    """Whether a piece of a line could be a key: less strict than `is_random`, to decide what to hide."""
    return any(map(_is_mixed, _PIECE.findall(line)))


def _is_mixed(piece: str) -> bool:
    lower, upper = any(c.islower() for c in piece), any(c.isupper() for c in piece)
    return any(c.isdigit() for c in piece) and ((lower and upper) or len(piece) > _LONGEST_WORD)


def bits_per_character(text: str) -> float:
    """Shannon entropy, in bits per character."""
    shares = (count / len(text) for count in Counter(text).values())
    return -sum(share * math.log2(share) for share in shares)


def class_changes(segment: str) -> int:
    """How often the character class changes; a capital and the lower-case letters after it count as one class."""
    classes = "".join("0" if c.isdigit() else "A" if c.isupper() else "a" for c in segment)
    classes = re.sub(r"Aa+", "a", classes)
    return sum(left != right for left, right in itertools.pairwise(classes))
