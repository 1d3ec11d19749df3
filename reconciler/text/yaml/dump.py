"""YAML for people: block style, a stable order of keys, and nothing that kubectl would read as another value."""

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
    """Without aliases, and quoting what kubectl would take for something else than text."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- the library's signature
        return True


def _text(dumper: _Dumper, value: str) -> yaml.Node:
    if "\n" in value:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|")
    ambiguous = scalars.resolve(value) is not value and scalars.resolve(value) != value
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if ambiguous else None)


_Dumper.add_representer(str, _text)


def dump(value: Json) -> str:
    """A JSON value as one YAML document; an object of Kubernetes with apiVersion, kind, metadata, spec first."""
    text: str = yaml.dump(
        _ordered(value, _FIRST, _LAST),
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=True,
        width=2**31 - 1,  # never fold: a diff of lines is a diff of fields
    )
    return text.removesuffix("...\n")  # the end marker that a bare scalar gets


def inline(fields: dict[str, Json]) -> str:
    """Fields as they may stand in one line: `credential: {secretRef: {name: openai}}`."""
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
