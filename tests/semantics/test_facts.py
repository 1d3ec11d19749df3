"""The facts of a schema have no sentence of the project that wrote it, at any level."""

from __future__ import annotations

import json
from typing import Any

from reconciler.semantics.schema.facts import facts


def _said(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "A SENTENCE", "example": "A SENTENCE", **schema}


def test_no_sentence_is_left_below_any_keyword() -> None:
    leaf = _said({"type": "string"})
    below: dict[str, Any] = {
        "properties": {"description": leaf},
        "items": leaf,
        "additionalProperties": leaf,
        "not": leaf,
        "allOf": [leaf],
        "anyOf": [leaf],
        "oneOf": [leaf],
        "x-kubernetes-validations": [
            {"rule": "true", "message": "A SENTENCE", "messageExpression": "'A SENTENCE'"}
        ],
    }
    kept = facts(_said(below))
    assert "SENTENCE" not in json.dumps(kept)
    plain = {"type": "string"}
    assert kept == {
        "properties": {"description": plain},
        "items": plain,
        "additionalProperties": plain,
        "not": plain,
        "allOf": [plain],
        "anyOf": [plain],
        "oneOf": [plain],
        "x-kubernetes-validations": [{"rule": "true"}],
    }


def test_values_are_no_schemas() -> None:
    """Their keys are those of users."""
    values = {"default": {"description": "theirs"}, "enum": [{"example": "theirs"}]}
    assert facts(values) == values
