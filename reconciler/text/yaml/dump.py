"""Writes YAML for people: block style, keys in a stable order, and every string quoted that kubectl would misread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from reconciler.model.document import Json
from reconciler.text.printable import printable
from reconciler.text.yaml import scalars

_FIRST = ("apiVersion", "kind", "metadata", "spec")
_FIRST_OF_METADATA = ("name", "namespace")
_LAST = ("status",)


class _Dumper(yaml.CSafeDumper):
    """Writes no aliases, and quotes strings that kubectl would not read as strings."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- the library's signature
        return True


# What a terminal or a CI runner would act on: it is written as an escape, inside of quotes.
_HIDDEN = re.compile(r"[^\n -~]")


def _represent_string(dumper: _Dumper, value: str) -> yaml.Node:
    if _acts(value):
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"')
    if "\n" in value:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|")
    ambiguous = scalars.resolve(value) is not value and scalars.resolve(value) != value
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if ambiguous else None)


_Dumper.add_representer(str, _represent_string)


def dump(value: Json) -> str:
    """A JSON value as one YAML document; apiVersion, kind, metadata and spec come first, status last."""
    text: str = yaml.dump(
        _ordered(value, _FIRST, _LAST),
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=True,
        width=2**31 - 1,  # never fold a string: one changed field is then one changed line
    )
    return _escaped(text).removesuffix("...\n")  # PyYAML adds this end marker after a bare scalar


def inline(fields: dict[str, Json]) -> str:
    """Fields on one line: `credential: {secretRef: {name: openai}}`."""
    text: str = yaml.dump(
        fields,
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=True,
        allow_unicode=True,
        width=2**31 - 1,
    )
    return _escaped(text).strip().removeprefix("{").removesuffix("}")


def _acts(value: str) -> bool:
    return printable(value) != value


def _escaped(text: str) -> str:
    """The YAML with escapes for characters that PyYAML writes as they are; `_represent_string` has quoted them."""
    if not _acts(text):
        return text
    visible = _HIDDEN.sub(lambda c: c[0] if c[0].isprintable() else _escape(ord(c[0])), text)
    return visible.replace("##[", "#\\x23[")


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 -- the BMP


def _ordered(value: Json, first: tuple[str, ...] = (), last: tuple[str, ...] = ()) -> Json:
    if isinstance(value, list):
        return [_ordered(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _ordered(value[key], _FIRST_OF_METADATA if first and key == "metadata" else ())
        for key in _keys(value, first, last)
    }


def _keys(value: dict[str, Json], first: tuple[str, ...], last: tuple[str, ...]) -> Iterator[str]:
    yield from (key for key in first if key in value)
    yield from sorted(key for key in value if key not in first and key not in last)
    yield from (key for key in last if key in value)
