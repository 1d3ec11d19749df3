"""The registry of diagnostic codes: append-only, a code never changes its meaning.

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

# What a text, a template or a CRD refuses stays refused, whatever a policy or a comment says; these are softer.
_SOFT = frozenset({"T009", "T010", "T011", "J011", "J014", "M001", "M009", "K8S007", "K8S009"})
_FINAL = ("T0", "J0", "M0", "E0", "K8S0")

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
    return code.startswith(_FINAL) and code not in _SOFT
