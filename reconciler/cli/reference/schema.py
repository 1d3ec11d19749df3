"""`schema`: JSON Schemas for editors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.cli.crds import crds_in
from reconciler.cli.output import write_file, write_out
from reconciler.crds import catalogue
from reconciler.errors import ExitCode, UsageError
from reconciler.kind import Kind
from reconciler.kinds import KINDS
from reconciler.model.document import JsonObject
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.jsonschema import manifest_schema
from reconciler.stages.load import environment_schema
from reconciler.text.suggest import did_you_mean

_ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class SchemaRequest:
    """What to print: a name ("" for the environment, with `out` for all), of which CRD, and where to."""

    name: str
    era: str = ""
    crds: tuple[str, ...] = ()
    out: str = ""


def print_schemas(request: SchemaRequest) -> int:
    """Print one schema, or write files: `environment.json`, `<group>/<kind>_<version>.json`.

    Raises:
        UsageError: there is no such kind or era, or the options do not fit together.
        RepositoryError: a file cannot be written.
    """
    schemas = _schemas(request)
    if not request.out:
        write_out(_text(next(iter(schemas.values()))))
        return ExitCode.OK
    for name, schema in schemas.items():
        path = Path(request.out, name)
        write_file(path, _text(schema))
        write_out(f"{path}\n")
    return ExitCode.OK


def _schemas(request: SchemaRequest) -> Mapping[str, JsonObject]:
    """By file name."""
    kinds = {kind.kind.lower(): described for kind, described in KINDS.items()}
    name = request.name.lower()
    if name and name not in (_ENVIRONMENT, *kinds):
        hint = did_you_mean(name, (_ENVIRONMENT, *kinds))
        listed = f"there are {', '.join((_ENVIRONMENT, *kinds))}"
        raise UsageError(f"there is no schema `{request.name}`", hint=hint or listed)
    if name not in kinds and request.era:
        raise UsageError("--era is the date of one CRD", hint=f"name one of {', '.join(kinds)}")
    if request.era and request.crds:
        raise UsageError("--era and --crds both say which CRD counts", hint="say one of them")
    schemas: dict[str, JsonObject] = {}
    if name == _ENVIRONMENT or not name:
        schemas["environment.json"] = environment_schema()
    if name in kinds or (not name and request.out):
        for kind in [kinds[name]] if name else KINDS.values():
            schemas |= _of_kind(kind, request)
    return schemas


def _of_kind(kind: Kind, request: SchemaRequest) -> dict[str, JsonObject]:
    named = crds_in(request.crds, KINDS).get(kind.endpoint.group_kind)
    crd: Crd = named.crd if named else catalogue.load(kind.endpoint.crd_name, request.era)
    name = kind.endpoint.kind.lower()
    return {
        f"{crd.group}/{name}_{version.name}.json": manifest_schema(
            crd, replace(version, schema=kind.described(version.schema))
        )
        for version in sorted(crd.versions, key=lambda v: not v.storage)
        if version.served
    }


def _text(schema: JsonObject) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
