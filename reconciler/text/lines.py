"""Source lines for people, and which of them are better not shown."""

from __future__ import annotations

import re

from reconciler.text.credentials import rule_for

_SECRET_LIKE = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i)\b(?:sk|pk|rk|gsk|xai|pplx|hf|ghp|gho|ghs|glpat|xox[abprs]|npm|r8|pa|whsec)[-_][A-Za-z0-9_-]{8,}",
        r"\bA(?:KIA|SIA)[A-Z0-9]{12,}",
        r"\bAIza[A-Za-z0-9_-]{10,}",
        r"\beyJ[A-Za-z0-9_-]{8,}",
        r"-----BEGIN",
        r"://[^/\s:@]{1,256}:[^/\s@]{1,256}@",
        r"(?i)\b(?:bearer|basic)\s{1,8}[A-Za-z0-9._~+/=-]{8,}",
        # a key that names a secret, followed by a text of its own
        r"(?i)(?:api[-_]?key|token|passw(?:or)?d|secret|authorization|credentials?)[\"']?\s{0,8}[:=]\s{0,8}[\"']?[^\s\"'{}\[]{8,}",
    )
)
_SEGMENT = re.compile(r"[A-Za-z0-9+=]{16,}")
_LONG = 24  # a segment of letters and digits that is no word, whatever its case


def shown(line: str) -> str:
    """A source line as an excerpt may show it: "" when it might hold a secret. In doubt, it does."""
    return "" if looks_secret(line) else line


def looks_secret(line: str) -> bool:
    return (
        any(pattern.search(line) for pattern in _SECRET_LIKE)
        or any(_is_random(found[0]) for found in _SEGMENT.finditer(line))
        or bool(rule_for(line))
    )


def _is_random(segment: str) -> bool:
    digits = any(c.isdigit() for c in segment)
    lower, upper = any(c.islower() for c in segment), any(c.isupper() for c in segment)
    return digits and ((lower and upper) or len(segment) >= _LONG)
