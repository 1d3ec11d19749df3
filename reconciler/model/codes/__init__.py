"""The registry of finding codes: append-only, a code never changes its meaning.

Kinds bring codes of their own, by the prefix of their system (`FL`, `OM`); they are registered in their files.
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
    """Whether findings of this code stay as they are: no policy and no comment makes them go away."""
    return code in CODES and CODES[code].final
