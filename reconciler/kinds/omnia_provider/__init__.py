"""Omnia Provider: one LLM provider of AgentRuntimes.

Its CRD changed often (types, platforms, roles, the way to name a Secret), and `helm upgrade` leaves an old one in
place, so much of what a manifest may say depends on the CRD; the rules that stand here hold for all of them.
"""

from __future__ import annotations

from reconciler.kind import Kind, Named
from reconciler.kinds import _headers, _secrets
from reconciler.kinds.omnia_provider import (
    codes,
    codes_platform,
    codes_request,
    contract,
    lints,
    rules,
    runtime,
)
from reconciler.kinds.omnia_provider.descriptions import DESCRIPTIONS
from reconciler.kinds.omnia_provider.replaced import REPLACED
from reconciler.kinds.omnia_provider.rewritten import rewritten
from reconciler.kinds.omnia_provider.secrets import secret_references
from reconciler.kinds.omnia_provider.spec import Spec
from reconciler.kinds.omnia_provider.status import readiness
from reconciler.model.codes import register
from reconciler.model.document import JsonObject
from reconciler.model.identity import Endpoint


def named_urls(body: JsonObject) -> tuple[Named, ...]:
    spec = Spec.of(body)
    endpoint = spec.platform.endpoint if spec.platform else None
    named = ((("spec", "baseURL"), spec.base_url), (("spec", "platform", "endpoint"), endpoint))
    return tuple(Named(path, url) for path, url in named if url)


def named_headers(body: JsonObject) -> tuple[Named, ...]:
    return _headers.named(body, "spec", "headers")


def named_secrets(body: JsonObject) -> tuple[Named, ...]:
    return _secrets.named(Spec.of(body).secrets)


KIND = Kind(
    system="omnia",
    endpoint=Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers"),
    contract=contract.ProviderContract,
    apply_order=10,
    codes=register(codes.CODES, codes_platform.CODES, codes_request.CODES),
    secret_references=secret_references,
    readiness=readiness,
    sensitive=(("spec", "headers", "*"),),
    lint=lints.lint,
    lint_by=runtime.lint_by,
    lint_together=runtime.lint_together,
    urls=named_urls,
    headers=named_headers,
    secret_names=named_secrets,
    rules=rules.RULES,
    descriptions=DESCRIPTIONS,
    replaced=REPLACED,
    rewritten=rewritten,
)
