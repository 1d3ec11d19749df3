"""JSON values: compared as an API server compares them, printed as its Go code prints them."""

from __future__ import annotations

import json
from typing import Any, Final

from reconciler.model.document import Json, JsonObject, canonical


class Absent:
    """The type of `ABSENT`, which stands for a missing value; null is a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal as JSON: 1 equals 1.0, and true does not equal 1 as it does in Python."""
    if left is right:
        return True
    if isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool) and left == right
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and left.keys() == right.keys()
            and all(same(value, right[key]) for key, value in left.items())
        )
    if isinstance(left, list):
        return (
            isinstance(right, list)
            and len(left) == len(right)
            and all(same(a, b) for a, b in zip(left, right, strict=True))
        )
    return bool(left == right)


def copied(value: Json) -> Json:
    """A deep copy of a JSON value; several times faster than copy.deepcopy."""
    if isinstance(value, dict):
        return {key: copied(child) for key, child in value.items()}
    if isinstance(value, list):
        return [copied(element) for element in value]
    return value


def content(body: JsonObject) -> str:
    """The canonical text of an object without its name and namespace: objects of one template often agree in it."""
    metadata = body.get("metadata")
    if isinstance(metadata, dict):
        kept = {key: value for key, value in metadata.items() if key not in ("name", "namespace")}
        body = body | {"metadata": kept}
    return canonical(body)


def with_plain_numbers(value: Json) -> Json:
    """A deep copy in which 4096.0 is 4096, as the server's YAML reader decodes it."""
    if isinstance(value, dict):
        return {key: with_plain_numbers(child) for key, child in value.items()}
    if isinstance(value, list):
        return [with_plain_numbers(element) for element in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    return value


_MIN_EXPONENT = 1e21  # Go prints an exponent from here on


def go_number(value: float) -> str:
    """A float as Go's %v prints it: 1e+21, 0.7, 1e-07."""
    if value.is_integer() and abs(value) < _MIN_EXPONENT:
        return str(int(value))
    return repr(value)


def go_text(value: Json) -> str:  # noqa: PLR0911 -- one return for each kind of value
    """A value as structured-merge-diff prints it: quoted strings, `[1,2]`, `key=value` without separators."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return go_quoted(value)
    if isinstance(value, float):
        return go_number(value)
    if isinstance(value, list):
        return "[" + ",".join(map(go_text, value)) + "]"
    if isinstance(value, dict):
        return "".join(f"{key}={go_text(child)}" for key, child in value.items())
    return str(value)


def go_quoted(text: str) -> str:
    """Go's %q."""
    return '"' + "".join(map(_go_character, text)) + '"'


def _go_character(character: str) -> str:
    if character in _GO_ESCAPES:
        return _GO_ESCAPES[character]
    code = ord(character)
    if character.isprintable():
        return character
    if code < _ASCII_END:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < _PLANE else f"\\U{code:08x}"


_GO_ESCAPES = {
    char: "\\" + letter for char, letter in zip('\a\b\f\n\r\t\v\\"', 'abfnrtv\\"', strict=True)
}
_ASCII_END, _PLANE = 0x80, 0x10000


def go_json(value: Json) -> str:
    """Go's encoding/json: sorted keys, <, > and & escaped, 4.0 as 4."""
    text = json.dumps(
        with_plain_numbers(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return text.translate(_HTML)


_HTML = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
