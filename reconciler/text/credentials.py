"""Finds credentials in a text by the shapes of well-known keys. This module returns their kind, never their value.

Every pattern takes linear time: a repetition has a bound, or nothing follows it (a test inspects the patterns). Each
match of a pattern contains one of a few plain words, and a pattern only runs on a text with such a word, so that
ordinary texts cost almost nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache

from reconciler.frozen import dataclass
from reconciler.text.entropy import has_random_part, is_random, is_secret_like

# Placeholders for a key: those that Omnia's controller recognizes, and one that only its samples use.
_PLACEHOLDERS = (
    "replace-with-real-key",
    "replace-me",
    "replace_me",
    "your-api-key-here",
    "changeme",
)
# What people write where a key is to be filled in. `none`, `dummy` and `EMPTY` are missing: servers that check no key
# get these.
_UNFILLED = re.compile(
    r"<[^<>]{1,200}>|\$\{[^{}]{1,200}\}|\$\([^()]{1,200}\)|\{\{[^{}]{1,200}\}\}"
    r"|(?:[a-z-]{1,30}-)?(?:x{3,200}|\*{3,200}|\.{3,200})"
    r"|todo|tbd|fixme|placeholder|(?:change|replace)[-_ ]?(?:me|this|it)"
    r"|(?:your|insert|enter|paste)[-_ ][a-z0-9_ -]{0,100}(?:key|token|secret|here)",
    re.IGNORECASE,
)
_LONGEST_UNFILLED = 200  # characters
# Query parameters in which vendors and gateways expect a key.
CREDENTIAL_PARAMETERS = (
    *("key", "api_key", "api-key", "apikey", "access_token", "token", "auth", "password", "sig"),
)
SHORTEST = 12  # characters; no shape matches a shorter text


@dataclass(frozen=True, slots=True)
class Shape:
    """What a kind of credential looks like.

    Attributes:
        title: for a sentence: `an API key`.
        marks: each match contains one of these words, in lower case.
        random: a match must also have a random part, because a name can have the same shape.
    """

    title: str
    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    random: bool = False

    def matches(self, text: str) -> bool:
        return any(self._fits(match) for match in self.pattern.finditer(text))

    def mask(self, text: str) -> str:
        return self.pattern.sub(lambda m: "(redacted)" if self._fits(m) else m[0], text)

    def _fits(self, match: re.Match[str]) -> bool:
        return not self.random or has_random_part(match[0])


def _shape(title: str, marks: str, pattern: str, *, random: bool = False) -> Shape:
    return Shape(title, tuple(marks.split()), re.compile(pattern), random)


_ASSIGNED = r"""["']?[ \t]{0,8}[:=][ \t]{0,8}["']?"""
SHAPES = (
    _shape("an Anthropic key", "sk-ant-", r"\bsk-ant-[a-z0-9]{1,20}-[\w-]{40,}"),
    _shape("an OpenRouter key", "sk-or-v1-", r"\bsk-or-v1-[0-9a-f]{64}\b"),
    _shape("an OpenAI key", "t3blbkfj", r"\bsk-[A-Za-z0-9_-]{1,200}T3BlbkFJ[A-Za-z0-9_-]+"),
    _shape("an API key", "sk-", r"\bsk-[A-Za-z0-9_-]{20,}", random=True),
    _shape("a Google API key", "aiza", r"\bAIza[\w-]{35}"),
    _shape(
        "an AWS access key id",
        "akia asia abia acca a3t",
        r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
    ),
    _shape(
        "an AWS secret key",
        "aws",
        r"(?i)aws.{0,20}?(?:key|pwd|pass|token)"
        + _ASSIGNED
        + r"[0-9A-Za-z/+]{40}(?![0-9A-Za-z/+=])",
    ),
    _shape(
        "an Azure OpenAI key",
        "api-key api_key apikey openai-key openai_key openaikey",
        r"(?i)(?:api|openai)[_-]?key" + _ASSIGNED + r"[a-f0-9]{32}\b",
    ),
    _shape("an Azure OpenAI key", "jqqj99", r"\b[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}\b"),
    _shape("an Azure storage key", "accountkey=", r"(?i)AccountKey=[A-Za-z0-9+/=]{88}"),
    _shape("an Azure client secret", "q~", r"(?:^|[^\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}"),
    _shape("a Hugging Face token", "hf_ api_org_", r"\b(?:hf_|api_org_)[A-Za-z0-9]{34}\b"),
    _shape("a Voyage key", "pa-", r"\bpa-[A-Za-z0-9_-]{40,}", random=True),
    _shape("an ElevenLabs key", "sk_", r"\bsk_[a-f0-9]{48}\b"),
    _shape("a Cartesia key", "sk_car_", r"\bsk_car_[A-Za-z0-9]{20,}"),
    _shape("a Groq key", "gsk_", r"\bgsk_[A-Za-z0-9]{52}\b"),
    _shape("an xAI key", "xai-", r"\bxai-[0-9A-Za-z_]{80}\b"),
    _shape("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"\bgh[pousr]_\w{36}"),
    _shape("a GitHub token", "github_pat_", r"\bgithub_pat_\w{82}"),
    _shape(
        "the URL of a webhook",
        "hooks.slack.com webhook.office.com /api/webhooks/",
        r"(?:hooks\.slack\.com/(?:services|workflows|triggers)"
        r"|\bwebhook\.office\.com/webhookb2"
        r"|\bdiscord(?:app)?\.com/api/webhooks/\d{1,20})/[\w/@-]{20,}",
    ),
    _shape("a private key", "private key", r"-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY[\s\S]*"),
    _shape(
        "a Google service account key",
        "private_key_id",
        r"""private_key_id\\?["']?[ \t]{0,8}:[ \t]{0,8}\\?["']?[0-9a-f]{40}""",
    ),
    _shape("a JSON web token", "ey", r"(?<![\w-])ey[\w-]{17,1024}\.ey[\w/\\.-]{17,}"),
    _shape(
        "credentials in a URL",
        "://",
        r"""://[^/\s:@"'{}[\]]{0,256}:(?!pass(?:word)?@)[^/\s@"'{}[\]]{1,256}@""",
    ),
    _shape(
        "a key in a URL",
        " ".join(f"{name}=" for name in CREDENTIAL_PARAMETERS),
        rf"""(?i)[?&](?:{"|".join(CREDENTIAL_PARAMETERS)})=(?!\(redacted\))[^&\s"'{{}}#]{{8,}}""",
    ),
)
_MARKED = tuple((mark, index) for index, shape in enumerate(SHAPES) for mark in shape.marks)
_USERINFO = re.compile(r"://[^/\s\"]{1,512}@")
_PARAMETER = re.compile(r"([?&;])([\w.%-]{1,64})=([^&\s\"#]+)")
_TOKEN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}={0,2}")
_AUTHORIZATION = re.compile(r"(?i)\b(bearer|basic)[ \t]{1,8}([A-Za-z0-9._~+/=-]{12,})")


def is_placeholder(text: str) -> bool:
    """Whether a text contains a placeholder for a key."""
    folded = text.lower()
    return any(mark in folded for mark in _PLACEHOLDERS)


def is_unfilled(text: str) -> bool:
    """Whether a text contains a placeholder for a key, or as a whole is what people write in place of one."""
    if is_placeholder(text):
        return True
    stripped = text.strip()
    return len(stripped) <= _LONGEST_UNFILLED and _UNFILLED.fullmatch(stripped) is not None


@lru_cache(maxsize=4096)  # objects from one template have most of their texts in common
def credential_in(text: str) -> str:
    """What a text seems to contain (`an API key`); "" for nothing, or when it contains a placeholder."""
    return next(credentials_in(text), "")


def credentials_in(text: str) -> Iterator[str]:
    """Every kind of credential that a text seems to contain, in clear or in base64."""
    if len(text) < SHORTEST or is_placeholder(text):
        return
    yield from _in_clear(text, text.lower())
    for token in _TOKEN.findall(text):
        decoded = _decoded(token)
        if decoded and next(_in_clear(decoded, decoded.lower()), ""):
            yield "a credential in base64"


def is_credential_field(name: str, value: str) -> bool:
    """Whether a field is named like a credential and has a random value: not a name, a path or a word."""
    return is_secret_like(name) and is_random(value) and not is_placeholder(value)


def masked(text: str) -> str:
    """The text with everything redacted that looks like a credential, and with user, password and keys of URLs."""
    text = _PARAMETER.sub(_redact_parameter, _USERINFO.sub("://(redacted)@", text))
    for shape in _possible(text.lower()):
        text = shape.mask(text)
    return _TOKEN.sub(_redact_base64, _AUTHORIZATION.sub(_redact_authorization, text))


def _in_clear(text: str, folded: str) -> Iterator[str]:
    yield from (shape.title for shape in _possible(folded) if shape.matches(text))
    has_scheme = "bearer" in folded or "basic" in folded
    if has_scheme and any(map(_is_credential, _AUTHORIZATION.finditer(text))):
        yield "a credential of an Authorization header"


def _possible(folded: str) -> list[Shape]:
    """The shapes with a mark in the text, in their order."""
    return [SHAPES[index] for index in sorted({i for mark, i in _MARKED if mark in folded})]


def _is_credential(match: re.Match[str]) -> bool:
    scheme, token = match.groups()
    return is_random(token) or (scheme.lower() == "basic" and ":" in _decoded(token))


def _redact_authorization(match: re.Match[str]) -> str:
    return "(redacted)" if _is_credential(match) else match[0]


def _redact_base64(match: re.Match[str]) -> str:
    decoded = _decoded(match[0])
    credential = decoded and next(_in_clear(decoded, decoded.lower()), "")
    return "(redacted)" if credential else match[0]


def _redact_parameter(match: re.Match[str]) -> str:
    separator, name, _ = match.groups()
    if name.lower() in CREDENTIAL_PARAMETERS or is_secret_like(name):
        return f"{separator}{name}=(redacted)"
    return match[0]


def _decoded(token: str) -> str:
    """The text that a token encodes in base64, "" when it encodes none."""
    plain = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        return raw.decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
