"""`fieldValidation=Strict` of a POST and a PUT: refuse undeclared fields.

An apply does not need this check: the typed conversion (`typed.py`) refuses undeclared fields in every mode.
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
        Refused: INVALID for a body with undeclared fields.
    """
    version = crd.version(str(body.get("apiVersion") or "").rpartition("/")[2])
    if version is None or body.get("kind") != crd.kind:
        return  # the write itself refuses such a body
    undeclared = sorted(_dropped(dict(body), without_undeclared(version.schema, dict(body)), ""))
    if undeclared:
        prefix = f'{crd.kind} in version "{version.name}" cannot be handled as a {crd.kind}'
        fields = ", ".join(f'unknown field "{path}"' for path in undeclared)
        raise refusals.bad_request(f"{prefix}: strict decoding error: {fields}")


def _dropped(body: Json, pruned: Json, path: str) -> Iterator[str]:
    if isinstance(body, dict):
        for key, value in body.items():
            child_path = f"{path}.{key}" if path else key
            if key not in pruned:
                yield child_path
            else:
                yield from _dropped(value, pruned[key], child_path)
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from _dropped(value, pruned[index], f"{path}[{index}]")
