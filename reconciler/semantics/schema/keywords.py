"""What the keywords of a schema hold: a CRD may come from a file that no API server has seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_NUMBER = (int, float)
_KEYWORDS: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    **dict.fromkeys(("type", "format", "pattern", "description"), ("a text", (str,))),
    **dict.fromkeys(("x-kubernetes-list-type", "x-kubernetes-map-type"), ("a text", (str,))),
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
    **dict.fromkeys(("required", "x-kubernetes-list-map-keys"), ("texts", str)),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), ("schemas", dict)),
    "x-kubernetes-validations": ("rules", dict),
}


def check_shape(schema: Mapping[str, Any]) -> None:
    """Of this schema alone, not of those below it; null counts as absent.

    Raises:
        ValueError: a keyword holds something else than it may.
    """
    for keyword, (noun, types) in _KEYWORDS.items():
        value = schema.get(keyword)
        if value is not None and not _is(value, types):
            raise ValueError(f"`{keyword}` of a schema must be {noun}")
    for keyword, (nouns, kind) in _LISTS.items():
        listed = schema.get(keyword)
        if listed is None:
            continue
        if not isinstance(listed, list) or not all(isinstance(one, kind) for one in listed):
            raise ValueError(f"`{keyword}` of a schema must be a list of {nouns}")
    for name, below in (schema.get("properties") or {}).items():
        if not isinstance(below, dict):
            raise ValueError(f"the property `{name}` of a schema must be a schema")  # noqa: TRY004 -- what it holds is wrong, not its caller


def _is(value: object, types: tuple[type, ...]) -> bool:
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))
