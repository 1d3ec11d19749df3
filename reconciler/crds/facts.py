"""`python -m reconciler.crds.facts`: converts a CRD to the facts that this folder holds.

The first line is a comment with the origin. The rest is the CRD as JSON, which is also YAML, so kubectl and an API
server accept the file: names, scope, versions, subresources and schemas with sorted keys. Descriptions, messages of
rules, annotations and printer columns are left out.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.facts import facts as facts_of_schema
from reconciler.text.yaml import YamlError, load_one

ORIGIN: Final = re.compile(
    r"\S+ \S+ at (?P<commit>\S+), (?P<date>\d{4}-\d\d-\d\d), [A-Z][\w.-]+(; .+)?"
)
_HELP = """\
Print the facts of the CustomResourceDefinition in FILE. Redirect them to
  reconciler/crds/SYSTEM/PLURAL.DATE.COMMIT.yaml
with the date and the commit of the origin. The origin comes from --origin, or from the first line of FILE if that is
a comment, and has the form
  OWNER/REPOSITORY PATH at COMMIT, DATE, LICENCE
Notes may follow after a semicolon: `; schema since DATE` says that the schema is older than the commit.

A kind that is only read needs only some fields. List them with --keep:
  --keep spec.providers spec.podOverrides.extraEnv.valueFrom.secretKeyRef status.conditions
A path names fields only and goes through lists and maps. A kept field keeps everything below it. An object that loses
a field takes any field instead, and an object above a kept field loses its rules. The first line of the output lists
the paths.
"""
_KEPT = "; kept: "
_SPEC = ("conversion", "group", "names", "preserveUnknownFields", "scope")
_VERSION = ("deprecated", "name", "schema", "selectableFields", "served", "storage", "subresources")
_IDENTITY = ("apiVersion", "kind", "metadata")
_WIDTH = 110
_OPEN = {"x-kubernetes-preserve-unknown-fields": True}
# These keywords may name fields that are cut.
_ABOUT_FIELDS = frozenset({"allOf", "anyOf", "not", "oneOf", "x-kubernetes-validations"})


def facts(text: str, *, origin: str = "", keep: Iterable[str] = ()) -> str:
    """The content of a file for this folder.

    Args:
        text: of one CustomResourceDefinition (apiextensions.k8s.io/v1), in YAML or JSON.
        origin: `OWNER/REPOSITORY PATH at COMMIT, DATE, LICENCE`; "" to take it from the first line of `text`.
        keep: the fields to keep, such as `spec.providers`; none keeps all.

    Raises:
        ValueError: `text` is not a CRD, the origin has another form, or a path names no field.
        YamlError: `text` is not YAML.
    """
    body = load_one(text, "the file")
    crd = Crd.of(body if isinstance(body, dict) else {})
    head = origin or text.partition("\n")[0].removeprefix("# ")
    if not ORIGIN.fullmatch(head):
        form = "OWNER/REPOSITORY PATH at COMMIT, DATE, LICENCE"
        raise ValueError(f"the origin is missing or has another form: --origin '{form}'")
    paths = tuple(keep)
    if paths:
        head = f"{head.partition(_KEPT)[0]}{_KEPT}{' '.join(paths)}"
    kept = {
        "apiVersion": body["apiVersion"],
        "kind": body["kind"],
        "metadata": {"name": crd.name},
        "spec": {key: body["spec"][key] for key in _SPEC if key in body["spec"]}
        | {"versions": [_version(version, paths) for version in body["spec"]["versions"]]},
    }
    return f"# {head}\n{_layout(kept)}\n"


def _version(version: JsonObject, paths: tuple[str, ...]) -> JsonObject:
    schema = facts_of_schema(version["schema"]["openAPIV3Schema"])
    if paths:
        identity = [name for name in _IDENTITY if name in (schema.get("properties") or {})]
        schema = _cut(schema, [tuple(path.split(".")) for path in (*identity, *paths)])
    return {key: version[key] for key in _VERSION if key in version} | {
        "schema": {"openAPIV3Schema": schema}
    }


def _cut(schema: JsonObject, paths: list[tuple[str, ...]]) -> JsonObject:
    """The schema with only the fields of the paths; an empty path keeps all of it."""
    if () in paths:
        return schema
    rest = {key: held for key, held in schema.items() if key not in _ABOUT_FIELDS}
    for keyword in ("items", "additionalProperties"):
        if isinstance(rest.get(keyword), dict):
            keys = [(key,) for key in rest.get("x-kubernetes-list-map-keys", ())]
            return rest | {keyword: _cut(rest[keyword], [*paths, *keys])}
    fields: JsonObject = rest.get("properties") or {}
    names = {path[0] for path in paths}
    if names - fields.keys():
        raise ValueError(f"--keep: there is no field {min(names - fields.keys())}")
    kept = {
        name: _cut(fields[name], [path[1:] for path in paths if path[0] == name]) for name in names
    }
    required = [name for name in (rest.pop("required", None) or ()) if name in kept]
    rest |= {"properties": kept} | ({"required": required} if required else {})
    return rest if kept.keys() == fields.keys() else rest | _OPEN


def _layout(value: Json, indent: int = 0) -> str:
    """JSON with sorted keys: one line for what fits or holds scalars only, else one line per key or item."""
    line = json.dumps(value, sort_keys=True, ensure_ascii=False)
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    nested = any(isinstance(below, (dict, list)) for below in held)
    if indent + len(line) <= _WIDTH or not nested:
        return line
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_layout(value[key], indent + 1)}" for key in sorted(value)]
    else:
        parts = [_layout(element, indent + 1) for element in value]
    space = "\n" + " " * indent
    return f"{line[0]}{space} " + f",{space} ".join(parts) + space + line[-1]


def main(arguments: list[str] | None = None) -> int:
    """Print the facts of one file; exit with 2 and a message if there are none."""
    parser = argparse.ArgumentParser(
        "python -m reconciler.crds.facts",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--origin", default="", help="where the CRD is from, as above")
    parser.add_argument("--keep", nargs="+", default=[], metavar="PATH", help="the fields to keep")
    options = parser.parse_args(arguments)
    try:
        text = Path(options.file).read_text(encoding="utf-8")
        printed = facts(text, origin=options.origin, keep=options.keep)
    except (OSError, ValueError, YamlError) as error:
        parser.error(f"{options.file}: {error}")
    sys.stdout.write(printed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
