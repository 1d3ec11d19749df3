"""A CRD's schema as JSON Schema 2020-12: what an editor can say of a manifest before anything else does.

As strict as the API server where a schema can be: what it would prune or refuse as unknown is refused here, and a
required field with a default may be left out. Rules (CEL) cannot be written in JSON Schema; their messages are told.
"""

from __future__ import annotations

from reconciler.model.document import Json, JsonObject
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.schema.structural import Schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
_LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
_METADATA: JsonObject = {
    "type": "object",
    "description": "Who the object is. What the server writes (uid, resourceVersion ...) does not belong here.",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": _NAME, "maxLength": 253},
        "namespace": {"type": "string", "pattern": _LABEL, "maxLength": 63},
        "labels": {
            "type": ["object", "null"],
            "additionalProperties": {"type": "string", "maxLength": 63},
        },
        "annotations": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
    },
}
_LIMITS = {
    "format": "format",
    "pattern": "pattern",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_items": "minItems",
    "max_items": "maxItems",
    "min_properties": "minProperties",
    "max_properties": "maxProperties",
    "multiple_of": "multipleOf",
}


def manifest_schema(crd: Crd, version: CrdVersion) -> JsonObject:
    """The schema of a whole manifest, as a source may hold it: without `status`."""
    root = version.schema
    properties = {
        name: _node(child)
        for name, child in root.properties.items()
        if name not in ("apiVersion", "kind", "metadata", "status")
    }
    identity: JsonObject = {
        "apiVersion": {"const": version.api_version},
        "kind": {"const": crd.kind},
        "metadata": _METADATA,
    }
    required = [name for name in _required(root) if name not in identity and name != "status"]
    return {
        "$schema": DIALECT,
        "title": f"{crd.kind} ({version.api_version})",
        **_described(root),
        "type": "object",
        "required": [*identity, *required],
        "properties": identity | properties,
        "additionalProperties": False,
    }


def _node(schema: Schema, *, structural: bool = True) -> JsonObject:
    """One schema; what stands in allOf, anyOf, oneOf and not is not `structural`: it only restricts values."""
    node: JsonObject = _described(schema)
    types = ["integer", "string"] if schema.int_or_string else [schema.type] if schema.type else []
    if types and schema.nullable:
        types.append("null")
    if types:
        node["type"] = types if len(types) > 1 else types[0]
    if schema.enum:
        node["enum"] = [*schema.enum, *([None] if schema.nullable else [])]
    if schema.has_default:
        node["default"] = schema.default
    node |= {key: getattr(schema, name) for name, key in _LIMITS.items() if getattr(schema, name)}
    node |= _range(schema)
    if schema.unique_items or schema.list_type == "set":
        node["uniqueItems"] = True
    node |= _fields(schema, structural=structural)
    for key, parts in (
        ("allOf", schema.all_of),
        ("anyOf", schema.any_of),
        ("oneOf", schema.one_of),
    ):
        if parts:
            node[key] = [_node(part, structural=False) for part in parts]
    if schema.negated is not None:
        node["not"] = _node(schema.negated, structural=False)
    return node


def _fields(schema: Schema, *, structural: bool) -> JsonObject:
    found: JsonObject = {}
    if schema.properties:
        found["properties"] = {
            name: _node(child, structural=structural) for name, child in schema.properties.items()
        }
    if required := _required(schema):
        found["required"] = required
    if schema.items is not None:
        found["items"] = _node(schema.items, structural=structural)
    if schema.additional is not None:
        found["additionalProperties"] = _node(schema.additional, structural=structural)
    elif structural and schema.type == "object" and not schema.preserve_unknown:
        found["additionalProperties"] = False
    return found


def _required(schema: Schema) -> list[str]:
    """Defaults come first: a field that has one is never missing."""
    fields = schema.properties
    return [name for name in schema.required if not (name in fields and fields[name].has_default)]


def _range(schema: Schema) -> dict[str, Json]:
    found = {}
    if schema.minimum is not None:
        found["exclusiveMinimum" if schema.exclusive_minimum else "minimum"] = schema.minimum
    if schema.maximum is not None:
        found["exclusiveMaximum" if schema.exclusive_maximum else "maximum"] = schema.maximum
    return found


def _described(schema: Schema) -> JsonObject:
    """The description, and what the rules say: an editor shows both."""
    rules = [rule.message for rule in schema.rules if rule.message]
    text = "\n".join([schema.description, *(f"Rule: {message}" for message in rules)]).strip()
    return {"description": text} if text else {}
