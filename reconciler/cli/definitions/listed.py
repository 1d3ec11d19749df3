"""`environments`: lists the environments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.definitions.rendered import read_environment
from reconciler.cli.delivery.output import emit, text_or_json
from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.cli.wiring.names import resolve
from reconciler.errors import worst
from reconciler.model.document import JsonObject
from reconciler.reconciliation import Reconciliation
from reconciler.reports._json_text import json_text
from reconciler.text.foreign import masked_name

_HEADER = ("ENVIRONMENT", "CLUSTER", "NAMESPACES", "OBJECTS")


def list_environments(inputs: Inputs, names: tuple[str, ...], output: str) -> int:
    """Print what each environment is; of one that cannot be read, only its name."""
    sink = text_or_json(output, "environments", inputs.folder)
    redactor = SecretRedactor()
    deps = build_dependencies(inputs, redactor, reads_cluster=False)
    codes, entries = [], []
    for name in resolve(deps.repository, names):
        state, code = read_environment(deps, name, redactor)
        codes.append(code)
        entries.append(_entry(name, state))
    if sink.format == "json":
        text = json_text({"schemaVersion": "1", "environments": entries})
    else:
        text = "".join(_table([_HEADER, *map(_row, entries)]))
    emit(text, sink, redactor)
    return worst(codes)


def _entry(name: str, state: Reconciliation | None) -> JsonObject:
    if state is None:
        return {"name": masked_name(name), "readable": False}
    return {
        "name": masked_name(name),
        "readable": True,
        "cluster": masked_name(str(state.environment.cluster)),
        "namespaces": [masked_name(each) for each in state.environment.namespaces],
        "objects": len(state.manifests),
    }


def _row(entry: JsonObject) -> tuple[str, ...]:
    if not entry["readable"]:
        return (entry["name"], "(cannot be read)", "", "")
    namespaces = ",".join(entry["namespaces"])
    return (entry["name"], entry["cluster"], namespaces, str(entry["objects"]))


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip() + "\n"
