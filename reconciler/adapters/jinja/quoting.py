"""`tojson` and `toyaml`: filters that write a value as YAML, so that it stays one value whatever it contains.

name: {{ values.name | tojson }}
headers: {{ values.headers | tojson }}          one line, `{"a": "b"}`
headers: {{ values.headers | toyaml(4) }}       a block, indented by 4; starts on a new line by itself
spec:
  {{ values.spec | toyaml | indent(2) }}        the same, indented by hand
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jinja2 import Undefined

from reconciler.adapters.jinja.finding import RenderingError
from reconciler.adapters.jinja.pieces import NOWHERE, QUOTED, AnnotatedText, Piece
from reconciler.adapters.jinja.values import path_of

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]+")
_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off"})
_ADDRESS = re.compile(r"<[^<>\n]{1,200} at 0x[0-9a-f]{4,16}>")
# JSON allows these characters unescaped; YAML forbids some and breaks lines at others.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def tojson(value: Any) -> AnnotatedText:
    """A value on one line, as JSON.

    Raises:
        RenderingError: J012, the value, or a part of it, cannot be written as JSON.
    """
    return AnnotatedText(_flow(value))


def toyaml(value: Any, indent: int | None = None) -> AnnotatedText:
    """A value as a block. With an indent, the block starts on a line of its own and is indented by it.

    Raises:
        RenderingError: J012, the value, or a part of it, cannot be written as YAML.
    """
    if not (_is_container(value) and value):
        return AnnotatedText(_flow(value))
    pad = "\n" + " " * (indent or 0)
    pieces = list(_block(value, pad))
    if indent is None:
        pieces[0] = Piece(pieces[0].text.removeprefix("\n"), NOWHERE, QUOTED, pieces[0].reads)
    return AnnotatedText(pieces)


def _is_container(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, Sequence) and not isinstance(value, str | bytes)
    )


def _flow(value: Any) -> Iterator[Piece]:
    if isinstance(value, Mapping):
        yield _piece("{")
        for count, key in enumerate(value):
            yield _piece((", " if count else "") + _string(key) + ": ", key)
            yield from _flow(value[key])
        yield _piece("}")
    elif _is_container(value):
        yield _piece("[")
        for count, element in enumerate(value):
            yield from (_piece(", "),) if count else ()
            yield from _flow(element)
        yield _piece("]")
    else:
        yield _piece(_scalar(value), value)


def _block(value: Any, pad: str) -> Iterator[Piece]:
    if isinstance(value, Mapping):
        for key in value:
            yield _piece(f"{pad}{_key(key)}:", key)
            yield from _nested(value[key], pad + "  ")
    else:
        for element in value:
            yield _piece(f"{pad}-")
            yield from _nested(element, pad + "  ")


def _nested(value: Any, pad: str) -> Iterator[Piece]:
    if _is_container(value) and value:
        yield from _block(value, pad)
    else:
        yield _piece(" ")
        yield from _flow(value)


def _piece(text: str, value: Any = None) -> Piece:
    path = path_of(value)
    return Piece(text, NOWHERE, QUOTED, (path,) if path else ())


def _scalar(value: Any) -> str:
    if isinstance(value, Undefined):
        return str(value)  # raises, with the name
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float) and math.isfinite(value):
        return float.__repr__(value)
    raise RenderingError("J012", "this value cannot be written as YAML")


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise RenderingError("J012", "a key must be text")
    refuse_address(value)
    text = json.dumps(str.__str__(value), ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def refuse_address(text: str) -> None:
    """Refuse the text of an object that has none of its own: Python writes its address, which differs in every run.

    Raises:
        RenderingError: J012.
    """
    if _ADDRESS.search(text) and path_of(text) is None:
        message = "this text has the address of an object, which differs in every run"
        raise RenderingError("J012", message, "call it, or use one of its fields")


def _key(value: Any) -> str:
    if isinstance(value, str) and _PLAIN_KEY.fullmatch(value) and value.lower() not in _RESERVED:
        return str.__str__(value)
    return _string(value)
