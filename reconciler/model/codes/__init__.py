"""The registry of diagnostic codes: append-only, a code never changes its meaning.

Kinds bring codes of their own, by the prefix of their system (`FL`, `OM`); they are registered in their files.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.model.codes.rule import Rule, register

__all__ = ["CODES", "Rule", "is_final", "register"]

_TEXT = {
    "T001": Rule("not well-formed YAML"),
    "T002": Rule("character that YAML does not allow"),
    "T003": Rule("duplicate key"),
    "T004": Rule("tag that is not allowed"),
    "T005": Rule("alias that is not allowed"),
    "T006": Rule("nested too deep, or too large"),
    "T007": Rule("key that is not a string"),
    "T008": Rule("number that JSON or Kubernetes cannot keep"),
    "T009": Rule("plain word that YAML reads as a boolean"),
    "T010": Rule("invisible character"),
    "T011": Rule("number with a leading zero, which YAML reads as octal"),
}

_TEMPLATE = {
    "J001": Rule("template syntax"),
    "J002": Rule("undefined value"),
    "J003": Rule("template that is not there"),
    "J004": Rule("expression that the sandbox does not allow"),
    "J005": Rule("time limit"),
    "J006": Rule("memory limit"),
    "J007": Rule("output limit"),
    "J008": Rule("templates or macros that call each other without end"),
    "J009": Rule("expression that failed"),
    "J010": Rule("value that breaks out of its field"),
    "J011": Rule("text that turns into a number, boolean or null"),
    "J012": Rule("value that cannot be written as it is"),
    "J013": Rule("renderer that stopped"),
}

_MANIFEST = {
    "M001": Rule("template without objects"),
    "M002": Rule("document that is no object"),
    "M003": Rule("apiVersion or kind missing or of a wrong type"),
    "M004": Rule("metadata missing or of a wrong type"),
    "M005": Rule("invalid name"),
    "M006": Rule("namespace missing"),
    "M007": Rule("namespace that the environment may not write to"),
    "M008": Rule("field that the server owns"),
    "M009": Rule("kind that is not managed"),
    "M010": Rule("same object twice"),
    "M011": Rule("label that marks membership in an ApplySet"),
}

_ENVIRONMENT = {
    "E001": Rule("environment file that cannot be read"),
    "E002": Rule("unknown key"),
    "E003": Rule("wrong value"),
    "E004": Rule("missing key"),
    "E005": Rule("values layer"),
    "E006": Rule("pattern that matches no template"),
    "E007": Rule("configVersion that this release does not know"),
    "E008": Rule("CRD pin"),
    "E009": Rule("file that nothing reads"),
}

_ADMISSION = {
    "K8S001": Rule("required field that is missing"),
    "K8S002": Rule("field that the CRD does not have"),
    "K8S003": Rule("value of a wrong type"),
    "K8S004": Rule("value that is not one of the allowed ones"),
    "K8S005": Rule("value outside of its pattern, format or range"),
    "K8S006": Rule("rule of the CRD that does not hold"),
    "K8S007": Rule("not checked offline"),
    "K8S008": Rule("version that the CRD does not serve"),
    "K8S009": Rule("cluster with another CRD than the pinned one"),
}

# What a text, a template or a CRD refuses stays refused, whatever a policy or a comment says; these are softer.
_SOFT = frozenset({"T009", "T010", "T011", "J011", "M001", "M009", "K8S007", "K8S009"})
_FINAL = ("T0", "J0", "M0", "E0", "K8S0")

_POLICY = {
    "POL001": Rule("host that the environment does not allow"),
    "POL002": Rule("header that the environment does not allow"),
    "POL003": Rule("Secret that the environment does not allow"),
    "POL004": Rule("reference into a namespace that the environment does not allow"),
}

_SILENCE = {
    "IGN001": Rule("silence that cannot be read, or has no reason"),
    "IGN002": Rule("silence that silences nothing"),
    "IGN003": Rule("silence of what a cluster refuses"),
}

_MEANING = {
    "SEC001": Rule("secret in clear text"),
    "SEC002": Rule("field of a credential that holds more than a name"),
    "SEC003": Rule("Secret among the sources"),
    "REF001": Rule("object that is not part of the environment"),
    "REF002": Rule("object outside of the environment's namespaces"),
}


CODES: Mapping[str, Rule] = MappingProxyType(
    register(_TEXT, _TEMPLATE, _MANIFEST, _ENVIRONMENT, _ADMISSION, _MEANING, _POLICY, _SILENCE)
)


def is_final(code: str) -> bool:
    """Whether findings of this code stay as they are: no policy and no comment makes them go away."""
    return code.startswith(_FINAL) and code not in _SOFT
