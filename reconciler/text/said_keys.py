"""Finds keys in the sentences about them: the word after `key`, `token`, `password`, `secret` or `authorization`.

The place makes a word a key, however short it is, and even if it has the form of a uid or of a commit. What follows
`key` and `secret` may be the name of one as well, so what looks like a name stays there. After the other nouns and a
colon, a quote or `is`, only a word of a sentence stays. A password may consist of words and has no name: only a single
word without quotes stays after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.text.keylike import is_name, is_public

_NOUN: Final = re.compile(
    r"(?i)(?<![\w-])([\w-]{0,64}(?:key|token|password|passwd|passphrase|secret|authorization))"
    r"(?P<closed>[\"'\\\])]{0,4})"
    r"(?P<verb>[ \t]{1,4}(?:provided|is|was))?"
    r"(?P<sign>[ \t]{0,4}[:=])?"
    r"[ \t]{0,4}(?P<open>[\"'`\\\[(<]{0,4})"
)
_VALUE: Final = re.compile(r"[^\s\"'`\\,;<>{}\[\]]{1,4096}")
_QUOTED: Final = {quote: re.compile(rf"[^\n{quote}\\]{{1,4096}}") for quote in "\"'"}
_END: Final = ".:?)"  # of a sentence or of a part of it
_PROSE: Final = re.compile(r"[A-Za-z]{1,16}|[1-5][0-9]{2}")  # a word, or a status of HTTP
_ANY_NAME: Final = "name"
_PASSWORDS: Final = ("password", "passwd", "passphrase")
_LONGEST_HASH: Final = 10  # characters that kustomize appends to the name of a Secret


def without_said_keys(text: str, mark: str, names: re.Pattern[str] | None = None) -> str:
    """The text with every key replaced that a sentence calls one, except these names."""
    return "".join(_pieces(text, mark, names))


def _pieces(text: str, mark: str, names: re.Pattern[str] | None) -> Iterator[str]:
    position = 0
    while noun := _NOUN.search(text, position):
        yield text[position : noun.end()]
        position = noun.end()
        value = _QUOTED.get(_quote(noun), _VALUE).match(text, position)
        word = value[0].rstrip(_END) if value else ""
        if position == noun.end(1) or not word or mark.strip("()") in word:
            continue
        if names and names.fullmatch(word):
            continue
        # `omnia/preview-b5255588a078076e`: what is left of it decides.
        unnamed = names.sub(_ANY_NAME, word) if names else word
        if not _is_readable(noun, unnamed, followed=value is not None and value[0] != word):
            yield mark
            position += len(word)
    yield text[position:]


def _is_readable(noun: re.Match[str], word: str, *, followed: bool) -> bool:
    """Whether a word after a noun may be shown.

    Args:
        followed: a mark of punctuation follows, as in `cannot fetch token: oauth2: server is down`.
    """
    if not any(c.isalnum() for c in word) or "://" in word or is_public(word):
        return True
    verb = (noun["verb"] or "").strip().lower()
    if verb == "provided" and noun["sign"]:
        return False
    subject = noun[1].lower()
    if subject == "key":
        return is_name(word)
    if subject.endswith("secret") and subject.isalpha() and "client" not in subject:
        return is_name(word) or is_name(_without_hash(word))
    is_value = bool(verb or noun["sign"] or noun[1].startswith("--"))
    is_value = is_value or (not noun["closed"] and any(c in "\"'[" for c in noun["open"]))
    is_password = subject.endswith(_PASSWORDS)
    quoted = bool(_quote(noun))
    if not quoted and (word.startswith("/") or not (is_password or (is_value and not followed))):
        return is_name(word)
    return not quoted and _PROSE.fullmatch(word) is not None


def _quote(noun: re.Match[str]) -> str:
    """The quote that opens a password, which may have blanks and the other quote; "" for none."""
    quotes = [c for c in noun["open"] if c in _QUOTED]
    return quotes[-1] if quotes and noun[1].lower().endswith(_PASSWORDS) else ""


def _without_hash(name: str) -> str:
    stem, _, last = name.rpartition("-")
    return stem if len(last) <= _LONGEST_HASH and last.isalnum() and last == last.lower() else ""
