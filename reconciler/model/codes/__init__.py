"""The registry of finding codes. It is append-only: a code never changes its meaning.

Kinds register their own codes in their own files, with the prefix of their system (`FL`, `OM`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.model.codes._objects import (
    ADMISSION,
    MANIFEST,
    POLICY,
    REFERENCES,
    SECRETS,
    SILENCES,
)
from reconciler.model.codes._sources import ENVIRONMENT, TEMPLATE, TEXT
from reconciler.model.codes.rule import Rule, register

__all__ = ["CODES", "Rule", "is_final", "register"]

CODES: Mapping[str, Rule] = MappingProxyType(
    register(
        TEXT,
        TEMPLATE,
        ENVIRONMENT,
        MANIFEST,
        ADMISSION,
        SECRETS,
        REFERENCES,
        POLICY,
        SILENCES,
    )
)


def is_final(code: str) -> bool:
    """Whether neither a policy nor a comment can change or silence findings with this code."""
    return code in CODES and CODES[code].final
