"""Masks what looks like a secret in a text that others wrote: a server, an operator, a person in a cluster.

`credentials.masked` is for texts of git, where a name must stay readable. Here the place decides as well: what follows
`Bearer`, what is assigned to a name such as `token`, what stands in PEM, and every long word that looks generated. A
text is masked without knowing any Secret, so it does not matter whether the run could read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.model.document import Json
from reconciler.model.marks import LAST_APPLIED
from reconciler.text.credentials import masked
from reconciler.text.entropy import is_secret_like
from reconciler.text.keylike import SHORTEST_WORD, is_ordinary, without_keys
from reconciler.text.said_keys import without_said_keys

MARK = "(redacted)"

_BEGIN, _END = "-----BEGIN", "-----END"
_VENDOR = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:sk|pk|rk|gsk|xai|pplx|hf|gh[pousr]|github_pat|glpat|xox[a-z]|npm|r8|pa|whsec|api_org)[-_]"
    r"|AIza|AKIA|ASIA|eyJ)[A-Za-z0-9_.~+/=-]{4,}"
)
_SCHEME = re.compile(r"(?i)\b(bearer|basic)([\s:=]{1,8}[\"'\\]{0,2})([^\s\"'\\,;<>(){}]{1,4096})")
# A scheme and its value: `Authorization: token abc`; also one that is no word of HTTP.
_AUTHORIZATION = re.compile(
    r"(?i)\b(authorization[\"'\\]{0,4}[ \t]{0,4}[:=][ \t]{0,4}[\"'\\]{0,4})[a-z][a-z0-9-]{0,31}[ \t]{1,4}"
    r"([^\s\"'\\,;<>(){}]{1,4096})"
)
_COOKIE = re.compile(r"(?i)\b((?:set-)?cookie[ \t]{0,4}[:=][ \t]{0,4})[^\n]{1,4096}")
# Words that follow a scheme in a sentence about it.
_ABOUT_SCHEME_WORDS = """
    access and api as auth authentication authorization challenge credential credentials error for header http in is
    key or realm required scheme token tokens was with
"""
_ABOUT_SCHEME = frozenset(_ABOUT_SCHEME_WORDS.split())
_NAME = re.compile(r"(?<![\w-])([\w-]{2,64})(\\{0,3}[\"']?[ \t]{0,4}[:=][ \t]{0,4})")
_PROSE = re.compile(r"(?:Invalid|Unsupported|Duplicate|Required|Forbidden) value:[ \t]{0,4}")
_QUOTE = re.compile(r"\\{0,3}[\"']")
_PLAIN_VALUE = re.compile(r"[^\s\"'\\,;&<>{}\[\]]{1,4096}")
_WORD = re.compile(rf"[A-Za-z0-9+/_=.:@%~-]{{{SHORTEST_WORD},}}")
_NAMES = frozenset({"private_key_id", "privatekeyid", "sig", "pwd", "pass", "passphrase", "auth"})
_LONGEST_PROSE = 64  # characters of a word of a sentence


def masked_name(text: str) -> str:
    """A name of git or of an environment, in which only the keys of well-known vendors are replaced.

    Such a name may be random: `preview-b5255588a078076e`. Masked, a command with it would fail.
    """
    if len(text) < 4:  # noqa: PLR2004 -- too short even for `k=v`, and most of a report's words are
        return text
    text = masked(_without_pem(text) if _BEGIN in text else text)
    return _VENDOR.sub(_mask_vendor, text)


def masked_text(text: str, names: re.Pattern[str] | None = None) -> str:
    """The text with everything replaced that looks like a secret; masked again, it stays the same.

    Args:
        names: names that stay although they look like a key, see `keylike.pattern_of`.
    """
    text = masked_name(text)
    text = _SCHEME.sub(_mask_scheme, text)
    if ":" in text or "=" in text:
        text = _AUTHORIZATION.sub(_mask_authorization, text)
        text = "".join(_without_assigned(_COOKIE.sub(rf"\1{MARK}", text)))
    text = without_said_keys(text, MARK, names)
    return _WORD.sub(lambda word: without_keys(word[0], MARK, names), text)


def masked_value(value: Json, name: str = "") -> Json:
    """A live value with each string masked; below a key that is named like a credential, every one as a whole."""
    if isinstance(value, dict):
        return {masked_text(key): masked_value(child, key) for key, child in value.items()}
    if isinstance(value, list):
        return [masked_value(child, name) for child in value]
    if not isinstance(value, str):
        return value
    hidden = value and (holds_secret(name) or name == LAST_APPLIED)
    return MARK if hidden else masked_text(value)


def holds_secret(name: str) -> bool:
    """Whether a value with this name is a secret: `apiKey`, `private_key_id`; not `apiKeySecretRef`, not `key`."""
    return is_secret_like(name) or name.lower().lstrip("-") in _NAMES


def _without_pem(text: str) -> str:
    """The text without PEM blocks; one that does not end hides the rest."""
    pieces: list[str] = []
    position = 0
    while (begin := text.find(_BEGIN, position)) >= 0:
        pieces += [text[position:begin], MARK]
        end = text.find(_END, begin)
        closing = text.find("-----", end + len(_END)) if end >= 0 else -1
        position = closing + len("-----") if closing >= 0 else len(text)
    return "".join([*pieces, text[position:]])


def _mask_vendor(match: re.Match[str]) -> str:
    """A name such as `sk-learn-models` has only words and short numbers after its first part."""
    _, _, rest = match[0].replace("_", "-").partition("-")
    segments = re.findall(r"[A-Za-z0-9]+", rest or match[0])
    is_name = rest and all((s.isalpha() and len(s) < SHORTEST_WORD) or len(s) < 3 for s in segments)  # noqa: PLR2004 -- a version
    return match[0] if is_name else MARK


def _mask_scheme(match: re.Match[str]) -> str:
    scheme, space, value = match.groups()
    about = value.lower().strip(".:!?=") in _ABOUT_SCHEME or value.startswith("realm=")
    return match[0] if about else f"{scheme}{space}{MARK}"


def _mask_authorization(match: re.Match[str]) -> str:
    """A lower-case word after another one is a sentence: `Authorization: header is missing`."""
    value = match[2]
    is_sentence = value.isalpha() and value.islower()
    return match[0] if is_sentence else f"{match[0][: -len(value)]}{MARK}"


def _without_assigned(text: str) -> Iterator[str]:
    """The text in pieces, with every value replaced that is assigned to a name of a credential."""
    position = 0
    while match := _NAME.search(text, position):
        name, operator = match.groups()
        start = match.end()
        if prose := _PROSE.match(text, start):
            start = prose.end()
        yield text[position:start]
        position = start
        if not (holds_secret(name) or (name.lower() == "key" and "=" in operator)):
            continue
        quote = _QUOTE.match(text, start)
        end = _end_of_quoted(text, quote) if quote else _end_of_word(text, start, operator)
        if end > start:
            yield f"{quote[0]}{MARK}{quote[0]}" if quote else MARK
            position = end
    yield text[position:]


def _end_of_quoted(text: str, quote: re.Match[str]) -> int:
    """Where a quoted value ends; the end of the text if the quote is not closed."""
    close = quote[0]
    end = text.find(close, quote.end())
    while end > 0 and len(close) == 1 and text[end - 1] == "\\":
        end = text.find(close, end + 1)
    return end + len(close) if end >= 0 else len(text)


def _end_of_word(text: str, start: int, operator: str) -> int:
    """Where a value without quotes ends; `start` itself if it is a part of a sentence."""
    value = _PLAIN_VALUE.match(text, start)
    if value is None or value[0].startswith(MARK):
        return start
    in_prose = ":" in operator and len(value[0]) < _LONGEST_PROSE and is_ordinary(value[0])
    return start if in_prose else value.end()
