"""The fields that replace one of another era: exact, and valid by the CRD that they are for."""

# ruff: noqa: E501 -- one case of a table is one line
from __future__ import annotations

from typing import Any

import pytest

from reconciler.crds import catalogue
from reconciler.kind import Kind
from reconciler.kinds import flokoa_model, flokoa_modelprovider, omnia_provider
from reconciler.model.document import JsonObject
from reconciler.semantics.ownership.typed import undeclared
from reconciler.semantics.schema.defaults import with_defaults
from reconciler.semantics.validation import custom_resource as engine
from reconciler.text.yaml import inline

PROVIDER, MODEL, GATEWAY = omnia_provider.KIND, flokoa_model.KIND, flokoa_modelprovider.KIND
SECRET = {"name": "anthropic", "key": "ANTHROPIC_API_KEY"}
CLAUDE = {"type": "claude", "model": "claude-sonnet-4-5"}
FAST = {"model": "gpt-5", "providerRef": {"name": "openai"}}
HEADERS = {"X-Team": "search"}
# Kind, pin of the CRD that the replacement is for, spec, field, replacement.
CASES: list[tuple[Kind, str, dict[str, Any], str, str]] = [
    (PROVIDER, "", CLAUDE | {"secretRef": SECRET}, "secretRef", "credential: {secretRef: {name: anthropic, key: ANTHROPIC_API_KEY}}"),
    (PROVIDER, "2026-04-10", CLAUDE | {"secretRef": SECRET}, "secretRef", "credential: {secretRef: {name: anthropic, key: ANTHROPIC_API_KEY}}"),
    (PROVIDER, "", CLAUDE | {"envVar": "KEY"}, "envVar", "credential: {envVar: KEY}"),
    (PROVIDER, "", CLAUDE | {"filePath": "/run/key"}, "filePath", "credential: {filePath: /run/key}"),
    (MODEL, "", FAST | {"parameters": {"temperature": "1", "timeOut": 60}}, "parameters", 'settings: {temperature: "1", timeoutSeconds: 60}'),
    (MODEL, "", FAST | {"parameters": {"extraBody": {"a": 1}, "extraHeaders": HEADERS}}, "parameters", "settings: {extra: {extra_body: (unchanged)}, extraHeaders: (unchanged)}"),
    (MODEL, "2026-06-10", FAST | {"settings": {"topK": 3, "timeoutSeconds": 60}}, "settings", "parameters: {topK: 3, timeOut: 60}"),
    (MODEL, "2026-06-10", FAST | {"settings": {"extra": {"extra_body": {}}}}, "settings", "parameters: {extraBody: (unchanged)}"),
    (GATEWAY, "", {"baseURL": "https://x.example/v1"}, "baseURL", "openai: {baseURL: 'https://x.example/v1'}"),
    (GATEWAY, "", {"anthropic": {}, "baseUrl": "https://x.example"}, "baseUrl", "anthropic: {baseURL: 'https://x.example'}"),
]  # fmt: skip


def body(kind: Kind, spec: JsonObject) -> JsonObject:
    endpoint = kind.endpoint
    head = {"apiVersion": endpoint.api_version, "kind": endpoint.kind}
    return {**head, "metadata": {"name": "x", "namespace": "llm"}, "spec": spec}


@pytest.mark.parametrize(("kind", "pin", "spec", "field", "lines"), CASES)
def test_the_replacement(kind: Kind, pin: str, spec: JsonObject, field: str, lines: str) -> None:
    fields = kind.replacement(body(kind, spec), ("spec", field))
    assert fields is not None
    assert inline(fields) == lines
    if "(unchanged)" in lines:
        return
    rest = {name: value for name, value in spec.items() if name != field}
    replaced = body(kind, rest | fields)
    version = catalogue.load(kind.endpoint.crd_name, pin).storage_version
    assert list(undeclared(version.schema, replaced)) == []
    assert engine.validate(version, with_defaults(version.schema, replaced)).violations == ()


@pytest.mark.parametrize(
    ("kind", "spec", "field"),
    [
        (PROVIDER, CLAUDE | {"secretRef": SECRET, "credential": {"envVar": "A"}}, "secretRef"),
        (PROVIDER, CLAUDE | {"role": "llm"}, "role"),
        (MODEL, FAST | {"parameters": {"openai": {"user": "x"}}}, "parameters"),
        (MODEL, FAST | {"parameters": {"topK": 1}, "settings": {}}, "parameters"),
        (MODEL, FAST | {"settings": {"extra": {"n": 1}}}, "settings"),
        (GATEWAY, {"openai": {"baseURL": "https://a"}, "baseURL": "https://b"}, "baseURL"),
        (GATEWAY, {"google": {}, "baseURL": "https://b"}, "baseURL"),
        (GATEWAY, {"openai": {}, "anthropic": {}, "baseURL": "https://b"}, "baseURL"),
    ],
)
def test_no_replacement_where_the_change_is_not_mechanical(
    kind: Kind, spec: JsonObject, field: str
) -> None:
    assert kind.replacement(body(kind, spec), ("spec", field)) is None
