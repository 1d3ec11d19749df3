"""`tojson` and `toyaml`: a value as YAML that cannot be read as anything else, and that never adds a key.

name: {{ values.name | tojson }}
headers: {{ values.headers | tojson }}          one line, `{"a": "b"}`
headers: {{ values.headers | toyaml(4) }}       a block, indented by 4; starts on a new line by itself
spec:
  {{ values.spec | toyaml | indent(2) }}        the same by hand
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jinja2 import Undefined

from reconciler.adapters.jinja.values import path_of
from reconciler.adapters.jinja.woven import NOWHERE, QUOTED, Path, Piece, Woven

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]+")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off"})
# JSON may hold these as they are; YAML breaks lines at some and refuses the others.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


class Unwritable(Exception):
    """A value that YAML has no form for."""


def tojson(value: Any) -> Woven:
    """A value on one line, as JSON."""
    return Woven(_flow(value))


def toyaml(value: Any, indent: int | None = None) -> Woven:
    """A value as a block; with an indent it starts on a line of its own and stands as far to the right."""
    if not (_is_container(value) and value):
        return Woven(_flow(value))
    pad = "\n" + " " * (indent or 0)
    pieces = list(_block(value, pad))
    if indent is None:
        pieces[0] = Piece(pieces[0].text.removeprefix("\n"), NOWHERE, QUOTED, pieces[0].reads)
    return Woven(pieces)


def _is_container(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, Sequence) and not isinstance(value, str | bytes)
    )


def _flow(value: Any) -> Iterator[Piece]:
    reads = _reads(value)
    if isinstance(value, Mapping):
        yield Piece("{", NOWHERE, QUOTED)
        for count, key in enumerate(value):
            yield Piece((", " if count else "") + _string(key) + ": ", NOWHERE, QUOTED, _reads(key))
            yield from _flow(value[key])
        yield Piece("}", NOWHERE, QUOTED)
    elif _is_container(value):
        yield Piece("[", NOWHERE, QUOTED)
        for count, element in enumerate(value):
            yield from (Piece(", ", NOWHERE, QUOTED),) if count else ()
            yield from _flow(element)
        yield Piece("]", NOWHERE, QUOTED)
    else:
        yield Piece(_scalar(value), NOWHERE, QUOTED, reads)


def _block(value: Any, pad: str) -> Iterator[Piece]:
    if isinstance(value, Mapping):
        for key in value:
            yield Piece(f"{pad}{_key(key)}:", NOWHERE, QUOTED, _reads(key))
            yield from _nested(value[key], pad + "  ")
    else:
        for element in value:
            yield Piece(f"{pad}-", NOWHERE, QUOTED)
            yield from _nested(element, pad + "  ")


def _nested(value: Any, pad: str) -> Iterator[Piece]:
    if _is_container(value) and value:
        yield from _block(value, pad)
    else:
        yield Piece(" ", NOWHERE, QUOTED)
        yield from _flow(value)


def _reads(value: Any) -> tuple[Path, ...]:
    path = path_of(value)
    return (path,) if path else ()


def _scalar(value: Any) -> str:
    if isinstance(value, Undefined):
        return str(value)  # raises, and says which one it is
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float) and math.isfinite(value):
        return float.__repr__(value)
    raise Unwritable("this is no value that YAML can hold")


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise Unwritable("a key must be text")
    text = json.dumps(str.__str__(value), ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _key(value: Any) -> str:
    if isinstance(value, str) and _PLAIN_KEY.fullmatch(value) and value.lower() not in _WORDS:
        return str.__str__(value)
    return _string(value)
