"""JSON on which neither a terminal nor the log of a CI job acts."""

from __future__ import annotations

import json

from reconciler.model.document import Json


def json_text(value: Json) -> str:
    """The JSON, indented, with escapes for characters that a terminal or a CI log interprets."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    safe = "".join(c if c == "\n" or c.isprintable() else _escape(c) for c in text)
    return safe.replace("##[", "#\\u0023[") + "\n"


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))
