"""The facts of a schema: the keywords that decide which objects are valid and how the server stores them."""

from __future__ import annotations

from typing import Any, Final

from reconciler.model.document import JsonObject, canonical

_TEXT_KEYWORDS: Final = frozenset({"description", "title", "example", "externalDocs"})
_RULE_TEXTS: Final = frozenset({"message", "messageExpression"})


def facts(schema: JsonObject) -> JsonObject:
    """The schema without descriptions, examples and rule messages, at every level.

    The values of `default` and `enum` remain as they are, because their keys are not keywords.
    """
    return {
        keyword: _facts_below(keyword, value)
        for keyword, value in schema.items()
        if keyword not in _TEXT_KEYWORDS
    }


def facts_text(schema: JsonObject) -> str:
    """The facts as canonical text: schemas with equal texts admit the same objects."""
    return canonical(facts(schema))


def _facts_below(keyword: str, value: Any) -> Any:
    match keyword, value:
        case "properties", dict():
            return {name: facts(child) for name, child in value.items()}
        case "items" | "additionalProperties" | "not", dict():
            return facts(value)
        case "allOf" | "anyOf" | "oneOf", list():
            return [facts(part) for part in value]
        case "x-kubernetes-validations", list():
            return [{k: rule[k] for k in rule if k not in _RULE_TEXTS} for rule in value]
    return value
