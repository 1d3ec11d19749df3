"""Flokoa ModelProvider: how agents reach an LLM provider.

The operator marks it ready as soon as exactly one provider block is set, and reads no Secret; agent pods get
the rest as environment variables. So most of what can go wrong is told here or nowhere.
"""

from __future__ import annotations

from reconciler.kind import Kind, Named
from reconciler.kinds import _flokoa, _headers, _secrets
from reconciler.kinds._contract import namespace_of
from reconciler.kinds.flokoa_modelprovider import lints
from reconciler.kinds.flokoa_modelprovider.codes import CODES
from reconciler.kinds.flokoa_modelprovider.contract import ModelProviderContract
from reconciler.kinds.flokoa_modelprovider.descriptions import DESCRIPTIONS
from reconciler.kinds.flokoa_modelprovider.replaced import REPLACED
from reconciler.kinds.flokoa_modelprovider.rewritten import rewritten
from reconciler.kinds.flokoa_modelprovider.spec import Spec
from reconciler.model.document import JsonObject
from reconciler.model.identity import Endpoint
from reconciler.model.secret import SecretReference

__all__ = ["KIND"]


def secret_references(body: JsonObject) -> tuple[SecretReference, ...]:
    """Each Secret that agent pods are given, or that the documentation says is used; Bedrock ignores an API key."""
    spec, namespace = Spec.of(body), namespace_of(body)
    return tuple(
        reference
        for path, secret, wanted in spec.secrets
        if not (path == ("apiKeySecretRef",) and spec.bedrock is not None)
        for reference in secret.reference(namespace, ("spec", *path), wanted)
    )


def named_urls(body: JsonObject) -> tuple[Named, ...]:
    return tuple(Named(("spec", block, "baseURL"), url) for block, url in Spec.of(body).urls)


def named_headers(body: JsonObject) -> tuple[Named, ...]:
    return _headers.named(body, "spec", "defaultHeaders")


def named_secrets(body: JsonObject) -> tuple[Named, ...]:
    return _secrets.named((path, reference) for path, reference, _ in Spec.of(body).secrets)


KIND = Kind(
    system="flokoa",
    endpoint=Endpoint(_flokoa.GROUP, _flokoa.VERSION, "ModelProvider", "modelproviders"),
    contract=ModelProviderContract,
    apply_order=10,
    codes=CODES,
    secret_references=secret_references,
    readiness=_flokoa.ready,
    sensitive=(("spec", "defaultHeaders", "*"),),
    lint=lints.lint,
    urls=named_urls,
    headers=named_headers,
    secret_names=named_secrets,
    descriptions=DESCRIPTIONS,
    replaced=REPLACED,
    rewritten=rewritten,
)
