"""Writes YAML for people: block style, keys in a stable order, and every string quoted that kubectl would misread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from reconciler.model.document import Json
from reconciler.text.yaml import scalars

_FIRST = ("apiVersion", "kind", "metadata", "spec")
_FIRST_OF_METADATA = ("name", "namespace")
_LAST = ("status",)


class _Dumper(yaml.CSafeDumper):
    """Writes no aliases, and quotes strings that kubectl would not read as strings."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- the library's signature
        return True


def _represent_string(dumper: _Dumper, value: str) -> yaml.Node:
    if "\n" in value and value.replace("\n", "").isprintable():
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|")
    ambiguous = scalars.resolve(value) is not value and scalars.resolve(value) != value
    unusual = ambiguous or not value.isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if unusual else None)


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
    return text.removesuffix("...\n")  # PyYAML adds this end marker after a bare scalar


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
    return text.strip().removeprefix("{").removesuffix("}")


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
