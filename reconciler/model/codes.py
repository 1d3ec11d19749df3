"""The registry of diagnostic codes: append-only, a code never changes its meaning.

Kinds bring codes of their own, by the prefix of their system (`FL`, `OM`); they are registered in their files.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_TEXT = {
    "T001": "not well-formed YAML",
    "T002": "character that YAML does not allow",
    "T003": "duplicate key",
    "T004": "tag that is not allowed",
    "T005": "alias that is not allowed",
    "T006": "nested too deep, or too large",
    "T007": "key that is not a string",
    "T008": "number that JSON or Kubernetes cannot keep",
    "T009": "plain word that YAML reads as a boolean",
    "T010": "invisible character",
    "T011": "number with a leading zero, which YAML reads as octal",
}

_TEMPLATE = {
    "J001": "template syntax",
    "J002": "undefined value",
    "J003": "template that is not there",
    "J004": "expression that the sandbox does not allow",
    "J005": "time limit",
    "J006": "memory limit",
    "J007": "output limit",
    "J008": "templates or macros that call each other without end",
    "J009": "expression that failed",
    "J010": "value that breaks out of its field",
    "J011": "text that turns into a number, boolean or null",
    "J012": "value that cannot be written as it is",
    "J013": "renderer that stopped",
}

_MANIFEST = {
    "M001": "template without objects",
    "M002": "document that is no object",
    "M003": "apiVersion or kind missing or of a wrong type",
    "M004": "metadata missing or of a wrong type",
    "M005": "invalid name",
    "M006": "namespace missing",
    "M007": "namespace that the environment may not write to",
    "M008": "field that the server owns",
    "M009": "kind that is not managed",
    "M010": "same object twice",
    "M011": "label that marks membership in an ApplySet",
}

_ENVIRONMENT = {
    "E001": "environment file that cannot be read",
    "E002": "unknown key",
    "E003": "wrong value",
    "E004": "missing key",
    "E005": "values layer",
    "E006": "pattern that matches no template",
    "E007": "configVersion that this release does not know",
    "E008": "CRD pin",
    "E009": "file that nothing reads",
}

_ADMISSION = {
    "K8S001": "required field that is missing",
    "K8S002": "field that the CRD does not have",
    "K8S003": "value of a wrong type",
    "K8S004": "value that is not one of the allowed ones",
    "K8S005": "value outside of its pattern, format or range",
    "K8S006": "rule of the CRD that does not hold",
    "K8S007": "not checked offline",
    "K8S008": "version that the CRD does not serve",
    "K8S009": "cluster with another CRD than the pinned one",
}

_MEANING = {
    "SEC001": "secret in clear text",
    "REF001": "object that is not part of the environment",
    "REF002": "object outside of the environment's namespaces",
}


def register(*tables: Mapping[str, str]) -> dict[str, str]:
    """All codes of several tables.

    Raises:
        ValueError: two tables claim one code.
    """
    merged: dict[str, str] = {}
    for table in tables:
        for code, title in table.items():
            if code in merged:
                raise ValueError(f"the code {code} is registered twice")
            merged[code] = title
    return merged


CODES: Mapping[str, str] = MappingProxyType(
    register(_TEXT, _TEMPLATE, _MANIFEST, _ENVIRONMENT, _ADMISSION, _MEANING)
)
