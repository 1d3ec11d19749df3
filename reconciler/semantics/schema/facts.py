"""What of a schema decides which objects are valid and what is stored of them: everything but its sentences."""

from __future__ import annotations

from typing import Any, Final

from reconciler.model.document import JsonObject, canonical

_SENTENCES: Final = frozenset({"description", "title", "example", "externalDocs"})
_RULE_SENTENCES: Final = frozenset({"message", "messageExpression"})


def facts(schema: JsonObject) -> JsonObject:
    """The schema without descriptions, examples and the messages of its rules, at every level.

    Values of `default` and `enum` are data: they stay as they are, whatever their keys.
    """
    return {key: _facts_below(key, held) for key, held in schema.items() if key not in _SENTENCES}


def digest_text(schema: JsonObject) -> str:
    """The canonical text of the facts: equal texts admit the same objects."""
    return canonical(facts(schema))


def _facts_below(keyword: str, held: Any) -> Any:
    match keyword, held:
        case "properties", dict():
            return {name: facts(below) for name, below in held.items()}
        case "items" | "additionalProperties" | "not", dict():
            return facts(held)
        case "allOf" | "anyOf" | "oneOf", list():
            return [facts(part) for part in held]
        case "x-kubernetes-validations", list():
            return [
                {key: text for key, text in rule.items() if key not in _RULE_SENTENCES}
                for rule in held
            ]
    return held
