"""Flokoa ModelProvider: how agents reach an LLM provider.

The operator marks it ready as soon as it has exactly one provider block, and reads no Secret; agent pods get the rest
as environment variables. No other tool finds most of the mistakes that are possible here.

spec          the spec as its operator reads it
contract      what the documentation requires and no CRD checks
lints         what does not do what its author expects
replacement   fields to write in place of others, with the texts in `replacement_hints`
codes         why each rule exists
descriptions  of fields
"""

from __future__ import annotations

from reconciler.kind import FieldText, Kind
from reconciler.kinds import _flokoa, _headers, _secrets
from reconciler.kinds._spec import namespace_of
from reconciler.kinds.flokoa_modelprovider import lints
from reconciler.kinds.flokoa_modelprovider.codes import CODES
from reconciler.kinds.flokoa_modelprovider.contract import ModelProviderContract
from reconciler.kinds.flokoa_modelprovider.descriptions import DESCRIPTIONS
from reconciler.kinds.flokoa_modelprovider.replacement import replacement
from reconciler.kinds.flokoa_modelprovider.replacement_hints import REPLACEMENT_HINTS
from reconciler.kinds.flokoa_modelprovider.spec import BLOCKS, Spec
from reconciler.model.document import JsonObject
from reconciler.model.identity import Endpoint
from reconciler.model.secret import SecretReference

__all__ = ["KIND"]


def secret_references(body: JsonObject) -> tuple[SecretReference, ...]:
    """Each Secret that agent pods get, or should get by the documentation; Bedrock ignores an API key."""
    spec, namespace = Spec.of(body), namespace_of(body)
    return tuple(
        reference
        for path, secret, expected in spec.secrets
        if not (path == ("apiKeySecretRef",) and spec.bedrock is not None)
        for reference in secret.reference(namespace, ("spec", *path), expected)
    )


def urls(body: JsonObject) -> tuple[FieldText, ...]:
    return tuple(FieldText(("spec", block, "baseURL"), url) for block, url in Spec.of(body).urls)


def header_names(body: JsonObject) -> tuple[FieldText, ...]:
    return _headers.header_names(body, "spec", "defaultHeaders")


def secret_names(body: JsonObject) -> tuple[FieldText, ...]:
    return _secrets.secret_names((path, secret) for path, secret, _ in Spec.of(body).secrets)


KIND = Kind(
    system="flokoa",
    endpoint=Endpoint(_flokoa.GROUP, _flokoa.VERSION, "ModelProvider", "modelproviders"),
    contract=ModelProviderContract,
    apply_order=10,
    codes=CODES,
    secret_references=secret_references,
    readiness=_flokoa.ready,
    sensitive=(("spec", "defaultHeaders", "*"),),
    decides=(
        *(("spec", block) for block in BLOCKS),
        ("spec", "apiKeySecretRef"),
        ("spec", "defaultHeaders"),
        ("spec", "tls"),
    ),
    lint=lints.lint,
    urls=urls,
    headers=header_names,
    secret_names=secret_names,
    descriptions=DESCRIPTIONS,
    replacement_hints=REPLACEMENT_HINTS,
    replacement=replacement,
)
