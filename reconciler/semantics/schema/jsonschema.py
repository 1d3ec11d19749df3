"""A CRD's schema as JSON Schema 2020-12, with which an editor checks a manifest while it is written.

The schema is as strict as the API server where JSON Schema allows it: it refuses fields that the server would prune or
refuse as unknown, and lets a manifest omit a required field that has a default. JSON Schema cannot express CEL rules,
so their messages become part of the descriptions.
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
    "description": "The identity of the object, without the fields that the server writes (uid, resourceVersion ...).",
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
    """The schema of a manifest; a manifest has no `status`."""
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
        **_description(root),
        "type": "object",
        "required": [*identity, *required],
        "properties": identity | properties,
        "additionalProperties": False,
    }


def _node(schema: Schema, *, structural: bool = True) -> JsonObject:
    """One schema; those in allOf, anyOf, oneOf and not are not `structural`: they only restrict values."""
    node: JsonObject = _description(schema)
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
    keywords: JsonObject = {}
    if schema.properties:
        keywords["properties"] = {
            name: _node(child, structural=structural) for name, child in schema.properties.items()
        }
    if required := _required(schema):
        keywords["required"] = required
    if schema.items is not None:
        keywords["items"] = _node(schema.items, structural=structural)
    if schema.additional is not None:
        keywords["additionalProperties"] = _node(schema.additional, structural=structural)
    elif structural and schema.type == "object" and not schema.preserve_unknown:
        keywords["additionalProperties"] = False
    return keywords


def _required(schema: Schema) -> list[str]:
    """The required fields without a default: the server sets defaults before it validates."""
    fields = schema.properties
    return [name for name in schema.required if not (name in fields and fields[name].has_default)]


def _range(schema: Schema) -> dict[str, Json]:
    keywords = {}
    if schema.minimum is not None:
        keywords["exclusiveMinimum" if schema.exclusive_minimum else "minimum"] = schema.minimum
    if schema.maximum is not None:
        keywords["exclusiveMaximum" if schema.exclusive_maximum else "maximum"] = schema.maximum
    return keywords


def _description(schema: Schema) -> JsonObject:
    """The schema's description and the messages of its rules, which editors show together."""
    rules = [rule.message for rule in schema.rules if rule.message]
    text = "\n".join([schema.description, *(f"Rule: {message}" for message in rules)]).strip()
    return {"description": text} if text else {}
