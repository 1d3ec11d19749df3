"""The vendor that a Model names, beside that of its ModelProvider."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kind import ObjectReference
from reconciler.kinds.flokoa_model import KIND, PROVIDER

REFERENCE = ObjectReference(("spec", "providerRef", "name"), PROVIDER, "llm", "provider")


def _codes(model: object, spec: dict[str, Any]) -> list[str]:
    return [
        finding.code
        for finding in KIND.lint_with_target({"spec": {"model": model}}, REFERENCE, {"spec": spec})
    ]


@pytest.mark.parametrize(
    ("model", "spec"),
    [
        ("openai:gpt-4o", {"anthropic": {}}),
        ("openai-responses:gpt-5", {"bedrock": {}}),
        ("google-vertex:gemini-2.5-pro", {"openai": {"baseURL": "https://llm.example.com/v1"}}),
        ("bedrock:eu.anthropic.claude-haiku-4-5-20251001-v1:0", {"anthropic": {}}),
        ("anthropic:claude-sonnet-4-5", {"openai": None, "google": {}}),
        ("claude-3-5-sonnet", {"openai": {}}),
        ("openai:claude-sonnet-4-5", {"openai": {}}),
        ("gpt-4o", {"anthropic": {}}),
        ("o3-mini", {"google": {}}),
        ("gemini-2.5-pro", {"openai": {"baseURL": ""}}),
    ],
)
def test_another_vendor(model: str, spec: dict[str, Any]) -> None:
    assert _codes(model, spec) == ["FL048"]


@pytest.mark.parametrize(
    ("model", "spec"),
    [
        ("gpt-4o", {"openai": {}}),  # the operator adds the prefix of the provider
        ("claude-3-5-sonnet", {"openai": {"baseURL": "https://llm.example.com/v1"}}),  # a gateway
        ("claude-sonnet-4-5", {"google": {"project": "acme"}}),  # Vertex AI has models of others
        ("claude-sonnet-4-5", {"google": {"serviceAccountKeySecretRef": {"name": "vertex"}}}),
        ("claude-sonnet-4-5", {"bedrock": {"region": "eu-central-1"}}),
        ("gpt-oss-120b", {"google": {}}),
        ("o3", {"openai": {}}),
        ("omni-moderation", {"anthropic": {}}),
        ("orca-2", {"anthropic": {}}),
        ("openai-chat:gpt-4o", {"openai": {}}),
        ("google-gla:gemini-2.5-pro", {"google": {"project": "acme"}}),
        ("azure:gpt-4o", {"openai": {}}),
        ("gateway/openai:gpt-4o", {"anthropic": {}}),
        ("eu.anthropic.claude-haiku-4-5-20251001-v1:0", {"bedrock": {}}),
        ("openai:", {"anthropic": {}}),
        ("openai:gpt-4o", {"anthropic": {}, "google": {}}),  # refused for another reason
        ("openai:gpt-4o", {}),
        (5, {"anthropic": {}}),
    ],
)
def test_no_other_vendor(model: object, spec: dict[str, Any]) -> None:
    assert _codes(model, spec) == []
