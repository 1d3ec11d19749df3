"""What a POST or a PUT with `fieldValidation=Strict` is refused for: fields that the schema does not have.

An apply needs none of it: it cannot even be typed with such a field (`typed.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.model.document import Json
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.defaults import without_undeclared
from reconciler.semantics.server import refusals


def check(crd: Crd, body: Mapping[str, Any]) -> None:
    """
    Raises:
        Refused: INVALID, in the server's words.
    """
    version = crd.version(str(body.get("apiVersion") or "").rpartition("/")[2])
    if version is None or body.get("kind") != crd.kind:
        return  # refused for that
    found = list(_lost(dict(body), without_undeclared(version.schema, dict(body)), ""))
    if found:
        what = f'{crd.kind} in version "{version.name}" cannot be handled as a {crd.kind}'
        fields = ", ".join(f'unknown field "{path}"' for path in sorted(found))
        raise refusals.bad_request(f"{what}: strict decoding error: {fields}")


def _lost(body: Json, kept: Json, path: str) -> Iterator[str]:
    if isinstance(body, dict):
        for key, value in body.items():
            place = f"{path}.{key}" if path else key
            if key not in kept:
                yield place
            else:
                yield from _lost(value, kept[key], place)
    elif isinstance(body, list):
        for index, item in enumerate(body):
            yield from _lost(item, kept[index], f"{path}[{index}]")
