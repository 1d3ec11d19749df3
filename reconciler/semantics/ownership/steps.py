"""Steps of a path in FieldsV1 (KEP-555): `f:name`, `k:{"type":"Ready"}`, `v:"x"`, `i:0`.

For people the same path is a `FieldPath` whose step for an item is the text inside the server's
brackets: `("status", "conditions", 'type="Ready"', "status")`; `model.path.show` then prints what
the server prints.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, TypeAlias

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.ownership.atoms import ListAtom
from reconciler.semantics.values import go_json, go_text, same

Steps: TypeAlias = tuple[str, ...]


def field_step(name: str) -> str:
    """FieldsV1 of a field: `f:model`."""
    return f"f:{name}"


def value_step(value: Json) -> str:
    """FieldsV1 of an entry of a set: `v:"text"`."""
    return f"v:{go_json(value)}"


def key_step(keys: JsonObject) -> str:
    """FieldsV1 of an entry of a list with keys: `k:{"name":"a"}`."""
    return f"k:{go_json(keys)}"


@lru_cache(maxsize=4096)
def known_step(text: str) -> str | None:
    """The one spelling of a step read from managedFields; None for a kind this engine does not know.

    Raises:
        ValueError: it is no step at all.
    """
    if len(text) < 2 or text[1] != ":":  # noqa: PLR2004 -- a letter and a colon
        raise ValueError(f"{text!r} is no FieldsV1 step")
    kind, rest = text[0], text[2:]
    if kind == "k":
        return key_step(json.loads(rest))
    if kind == "v":
        return value_step(json.loads(rest))
    if kind == "i":
        return f"i:{int(rest)}"
    return text if kind == "f" else None


@lru_cache(maxsize=4096)
def order(step: str) -> tuple[int, Any]:
    """A sort key: the order in which the server walks a set."""
    kind, rest = step[0], step[2:]
    if kind == "i":
        return 3, int(rest)
    if kind == "v":
        return 2, _rank(json.loads(rest))
    if kind == "k":
        return 1, tuple((name, _rank(value)) for name, value in sorted(json.loads(rest).items()))
    return 0, rest


def _rank(value: Json) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, (int, float)):
        return 0, value
    if isinstance(value, str):
        return 1, value
    return 3, go_json(value)


def item_step(atom: ListAtom, item: Json) -> str:
    """The step of one item of an associative list.

    Raises:
        ValueError: the item cannot be told from others, with the words of the server.
    """
    if not atom.keys:
        return _set_step(item)
    if item is None:
        raise ValueError("associative list with keys may not have a null element")
    if not isinstance(item, dict):
        raise ValueError("associative list with keys may not have non-map elements")  # noqa: TRY004 -- the object is wrong, not the call: the server's words
    keys: JsonObject = {}
    for key in atom.keys:
        value = item[key] if key in item else atom.key_default(key)
        if key in item or value is not None:
            keys[key] = value
    if not keys:
        names = "[" + " ".join(f'"{key}"' for key in atom.keys) + "]"
        raise ValueError(
            f"associative list with keys has an element that omits all key fields {names} "
            "(and doesn't have default values for any key fields)"
        )
    return key_step(keys)


def _set_step(item: Json) -> str:
    if isinstance(item, dict):
        raise ValueError("associative list without keys has an element that's a map type")  # noqa: TRY004 -- the object is wrong, not the call: the server's words
    if isinstance(item, list):
        raise ValueError("not supported: associative list with lists as elements")  # noqa: TRY004 -- the object is wrong, not the call: the server's words
    if item is None:
        raise ValueError("associative list without keys has an element that's an explicit null")
    return value_step(item)


def printed_step(step: str) -> str:
    """A step as the server prints it in a conflict: `.model`, `[name="a"]`."""
    kind, rest = step[0], step[2:]
    return f".{rest}" if kind == "f" else f"[{_inside(kind, rest)}]"


def printed(steps: Steps) -> str:
    """`.status.conditions[type="Ready"].status`: how the server writes a path."""
    return "".join(printed_step(step) for step in steps)


def field_path(steps: Steps) -> FieldPath:
    """The path for people (see the module's docstring)."""
    return tuple(_path_step(step) for step in steps)


def _path_step(step: str) -> str | int:
    kind, rest = step[0], step[2:]
    if kind == "f":
        return rest
    return int(rest) if kind == "i" else _inside(kind, rest)


def _inside(kind: str, rest: str) -> str:
    if kind == "k":
        return ",".join(
            f"{name}={go_text(value)}" for name, value in sorted(json.loads(rest).items())
        )
    return f"={go_text(json.loads(rest))}" if kind == "v" else rest


def locate(body: Json, steps: Steps) -> FieldPath | None:
    """Where that field stands in this body now, items as indices; None if it is not there."""
    path: list[str | int] = []
    here = body
    for step in steps:
        index = _index(here, step)
        if index is None:
            return None
        path.append(index)
        here = here[index]
    return tuple(path)


def _index(here: Json, step: str) -> str | int | None:
    kind, rest = step[0], step[2:]
    if kind == "f":
        return rest if isinstance(here, dict) and rest in here else None
    if not isinstance(here, list):
        return None
    if kind == "i":
        return int(rest) if int(rest) < len(here) else None
    wanted = json.loads(rest)
    for index, item in enumerate(here):
        if kind == "v" and same(item, wanted):
            return index
        if (
            kind == "k"
            and isinstance(item, dict)
            and all(_has(item, key, value) for key, value in wanted.items())
        ):
            return index
    return None


def _has(item: JsonObject, key: str, value: Json) -> bool:
    return key in item and same(item[key], value)
