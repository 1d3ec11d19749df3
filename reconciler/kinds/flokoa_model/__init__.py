"""Flokoa Model: one model of a ModelProvider, with its settings.

Clusters have one of two dialects: the newest CRD has `spec.settings`, the CRD of the Helm chart `spec.parameters`.

vendor        the vendor of its model, beside that of its ModelProvider
replacement   the same Model in the other dialect, with the texts in `replacement_hints`
codes         why each rule exists
descriptions  of fields
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from reconciler.kind import Contract, FieldFinding, FieldText, Kind, ObjectReference, Topic
from reconciler.kinds import _flokoa, _headers
from reconciler.kinds._findings import error, notice, warning
from reconciler.kinds._spec import BLOCK, Block, Text, namespace_of
from reconciler.kinds.flokoa_model.codes import CODES
from reconciler.kinds.flokoa_model.descriptions import DESCRIPTIONS
from reconciler.kinds.flokoa_model.replacement import replacement
from reconciler.kinds.flokoa_model.replacement_hints import REPLACEMENT_HINTS, TYPED
from reconciler.kinds.flokoa_model.vendor import lint_with_target
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.finding import Severity
from reconciler.model.identity import Endpoint, GroupKind
from reconciler.text.yaml import inline

__all__ = ["KIND", "PROVIDER"]

PROVIDER = GroupKind(_flokoa.GROUP, "ModelProvider")
# Prefixes that the operator puts before a name without a colon, and other prefixes of pydantic-ai.
_PREFIX = re.compile(r"(openai|anthropic|google|bedrock|azure|gateway)[a-z-]*:.+")
_PENALTY = re.compile(r"-?\d+(\.\d+)?")
_PENALTY_LIMIT = 2.0
_DIALECTS = ("settings", "parameters")


class ProviderRef(Block):
    name: Text = None
    namespace: Text = None


class Settings(Block):
    extra: Any = None
    presence_penalty: Text = Field(None, alias="presencePenalty")
    frequency_penalty: Text = Field(None, alias="frequencyPenalty")


class Spec(Block):
    model: Text = None
    provider: Annotated[ProviderRef | None, BLOCK] = Field(None, alias="providerRef")
    settings: Annotated[Settings | None, BLOCK] = None


class ModelContract(Spec, Contract):
    """What the webhook checks and the CRD does not, and what a pattern of the CRD lets through."""

    def findings(self) -> Iterator[FieldFinding]:
        if self.settings is None:
            return
        yield from _check_extra(self.settings.extra)
        penalties = (
            ("presencePenalty", self.settings.presence_penalty),
            ("frequencyPenalty", self.settings.frequency_penalty),
        )
        for name, text in penalties:
            if text and _PENALTY.fullmatch(text) and abs(float(text)) > _PENALTY_LIMIT:
                message = "a penalty must be between -2.0 and 2.0"
                yield error("FL043", ("settings", name), message, 'write it like "0.5"')


def _check_extra(extra: Any) -> Iterator[FieldFinding]:
    path = ("settings", "extra")
    if extra is None:
        return
    if not isinstance(extra, dict):
        message = "extra must be a mapping of model settings"
        yield error("FL040", path, message, "write it like {user: search}")
        return
    for key in sorted(extra.keys() & TYPED.keys()):
        yield error(
            "FL041",
            (*path, key),
            f"{key} has a field of its own, and the webhook refuses it here",
            f"write settings.{TYPED[key]}",
        )


def lint(body: JsonObject) -> tuple[FieldFinding, ...]:
    spec = Spec.of(body)
    return (
        *_lint_name(spec),
        *_lint_provider(spec, body),
        *_lint_headers(body),
        *_lint_dialect(body),
    )


def _lint_name(spec: Spec) -> Iterator[FieldFinding]:
    model = spec.model
    if model and ":" in model and not _PREFIX.fullmatch(model):
        yield warning(
            "FL042",
            ("model",),
            "a name with a colon is used unchanged, and the part before this colon is no provider prefix",
            f"write the prefix as well, for Bedrock `bedrock:{model}`",
        )


def _lint_provider(spec: Spec, body: JsonObject) -> Iterator[FieldFinding]:
    provider = spec.provider
    if provider and provider.namespace and provider.namespace != namespace_of(body):
        yield notice(
            "FL044",
            ("providerRef", "namespace"),
            "the provider is shared, but its Secret is not: agents look for it in their own namespace",
            "copy the Secret into the namespace of each agent",
        )


def _lint_headers(body: JsonObject) -> Iterator[FieldFinding]:
    for dialect in _DIALECTS:
        path = (dialect, "extraHeaders")
        headers = dig_map(body, "spec", *path)
        hint = "use ModelProvider.spec.apiKeySecretRef"
        yield from _headers.credentials("FL045", path, headers, hint)
        yield from _headers.malformed(Severity.WARNING, "FL046", path, headers)


def _lint_dialect(body: JsonObject) -> Iterator[FieldFinding]:
    if dig_map(body, "spec", "parameters"):
        fields = replacement(body, ("spec", "parameters"))
        lines = inline(fields) if fields else "settings, as far as it has the same fields"
        yield notice(
            "FL047",
            ("parameters",),
            "parameters became settings on 2026-06-11; the Helm chart still installs the older CRD",
            f"when the CRD is upgraded, write {lines}",
            Topic.DEPRECATED,
        )


def object_references(body: JsonObject) -> tuple[ObjectReference, ...]:
    provider = Spec.of(body).provider
    if provider is None or not provider.name:
        return ()
    namespace = provider.namespace or namespace_of(body)
    path = ("spec", "providerRef", "name")
    return (ObjectReference(path, PROVIDER, namespace, provider.name),)


def header_names(body: JsonObject) -> tuple[FieldText, ...]:
    return tuple(
        name
        for dialect in _DIALECTS
        for name in _headers.header_names(body, "spec", dialect, "extraHeaders")
    )


KIND = Kind(
    system="flokoa",
    endpoint=Endpoint(_flokoa.GROUP, _flokoa.VERSION, "Model", "models"),
    contract=ModelContract,
    apply_order=20,
    codes=CODES,
    object_references=object_references,
    readiness=_flokoa.ready,
    sensitive=(
        ("spec", "settings", "extraHeaders", "*"),
        ("spec", "settings", "extra", "extra_body", "*"),
        ("spec", "parameters", "extraHeaders", "*"),
        ("spec", "parameters", "extraBody", "*"),
    ),
    decides=(
        ("spec", "providerRef"),
        ("spec", "settings", "extraHeaders"),
        ("spec", "settings", "extra"),
        ("spec", "parameters", "extraHeaders"),
        ("spec", "parameters", "extraBody"),
    ),
    lint=lint,
    lint_with_target=lint_with_target,
    headers=header_names,
    descriptions=DESCRIPTIONS,
    replacement_hints=REPLACEMENT_HINTS,
    replacement=replacement,
)
