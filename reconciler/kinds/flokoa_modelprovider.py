"""Flokoa ModelProvider: how agents reach an LLM provider.

The operator marks it ready as soon as exactly one provider block is set, and reads no Secret; agent pods get
the rest as environment variables. So most of what can go wrong is told here or nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from reconciler.kind import Finding, Kind
from reconciler.kinds import _flokoa, _urls
from reconciler.kinds._contract import (
    BLOCK,
    Block,
    Breach,
    Contract,
    Flag,
    Mapping,
    Text,
    notice,
    warning,
)
from reconciler.kinds._flokoa import SecretKeyRef
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.identity import Endpoint
from reconciler.model.secret import Format, SecretReference

CODES = {
    "FL001": "Not exactly one provider block",
    "FL002": "The base URL cannot be used",
    "FL003": "Credentials in the base URL",
    "FL004": "OpenAI without an API key",
    "FL005": "Anthropic without an API key",
    "FL006": "Google AI without an API key",
    "FL007": "An API key that Vertex AI does not use",
    "FL008": "A location alone does not select Vertex AI",
    "FL009": "Bedrock without a region",
    "FL010": "defaultHeaders have no effect",
    "FL011": "tls has no effect",
    "FL012": "google.location has no effect on agents",
    "FL013": "The service account key has no effect on agents",
    "FL014": "bedrock.region has no effect on agents",
    "FL015": "An API key that Bedrock does not use",
    "FL016": "No certificate authority is trusted",
    "FL017": "TLS verification is off",
    "FL018": "An unusual key for a CA certificate",
    "FL019": "Prompts and keys travel over plain http",
    "FL020": "A Secret reference without name or key",
}
BLOCKS = ("openai", "anthropic", "google", "bedrock")


class Api(Block):
    """`openai`, `anthropic`."""

    base_url: Text = Field(None, alias="baseURL")


class Google(Block):
    project: Text = None
    location: Text = None
    service_account: Annotated[SecretKeyRef | None, BLOCK] = Field(
        None, alias="serviceAccountKeySecretRef"
    )

    @property
    def is_vertex(self) -> bool:
        """The operator's own rule; a location does not count."""
        return bool(self.project) or self.service_account is not None


class Bedrock(Block):
    region: Text = None


class Tls(Block):
    insecure: Flag = Field(None, alias="insecureSkipVerify")
    ca: Annotated[SecretKeyRef | None, BLOCK] = Field(None, alias="caSecretRef")
    use_system_cas: Flag = Field(None, alias="useSystemCAs")


class Spec(Block):
    """The spec as the operator reads it: a block that is null is not there."""

    openai: Annotated[Api | None, BLOCK] = None
    anthropic: Annotated[Api | None, BLOCK] = None
    google: Annotated[Google | None, BLOCK] = None
    bedrock: Annotated[Bedrock | None, BLOCK] = None
    api_key: Annotated[SecretKeyRef | None, BLOCK] = Field(None, alias="apiKeySecretRef")
    tls: Annotated[Tls | None, BLOCK] = None
    default_headers: Mapping = Field(None, alias="defaultHeaders")

    @property
    def blocks(self) -> tuple[str, ...]:
        return tuple(name for name in BLOCKS if getattr(self, name) is not None)

    @property
    def urls(self) -> tuple[tuple[str, str], ...]:
        """Block and base URL, where one is set."""
        apis = (("openai", self.openai), ("anthropic", self.anthropic))
        return tuple((name, api.base_url) for name, api in apis if api and api.base_url)

    @property
    def secrets(self) -> tuple[tuple[tuple[str, ...], SecretKeyRef, Format], ...]:
        """Path, reference and what the value must parse as."""
        account = self.google.service_account if self.google else None
        authority = self.tls.ca if self.tls else None
        found: list[tuple[tuple[str, ...], SecretKeyRef, Format]] = []
        if self.api_key:
            found.append((("apiKeySecretRef",), self.api_key, Format.ANY))
        if account:
            found.append((("google", "serviceAccountKeySecretRef"), account, Format.JSON_OBJECT))
        if authority:
            found.append((("tls", "caSecretRef"), authority, Format.PEM))
        return tuple(found)


class ModelProviderContract(Spec, Contract):
    """What the documentation asks for and only the webhook, or nobody, checks."""

    def breaches(self) -> Iterator[Breach]:
        yield from self._union()
        for block, url in self.urls:
            problem = _urls.problem_of(url)
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
            yield Breach(
                "FL001",
                (),
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


def lint(body: JsonObject) -> tuple[Finding, ...]:
    spec = Spec.model_validate(dig_map(body, "spec"))
    return (
        *_lint_urls(spec),
        *_lint_google(spec),
        *_lint_bedrock(spec),
        *_lint_tls(spec),
        *_lint_headers(spec),
    )


def _lint_urls(spec: Spec) -> Iterator[Finding]:
    for block, url in spec.urls:
        path = (block, "baseURL")
        if _urls.has_credentials(url):
            yield warning(
                "FL003", path, "credentials stand in the base URL", "move them to a Secret"
            )
        elif _urls.is_plain_http(url):
            yield warning("FL019", path, "prompts and keys travel over plain http", "use https")
        elif spec.api_key is None:
            code = "FL004" if block == "openai" else "FL005"
            yield notice(
                code,
                ("apiKeySecretRef",),
                f"no apiKeySecretRef: agents call the {block} endpoint without a key",
            )


def _lint_google(spec: Spec) -> Iterator[Finding]:
    google = spec.google
    if google is None:
        return
    path = ("google", "location")
    if google.is_vertex and spec.api_key is not None:
        yield warning(
            "FL007",
            ("apiKeySecretRef",),
            "Vertex AI does not use an API key",
            "remove it: agents would get the key for nothing",
        )
    if google.location and not google.is_vertex:
        yield warning(
            "FL008",
            path,
            "a location alone does not select Vertex AI: agents use Google AI",
            "set google.project as well",
        )
    elif google.location:
        yield notice(
            "FL012",
            path,
            "agents get it as GOOGLE_CLOUD_REGION, which the client library does not read",
            "set GOOGLE_CLOUD_LOCATION in Agent.spec.runtime.env",
        )
    if google.service_account is not None:
        yield notice(
            "FL013",
            ("google", "serviceAccountKeySecretRef"),
            "agents get it as GOOGLE_APPLICATION_CREDENTIALS_JSON, which no library reads",
            "give agents Workload Identity, or mount the key and set GOOGLE_APPLICATION_CREDENTIALS",
        )


def _lint_bedrock(spec: Spec) -> Iterator[Finding]:
    if spec.bedrock is None:
        return
    if spec.api_key is not None:
        yield warning("FL015", ("apiKeySecretRef",), "Bedrock does not use an API key", "remove it")
    if spec.bedrock.region:
        yield notice(
            "FL014",
            ("bedrock", "region"),
            "agents get it as AWS_REGION, and the AWS library reads AWS_DEFAULT_REGION",
            "set AWS_DEFAULT_REGION in Agent.spec.runtime.env; credentials come from the agent's service account",
        )


def _lint_tls(spec: Spec) -> Iterator[Finding]:
    tls = spec.tls
    if tls is None:
        return
    yield notice(
        "FL011",
        ("tls",),
        "nothing reads tls: agents verify with the certificate authorities of their image",
        "mount the CA in agents and set SSL_CERT_FILE in Agent.spec.runtime.env",
    )
    if tls.insecure:
        beside = ", so caSecretRef is in vain" if tls.ca else ""
        path = ("tls", "insecureSkipVerify")
        yield warning("FL017", path, f"TLS verification is off{beside}", "name the CA instead")
    if tls.use_system_cas is False and tls.ca is None:
        path = ("tls", "useSystemCAs")
        yield warning("FL016", path, "no certificate authority is left to trust", "add caSecretRef")
    if tls.ca is not None and tls.ca.key and tls.ca.key != "ca.crt":
        key = ("tls", "caSecretRef", "key")
        yield warning("FL018", key, "a CA certificate usually stands under the key ca.crt")


def _lint_headers(spec: Spec) -> Iterator[Finding]:
    if spec.default_headers:
        yield notice(
            "FL010",
            ("defaultHeaders",),
            "the operator has not sent these headers since 2026-06-11",
            "set them in Model.spec.settings.extraHeaders",
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


_TIMEOUT = "write Model.spec.settings.timeoutSeconds"
KIND = Kind(
    system="flokoa",
    endpoint=Endpoint(_flokoa.GROUP, _flokoa.VERSION, "ModelProvider", "modelproviders"),
    contract=ModelProviderContract,
    apply_order=10,
    secret_references=secret_references,
    readiness=_flokoa.ready,
    sensitive=(("spec", "defaultHeaders", "*"),),
    lint=lint,
    replaced={
        ("spec", "openai", "timeoutSeconds"): _TIMEOUT,
        ("spec", "anthropic", "timeoutSeconds"): _TIMEOUT,
        ("spec", "google", "timeoutSeconds"): _TIMEOUT,
        ("spec", "openai", "organizationID"): "set OPENAI_ORG_ID in Agent.spec.runtime.env",
        ("spec", "bedrock", "inferenceProfileARN"): "write it as Model.spec.model, `bedrock:ARN`",
    },
)
