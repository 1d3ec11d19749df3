"""Path elements of FieldsV1 (KEP-555): `f:name`, `k:{"type":"Ready"}`, `v:"x"`, `i:0`.

A path made of them identifies an item of an associative list by its keys or its value. `field_path` converts it to a
`FieldPath`, in which such an item is the text that the server prints between brackets:
`("status", "conditions", 'type="Ready"', "status")`. `model.path.show` then prints the path as the server does.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, TypeAlias

from reconciler.model.document import Json, JsonObject
from reconciler.model.path import FieldPath
from reconciler.semantics.ownership.atoms import ListAtom
from reconciler.semantics.values import go_json, go_text

ElementPath: TypeAlias = tuple[str, ...]  # path elements, from the root of the object


def field_element(name: str) -> str:
    """The path element of a field: `f:model`."""
    return f"f:{name}"


def value_element(value: Json) -> str:
    """The path element of an item of a set: `v:"text"`."""
    return f"v:{go_json(value)}"


def key_element(keys: JsonObject) -> str:
    """The path element of an item of a map list: `k:{"name":"a"}`."""
    return f"k:{go_json(keys)}"


@lru_cache(maxsize=4096)
def canonical_element(text: str) -> str | None:
    """The canonical spelling of a path element in managedFields; None for a type that this engine does not know.

    Raises:
        ValueError: the text is not a path element.
    """
    if len(text) < 2 or text[1] != ":":  # noqa: PLR2004 -- a letter and a colon
        raise ValueError(f"{text!r} is not a path element of FieldsV1")
    letter, rest = text[0], text[2:]
    if letter == "k":
        keys = json.loads(rest)
        if not isinstance(keys, dict):
            raise ValueError(f"{text!r} has no keys")
        return key_element(keys)
    if letter == "v":
        return value_element(json.loads(rest))
    if letter == "i":
        return f"i:{int(rest)}"
    return text if letter == "f" else None


@lru_cache(maxsize=4096)
def sort_key(element: str) -> tuple[int, Any]:
    """Sorts path elements as the server sorts those of one level: fields, keys, values, indices."""
    letter, rest = element[0], element[2:]
    if letter == "i":
        return 3, int(rest)
    if letter == "v":
        return 2, _value_sort_key(json.loads(rest))
    if letter == "k":
        pairs = sorted(json.loads(rest).items())
        return 1, tuple((name, _value_sort_key(value)) for name, value in pairs)
    return 0, rest


def _value_sort_key(value: Json) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, (int, float)):
        return 0, value
    if isinstance(value, str):
        return 1, value
    return 3, go_json(value)


def item_element(atom: ListAtom, value: Json) -> str:
    """The path element of an item of an associative list.

    Raises:
        ValueError: the item has no usable key or value; the message is the server's.
    """
    if not atom.keys:
        return _set_item_element(value)
    if value is None:
        raise ValueError("associative list with keys may not have a null element")
    if not isinstance(value, dict):
        raise ValueError("associative list with keys may not have non-map elements")  # noqa: TRY004 -- the object is wrong, not the call
    keys: JsonObject = {}
    for key in atom.keys:
        key_value = value[key] if key in value else atom.key_default(key)
        if key in value or key_value is not None:
            keys[key] = key_value
    if not keys:
        names = "[" + " ".join(f'"{key}"' for key in atom.keys) + "]"
        raise ValueError(
            f"associative list with keys has an element that omits all key fields {names} "
            "(and doesn't have default values for any key fields)"
        )
    return key_element(keys)


def _set_item_element(value: Json) -> str:
    if isinstance(value, dict):
        raise ValueError("associative list without keys has an element that's a map type")  # noqa: TRY004 -- the object is wrong, not the call
    if isinstance(value, list):
        raise ValueError("not supported: associative list with lists as elements")  # noqa: TRY004 -- the object is wrong, not the call
    if value is None:
        raise ValueError("associative list without keys has an element that's an explicit null")
    return value_element(value)


def printed_element(element: str) -> str:
    """A path element as the server prints it in a conflict: `.model`, `[name="a"]`."""
    letter, rest = element[0], element[2:]
    return f".{rest}" if letter == "f" else f"[{_in_brackets(letter, rest)}]"


def printed(path: ElementPath) -> str:
    """A path as the server prints it: `.status.conditions[type="Ready"].status`."""
    return "".join(map(printed_element, path))


def field_path(path: ElementPath) -> FieldPath:
    """The path as a `FieldPath`, in which an item of an associative list is a text such as `type="Ready"`."""
    return tuple(_path_step(element) for element in path)


def _path_step(element: str) -> str | int:
    letter, rest = element[0], element[2:]
    return int(rest) if letter == "i" else _in_brackets(letter, rest)


def _in_brackets(letter: str, rest: str) -> str:
    if letter == "k":
        return ",".join(
            f"{name}={go_text(value)}" for name, value in sorted(json.loads(rest).items())
        )
    return f"={go_text(json.loads(rest))}" if letter == "v" else rest
