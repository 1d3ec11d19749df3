"""Source lines for people, and which of them are better not shown."""

from __future__ import annotations

import re

from reconciler.text.credentials import masked, rule_for
from reconciler.text.entropy import NAMES, may_hold_random

# Looser than the shapes of `credentials`: keys of other vendors, cut or made up, and what a field of that name holds.
_IN_DOUBT = re.compile(
    r"\b(?i:sk|pk|rk|gsk|xai|pplx|hf|ghp|gho|ghs|glpat|xox[abprs]|npm|r8|pa|whsec)[-_][A-Za-z0-9_-]{8}"
    r"|\b(?:A[KS]IA|AIza|eyJ)[A-Za-z0-9_-]{8}"
    r"|-----BEGIN"
    r"|\b(?i:bearer|basic)\s{1,8}[A-Za-z0-9._~+/=-]{8}"
    rf"|(?i:{NAMES})s?[\"']?\s{{0,8}}[:=]\s{{0,8}}[\"']?[^\s\"'{{}}\[]{{8}}"
)


_LONGEST = (
    1000  # characters: a line that nobody reads; every finding on it would carry it, and search it
)


def shown(line: str) -> str:
    """A source line as an excerpt may show it: "" when it might hold a secret. In doubt, it does."""
    return "" if len(line) > _LONGEST or looks_secret(line) else line


def looks_secret(line: str) -> bool:
    """Whether a line might hold a secret."""
    return (
        _IN_DOUBT.search(line) is not None
        or may_hold_random(line)
        or masked(line) != line
        or bool(rule_for(line))
    )
