"""Omnia Provider: one LLM provider of AgentRuntimes.

Its CRD changed often (types, platforms, roles, the way to reference a Secret), and `helm upgrade` does not replace an
installed CRD, so what a manifest may contain depends on the era of the CRD. The rules here hold for all eras.

spec          the spec as the rules read it
contract      what a Provider needs and no CRD requires; `rules`, what the CEL rules of the CRDs mean
lints         what does not do what its author expects; `runtime`, because of how pods use it
secrets       the Secret keys that it references
status        whether it is ready
replacement   fields to write in place of those of another era, with the texts in `replacement_hints`
codes         why each rule exists; `codes_platform`, `codes_request`
descriptions  of fields
"""

from __future__ import annotations

from reconciler.kind import FieldText, Kind
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
from reconciler.kinds.omnia_provider.replacement import replacement
from reconciler.kinds.omnia_provider.replacement_hints import REPLACEMENT_HINTS
from reconciler.kinds.omnia_provider.secrets import secret_references
from reconciler.kinds.omnia_provider.spec import Spec
from reconciler.kinds.omnia_provider.status import readiness
from reconciler.model.codes import register
from reconciler.model.document import JsonObject
from reconciler.model.identity import Endpoint


def urls(body: JsonObject) -> tuple[FieldText, ...]:
    spec = Spec.of(body)
    endpoint = spec.platform.endpoint if spec.platform else None
    fields = ((("spec", "baseURL"), spec.base_url), (("spec", "platform", "endpoint"), endpoint))
    return tuple(FieldText(path, url) for path, url in fields if url)


def header_names(body: JsonObject) -> tuple[FieldText, ...]:
    return _headers.header_names(body, "spec", "headers")


def secret_names(body: JsonObject) -> tuple[FieldText, ...]:
    return _secrets.secret_names(Spec.of(body).secrets)


KIND = Kind(
    system="omnia",
    endpoint=Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers"),
    contract=contract.ProviderContract,
    apply_order=10,
    codes=register(codes.CODES, codes_platform.CODES, codes_request.CODES),
    secret_references=secret_references,
    readiness=readiness,
    sensitive=(("spec", "headers", "*"),),
    decides=(
        ("spec", "baseURL"),
        ("spec", "headers"),
        ("spec", "platform"),
        ("spec", "credential"),
        ("spec", "secretRef"),
        ("spec", "auth"),
    ),
    lint=lints.lint,
    lint_with_crd=runtime.lint_with_crd,
    lint_across=runtime.lint_across,
    urls=urls,
    headers=header_names,
    secret_names=secret_names,
    rules=rules.RULES,
    descriptions=DESCRIPTIONS,
    replacement_hints=REPLACEMENT_HINTS,
    replacement=replacement,
)
