"""The types that schema keywords must have: a CRD file may never have passed an API server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_NUMBER = (int, float)
_KEYWORDS: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    **dict.fromkeys(("type", "format", "pattern", "description"), ("a string", (str,))),
    **dict.fromkeys(("x-kubernetes-list-type", "x-kubernetes-map-type"), ("a string", (str,))),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), ("a number", _NUMBER)),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        ("a whole number", (int,)),
    ),
    **dict.fromkeys(("properties", "not"), ("a mapping", (dict,))),
    "items": ("a schema", (dict,)),
    "additionalProperties": ("a schema or a boolean", (dict, bool)),
    "enum": ("a list", (list,)),
}
_LISTS: Final[Mapping[str, tuple[str, type]]] = {
    **dict.fromkeys(("required", "x-kubernetes-list-map-keys"), ("strings", str)),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), ("schemas", dict)),
    "x-kubernetes-validations": ("rules", dict),
}


def check_keywords(schema: Mapping[str, Any]) -> None:
    """Check the keywords of this schema, but not of the schemas inside it; null counts as absent.

    Raises:
        ValueError: a keyword has a value of the wrong type.
    """
    for keyword, (noun, types) in _KEYWORDS.items():
        value = schema.get(keyword)
        if value is not None and not _is(value, types):
            raise ValueError(f"`{keyword}` of a schema must be {noun}")
    for keyword, (nouns, kind) in _LISTS.items():
        elements = schema.get(keyword)
        if elements is None:
            continue
        if not isinstance(elements, list) or not all(isinstance(e, kind) for e in elements):
            raise ValueError(f"`{keyword}` of a schema must be a list of {nouns}")
    for name, child in (schema.get("properties") or {}).items():
        if not isinstance(child, dict):
            raise ValueError(f"the property `{name}` of a schema must be a schema")  # noqa: TRY004 -- the CRD is wrong, not the call


def _is(value: object, types: tuple[type, ...]) -> bool:
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))
