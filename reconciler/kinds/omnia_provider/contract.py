"""What an Omnia Provider needs to work and none of its CRDs requires."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from reconciler.kind import Contract, FieldFinding
from reconciler.kinds import _headers, _urls
from reconciler.kinds._findings import error
from reconciler.kinds.omnia_provider.spec import (
    NEED_CREDENTIAL,
    NUMBER,
    Auth,
    Defaults,
    Platform,
    Pricing,
    Spec,
)
from reconciler.model.finding import Severity

_DURATION = re.compile(
    r"\+?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*)"
)
_URL = "https://llm.example.com"
_AZURE_URL = "https://NAME.openai.azure.com"
_REGION = {"bedrock": "eu-central-1", "vertex": "europe-west4"}
_RUNTIME_HEADERS = ("content-type", "accept")
_RUNTIME_HEADERS_BY_TYPE = {
    "openai": ("authorization",),
    "claude": ("x-api-key", "anthropic-version"),
}


class ProviderContract(Spec, Contract):
    def findings(self) -> Iterator[FieldFinding]:
        yield from self._credential()
        yield from self._endpoint()
        if self.platform is not None:
            yield from _platform(self.platform)
        if self.auth is not None:
            yield from _auth(self.auth)
        yield from self._headers()
        if self.defaults is not None:
            yield from _defaults(self.defaults)
        if self.pricing is not None:
            yield from _pricing(self.pricing)
        for path, secret in self.secrets:
            yield from secret.impossible_names("OM057", path)

    def _credential(self) -> Iterator[FieldFinding]:
        if self.credential is not None and not self.has_credential:
            yield error(
                "OM009",
                ("credential",),
                "credential has none of secretRef, envVar and filePath",
                "set exactly one of them",
            )
        elif not self.has_credential and self.platform is None and self.type in NEED_CREDENTIAL:
            yield error(
                "OM002",
                ("credential",),
                f"a provider of type {self.type} needs a credential, or a platform that hosts it",
                "set credential.secretRef with a name and a key",
            )
        if self.secret is not None and self.secret[1].key == "":
            path, _ = self.secret
            message = "the operator looks for a key whose name is empty"
            yield error("OM011", (*path, "key"), message, "write the name of the key")
        file_path = self.credential.file_path if self.credential else None
        if file_path and file_path != _shortest(file_path):
            path = ("credential", "filePath")
            message = "the operator accepts only an absolute path in its shortest form"
            yield error("OM013", path, message, f"write {_shortest(file_path)}")

    def _endpoint(self) -> Iterator[FieldFinding]:
        if self.base_url:
            yield from _urls.unusable("OM029", ("baseURL",), self.base_url, _URL)
        elif self.type == "vllm":
            message = "a provider of type vllm has no default endpoint"
            yield error("OM049", ("baseURL",), message, "set baseURL to your server")

    def _headers(self) -> Iterator[FieldFinding]:
        reserved = {*_RUNTIME_HEADERS}
        if self.platform is None:
            reserved.update(_RUNTIME_HEADERS_BY_TYPE.get(self.type or "", ()))
        if self.type == "vllm" and self.has_credential:
            reserved.add("authorization")
        headers = self.headers or {}
        for name in headers:
            if str(name).lower() in reserved:
                yield error(
                    "OM031",
                    ("headers", name),
                    f"the runtime sets {name} itself and refuses a request that already has it",
                    "remove it; a key belongs in credential",
                )
        yield from _headers.malformed(Severity.ERROR, "OM055", ("headers",), headers)


def _shortest(path: str) -> str:
    return posixpath.normpath(f"/{path.lstrip('/')}")


def _platform(platform: Platform) -> Iterator[FieldFinding]:
    if platform.type in _REGION and not platform.region:
        default = " (us-west-2 would be used)" if platform.type == "bedrock" else ""
        yield error(
            "OM022",
            ("platform", "region"),
            f"platform {platform.type} needs a region{default}",
            f"add one, such as {_REGION[platform.type]}",
        )
    yield from _urls.region("OM061", ("platform", "region"), platform.region)
    yield from _urls.unusable("OM053", ("platform", "endpoint"), platform.endpoint, _AZURE_URL)


def _auth(auth: Auth) -> Iterator[FieldFinding]:
    several = auth.type in ("accessKey", "servicePrincipal")
    if several and auth.credentials is not None and auth.credentials.key is not None:
        yield error(
            "OM025",
            ("auth", "credentialsSecretRef", "key"),
            f"{auth.type} needs several keys of the Secret: the operator would check only this one, and pods fail",
            "remove the key: pods look for keys with fixed names",
        )


def _defaults(defaults: Defaults) -> Iterator[FieldFinding]:
    counts = (("maxTokens", defaults.max_tokens), ("contextWindow", defaults.context_window))
    for name, count in counts:
        if count is not None and count <= 0:
            message = f"{name} must be positive"
            yield error("OM036", ("defaults", name), message, "write 1 or more, or remove it")
    timeouts = (
        ("requestTimeout", defaults.request_timeout),
        ("streamIdleTimeout", defaults.stream_idle_timeout),
    )
    for name, text in timeouts:
        if text and not _DURATION.fullmatch(text):
            message = (
                f"{name} must be a Go duration: with another text the pods of agents do not start"
            )
            yield error("OM048", ("defaults", name), message, "write 90s or 2m")


def _pricing(pricing: Pricing) -> Iterator[FieldFinding]:
    prices = (
        ("inputCostPer1K", pricing.input),
        ("outputCostPer1K", pricing.output),
        ("cachedCostPer1K", pricing.cached),
    )
    for name, text in prices:
        if text is not None and not NUMBER.fullmatch(text):
            message = "a price must be a number, zero or more, in quotes"
            yield error("OM038", ("pricing", name), message, 'write it like "0.003"')
