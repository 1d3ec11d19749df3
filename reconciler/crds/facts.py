"""`python -m reconciler.crds.facts`: the facts of a CRD file, in the form in which this folder keeps them.

The first line is a comment that says where the CRD is from. The rest is the CRD itself as JSON, which is YAML too, so
that kubectl and an API server take the file as it stands: names, versions, scope, subresources and schemas, with
sorted keys, and without any sentence, annotation or printer column.
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
Prints the facts of the CustomResourceDefinition in FILE. Redirect them to
  reconciler/crds/SYSTEM/PLURAL.DATE.COMMIT.yaml
where DATE and COMMIT are those of the origin. The origin is the first line of FILE, where it is a comment of the form
below, or it is named with --origin:
  OWNER/REPOSITORY PATH at COMMIT, DATE, LICENCE
More may follow after a semicolon. `; schema since DATE` says that the schema is older than the commit.

A kind that is read and never written needs only some fields. --keep names them, such as
  --keep spec.providers spec.podOverrides.extraEnv status.conditions
Items of lists and values of maps have no name of their own in such a path. A named field stays with all that is below
it; the objects around it take any other field, and the rules of these objects go.
"""
_KEPT = "; kept: "
_SPEC = ("conversion", "group", "names", "preserveUnknownFields", "scope")
_VERSION = ("deprecated", "name", "schema", "selectableFields", "served", "storage", "subresources")
_IDENTITY = (("apiVersion",), ("kind",), ("metadata",))
_WIDTH = 110
_OPEN = {"x-kubernetes-preserve-unknown-fields": True}
# What may name fields that are not kept.
_ABOUT_FIELDS = frozenset({"allOf", "anyOf", "not", "oneOf", "x-kubernetes-validations"})


def facts(text: str, source: str, *, origin: str = "", keep: Iterable[str] = ()) -> str:
    """The content of a file for this folder.

    Args:
        text: of one CustomResourceDefinition (apiextensions.k8s.io/v1), in YAML or JSON.
        source: names the text in an error.
        origin: see `_HELP`; "" for the one in the first line of `text`.
        keep: paths such as `spec.providers`; nothing for all.

    Raises:
        ValueError: `text` is no CRD, the origin is missing or has another form, a path leads nowhere.
        YamlError: `text` is no YAML.
    """
    head = origin or text.partition("\n")[0].removeprefix("# ")
    if not ORIGIN.fullmatch(head):
        raise ValueError("the origin is OWNER/REPOSITORY PATH at COMMIT, DATE, LICENCE: --origin")
    body = load_one(text, source)
    crd = Crd.of(body if isinstance(body, dict) else {})
    paths = [tuple(path.split(".")) for path in keep]
    if paths:
        head = f"{head.partition(_KEPT)[0]}{_KEPT}{' '.join('.'.join(path) for path in paths)}"
    kept = {
        "apiVersion": body["apiVersion"],
        "kind": body["kind"],
        "metadata": {"name": crd.name},
        "spec": {key: body["spec"][key] for key in _SPEC if key in body["spec"]}
        | {"versions": [_version(version, paths) for version in body["spec"]["versions"]]},
    }
    return f"# {head}\n{_layout(kept)}\n"


def _version(version: JsonObject, paths: list[tuple[str, ...]]) -> JsonObject:
    schema = facts_of_schema(version["schema"]["openAPIV3Schema"])
    if paths:
        schema = _cut(schema, [*_IDENTITY, *paths])
    return {key: version[key] for key in _VERSION if key in version} | {
        "schema": {"openAPIV3Schema": schema}
    }


def _cut(schema: JsonObject, paths: list[tuple[str, ...]]) -> JsonObject:
    """The schema with the fields that the paths lead to; an empty path keeps it whole."""
    if () in paths:
        return schema
    rest = {key: held for key, held in schema.items() if key not in _ABOUT_FIELDS}
    for keyword in ("items", "additionalProperties"):
        if isinstance(rest.get(keyword), dict):
            keys = [(key,) for key in rest.get("x-kubernetes-list-map-keys", ())]
            return rest | {keyword: _cut(rest[keyword], [*paths, *keys])}
    fields: JsonObject = rest.get("properties", {})
    wanted = {path[0] for path in paths}
    if wanted - fields.keys():
        raise ValueError(f"--keep: there is no field {min(wanted - fields.keys())}")
    kept = {
        name: _cut(fields[name], [path[1:] for path in paths if path[0] == name]) for name in wanted
    }
    required = [name for name in rest.pop("required", ()) if name in kept]
    rest |= {"properties": kept} | ({"required": required} if required else {})
    return rest if kept.keys() == fields.keys() else rest | _OPEN


def _layout(value: Json, indent: int = 0) -> str:
    """JSON with sorted keys: what fits, or holds no other container, on one line, else one key or item per line."""
    line = json.dumps(value, sort_keys=True, ensure_ascii=False)
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    nested = any(isinstance(below, (dict, list)) for below in held)
    if indent + len(line) <= _WIDTH or not nested:
        return line
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_layout(value[key], indent + 1)}" for key in sorted(value)]
    else:
        parts = [_layout(item, indent + 1) for item in value]
    space = "\n" + " " * indent
    return f"{line[0]}{space} " + f",{space} ".join(parts) + space + line[-1]


def main(arguments: list[str] | None = None) -> int:
    """Print the facts of one file; 2 where that cannot be done."""
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
        printed = facts(text, options.file, origin=options.origin, keep=options.keep)
    except YamlError as error:
        parser.error(error.message)
    except (OSError, ValueError) as error:
        parser.error(f"{options.file}: {error}")
    sys.stdout.write(printed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
