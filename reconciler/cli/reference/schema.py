"""`schema`: prints JSON Schemas for editors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from reconciler.cli.crds import crds_in
from reconciler.cli.links import refuse_links
from reconciler.cli.output import write_file
from reconciler.cli.streams import write_out
from reconciler.crds import catalogue
from reconciler.errors import ExitCode, UsageError
from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.document import JsonObject
from reconciler.model.identity import GroupKind, Names
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.jsonschema import manifest_schema
from reconciler.stages.load.form import environment_schema
from reconciler.stages.validate.crds import CrdInUse
from reconciler.text.suggest import did_you_mean

_ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class SchemaRequest:
    """A name ("" for environment.yaml or, with `out`, for all schemas), the CRD, and a folder for the files."""

    name: str
    era: str = ""
    crds: tuple[str, ...] = ()
    out: str = ""


def print_schemas(request: SchemaRequest, kinds: Mapping[GroupKind, Kind]) -> int:
    """Print one schema, or write files: `environment.json`, `<group>/<kind>_<version>.json`.

    Raises:
        UsageError: there is no such kind or era, or there are several; or the options do not fit together.
        RepositoryError: a file cannot be written.
    """
    schemas = _schemas(request, kinds)
    if not request.out:
        write_out(schema_text(next(iter(schemas.values()))))
        return ExitCode.OK
    for name, schema in schemas.items():
        path = Path(request.out, name)
        refuse_links(path, Path())
        write_file(path, schema_text(schema))
        write_out(f"{path}\n")
    return ExitCode.OK


def _schemas(request: SchemaRequest, kinds: Mapping[GroupKind, Kind]) -> Mapping[str, JsonObject]:
    """The schemas by file name."""
    name = request.name.lower()
    named = [kind for kind in kinds if name in (kind.kind.lower(), str(kind).lower())]
    if len(named) > 1:
        hint = f"name the group as well: {' or '.join(sorted(map(str, named))).lower()}"
        raise UsageError(f"there are {len(named)} kinds `{request.name}`", hint=hint)
    names = [Names.among(kinds).kind(kind).lower() for kind in kinds]
    if name and not named and name != _ENVIRONMENT:
        hint = did_you_mean(name, (_ENVIRONMENT, *names))
        listed = f"there are {', '.join((_ENVIRONMENT, *names))}"
        raise UsageError(f"there is no schema `{request.name}`", hint=hint or listed)
    if not named and request.era:
        raise UsageError("--era is the date of one CRD", hint=f"name one of {', '.join(names)}")
    if request.era and request.crds:
        raise UsageError("--era and --crds both select a CRD", hint="use one of them")
    schemas: dict[str, JsonObject] = {}
    if name in (_ENVIRONMENT, ""):
        schemas["environment.json"] = environment_schema()
    described = list(kinds) if not name and request.out else named
    crds = crds_in(request.crds, kinds) if described else {}
    for kind in described:
        schemas |= _of_kind(kinds[kind], crds.get(kind), request.era)
    return schemas


def _of_kind(kind: Kind, used: CrdInUse | None, era: str) -> dict[str, JsonObject]:
    crd: Crd = used.crd if used else catalogue.load(kind.endpoint.crd_name, era)
    name = kind.endpoint.kind.lower()
    return {
        f"{crd.group}/{name}_{version.name}.json": manifest_schema(
            crd, replace(version, schema=kind.described(version.schema))
        )
        for version in sorted(crd.versions, key=lambda v: not v.storage)
        if version.served
    }


def schema_text(schema: JsonObject) -> str:
    """A schema as a file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
