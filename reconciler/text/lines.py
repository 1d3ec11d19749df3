"""Decides which source lines may appear in a report."""

from __future__ import annotations

import re
from functools import lru_cache

from reconciler.text.credentials import credential_in, masked
from reconciler.text.entropy import NAMES, may_contain_key

# Less strict than the shapes of `credentials`: other vendors' keys, shortened keys, values of headers and of fields
# with such names.
_SUSPICIOUS = re.compile(
    r"\b(?i:sk|pk|rk|gsk|xai|pplx|hf|ghp|gho|ghs|glpat|xox[abprs]|npm|r8|pa|whsec)[-_][A-Za-z0-9_-]{8}"
    r"|\b(?:A[KS]IA|AIza|eyJ)[A-Za-z0-9_-]{8}"
    r"|-----BEGIN"
    r"|\b(?i:bearer|basic)\s{1,8}[A-Za-z0-9._~+/=-]{8}"
    r"|(?i:headers)[\"']?\s{0,8}:\s{0,8}\{[^}]"
    r"|(?i:(?<![\w-])x-[\w-]{1,64})[\"']?\s{0,8}:\s{0,8}[\"']?[^\s\"'{}\[]"
    rf"|(?i:{NAMES})s?[\"']?\s{{0,8}}[:=]\s{{0,8}}[\"']?[^\s\"'{{}}\[]{{8}}"
)
# Characters. Nobody reads a longer line, and each finding on it would search and store it.
_LONGEST = 1000


def shown(line: str) -> str:
    """The line, or "" when it is too long or might hold a secret."""
    return "" if len(line) > _LONGEST or looks_secret(line) else line


@lru_cache(maxsize=4096)  # one line of a template is the source of many objects
def looks_secret(line: str) -> bool:
    """Whether a line might hold a secret."""
    return (
        _SUSPICIOUS.search(line) is not None
        or may_contain_key(line)
        or masked(line) != line
        or bool(credential_in(line))
    )
