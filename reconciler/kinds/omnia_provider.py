"""Omnia Provider: one LLM provider of AgentRuntimes.

Its CRD changed often (types, platforms, roles, the way to name a Secret), and `helm upgrade` leaves an old one in
place, so much of what a manifest may say depends on the CRD; the rules that stand here hold for all of them.
"""

from __future__ import annotations

from reconciler.kind import Kind, Named
from reconciler.kinds import (
    _headers,
    _omnia_codes,
    _omnia_codes_platform,
    _omnia_codes_request,
    _omnia_contract,
    _omnia_lints,
    _omnia_rules,
    _omnia_runtime,
)
from reconciler.kinds._omnia_secrets import secret_references
from reconciler.kinds._omnia_spec import Spec
from reconciler.kinds._omnia_status import readiness
from reconciler.model.codes import register
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.identity import Endpoint

CODES = register(_omnia_codes.CODES, _omnia_codes_platform.CODES, _omnia_codes_request.CODES)


def named_urls(body: JsonObject) -> tuple[Named, ...]:
    spec = Spec.model_validate(dig_map(body, "spec"))
    endpoint = spec.platform.endpoint if spec.platform else None
    named = ((("spec", "baseURL"), spec.base_url), (("spec", "platform", "endpoint"), endpoint))
    return tuple(Named(path, url) for path, url in named if url)


def named_headers(body: JsonObject) -> tuple[Named, ...]:
    return _headers.named(body, "spec", "headers")


_AS_PLATFORM = (
    "the hyperscaler is spec.platform.type, and spec.type the protocol: claude, openai, gemini"
)
KIND = Kind(
    system="omnia",
    endpoint=Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers"),
    contract=_omnia_contract.ProviderContract,
    apply_order=10,
    secret_references=secret_references,
    readiness=readiness,
    sensitive=(("spec", "headers", "*"),),
    lint=_omnia_lints.lint,
    lint_by=_omnia_runtime.lint_by,
    lint_together=_omnia_runtime.lint_together,
    urls=named_urls,
    headers=named_headers,
    rules=_omnia_rules.RULES,
    replaced={
        ("spec", "secretRef"): "write it as spec.credential.secretRef, the shape is the same",
        ("spec", "validateCredentials"): "remove it: the operator always checks",
        ("spec", "config"): "write spec.defaults",
        ("spec", "type", "anthropic"): "write claude",
        ("spec", "type", "google"): "write gemini",
        ("spec", "type", "auto"): "name the type: it is not guessed any more",
        ("spec", "type", "bedrock"): _AS_PLATFORM,
        ("spec", "type", "vertex"): _AS_PLATFORM,
        ("spec", "type", "azure-ai"): _AS_PLATFORM,
        ("spec", "platform", "type", "aws"): "write bedrock",
        ("spec", "platform", "type", "gcp"): "write vertex",
    },
)
