"""Flokoa ModelProvider: how agents reach an LLM provider.

The operator marks it ready as soon as exactly one provider block is set, and reads no Secret; agent pods get
the rest as environment variables. So most of what can go wrong is told here or nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kind import Kind, Named
from reconciler.kinds import _flokoa, _flokoa_codes, _flokoa_lints, _headers
from reconciler.kinds._contract import Breach, Contract
from reconciler.kinds._flokoa_spec import BLOCKS, Spec
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.identity import Endpoint
from reconciler.model.secret import SecretReference
from reconciler.text import urls

CODES = _flokoa_codes.CODES


class ModelProviderContract(Spec, Contract):
    """What the documentation asks for and only the webhook, or nobody, checks."""

    def breaches(self) -> Iterator[Breach]:
        yield from self._union()
        for block, url in self.urls:
            problem = urls.problem_of(url)
            if problem:
                yield Breach("FL002", (block, "baseURL"), f"the base URL {problem}")
        for path, reference, _ in self.secrets:
            yield from reference.breaches("FL020", path)
        if self.bedrock is not None and not self.bedrock.region:
            yield Breach("FL009", ("bedrock", "region"), "bedrock needs a region")
        if self.api_key is None:
            yield from self._keys()

    def _union(self) -> Iterator[Breach]:
        listed = ", ".join(BLOCKS)
        if not self.blocks:
            null = tuple(name for name in BLOCKS if name in self.model_fields_set)
            yield Breach(
                "FL001",
                null[:1],
                f"exactly one of {listed} must be set",
                "a block without settings is written `openai: {}`; an empty value is null and does not count",
            )
        for extra in self.blocks[1:]:
            yield Breach(
                "FL001",
                (extra,),
                f"only one of {listed} can be set, and {self.blocks[0]} is",
                "make a ModelProvider of each",
            )

    def _keys(self) -> Iterator[Breach]:
        """Without a base URL the vendor's own endpoint is meant, and that needs a key."""
        path = ("apiKeySecretRef",)
        if self.openai is not None and not self.openai.base_url:
            yield Breach("FL004", path, "openai needs apiKeySecretRef")
        if self.anthropic is not None and not self.anthropic.base_url:
            yield Breach("FL005", path, "anthropic needs apiKeySecretRef")
        if self.google is not None and not self.google.is_vertex:
            yield Breach(
                "FL006",
                path,
                "Google AI needs apiKeySecretRef",
                "for Vertex AI set google.project",
            )


def secret_references(body: JsonObject) -> tuple[SecretReference, ...]:
    """Each Secret that agent pods are given, or that the documentation says is used; Bedrock ignores an API key."""
    spec = Spec.model_validate(dig_map(body, "spec"))
    namespace = _flokoa.namespace_of(body)
    return tuple(
        reference
        for path, secret, wanted in spec.secrets
        if not (path == ("apiKeySecretRef",) and spec.bedrock is not None)
        for reference in secret.reference(namespace, ".".join(("spec", *path)), wanted)
    )


def named_urls(body: JsonObject) -> tuple[Named, ...]:
    spec = Spec.model_validate(dig_map(body, "spec"))
    return tuple(Named(("spec", block, "baseURL"), url) for block, url in spec.urls)


def named_headers(body: JsonObject) -> tuple[Named, ...]:
    return _headers.named(body, "spec", "defaultHeaders")


_TIMEOUT = "write Model.spec.settings.timeoutSeconds"
KIND = Kind(
    system="flokoa",
    endpoint=Endpoint(_flokoa.GROUP, _flokoa.VERSION, "ModelProvider", "modelproviders"),
    contract=ModelProviderContract,
    apply_order=10,
    secret_references=secret_references,
    readiness=_flokoa.ready,
    sensitive=(("spec", "defaultHeaders", "*"),),
    lint=_flokoa_lints.lint,
    urls=named_urls,
    headers=named_headers,
    replaced={
        ("spec", "openai", "timeoutSeconds"): _TIMEOUT,
        ("spec", "anthropic", "timeoutSeconds"): _TIMEOUT,
        ("spec", "google", "timeoutSeconds"): _TIMEOUT,
        ("spec", "openai", "organizationID"): "set OPENAI_ORG_ID in Agent.spec.runtime.env",
        ("spec", "bedrock", "inferenceProfileARN"): "write it as Model.spec.model, `bedrock:ARN`",
    },
)
