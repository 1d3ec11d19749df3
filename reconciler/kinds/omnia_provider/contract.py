"""What an Omnia Provider must say to work, and no CRD of it asks for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from reconciler.kinds import _headers, _urls
from reconciler.kinds._contract import Breach, Contract
from reconciler.kinds.omnia_provider.spec import (
    NEED_CREDENTIAL,
    Auth,
    Defaults,
    Platform,
    Pricing,
    Spec,
)

_NUMBER = re.compile(r"\d+(\.\d+)?|\.\d+")
_DURATION = re.compile(
    r"(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*"
)
_URL = "https://llm.example.com"
_AZURE_URL = "https://NAME.openai.azure.com"
_REGION = {"bedrock": "eu-central-1", "vertex": "europe-west4"}
_SAMPLING_LIMIT = {"temperature": 2.0, "topP": 1.0}
_EVERYWHERE = ("content-type", "accept")
_BY_TYPE = {
    "openai": ("authorization",),
    "claude": ("x-api-key", "anthropic-version"),
}


class ProviderContract(Spec, Contract):
    def breaches(self) -> Iterator[Breach]:
        yield from self._credential()
        yield from self._endpoint()
        if self.platform is not None:
            yield from _platform(self.platform)
        if self.auth is not None:
            yield from _auth(self.platform, self.auth)
        yield from self._headers()
        if self.defaults is not None:
            yield from _defaults(self.defaults)
        if self.pricing is not None:
            yield from _pricing(self.pricing)
        for path, reference in self.secrets:
            yield from reference.breaches_of_form("OM057", path)

    def _credential(self) -> Iterator[Breach]:
        if self.credential is not None and not self.has_credential:
            yield Breach(
                "OM009",
                ("credential",),
                "credential names neither secretRef nor envVar nor filePath",
                "set exactly one of them",
            )
        elif not self.has_credential and self.platform is None and self.type in NEED_CREDENTIAL:
            yield Breach(
                "OM002",
                ("credential",),
                f"a provider of type {self.type} needs a credential, or a platform that hosts it",
                "set credential.secretRef with a name and a key",
            )
        if self.secret is not None and self.secret[1].key == "":
            path, _ = self.secret
            yield Breach(
                "OM011", (*path, "key"), "an empty key is looked up as it stands", "name the key"
            )
        file_path = self.credential.file_path if self.credential else None
        if file_path and file_path != _shortest(file_path):
            path = ("credential", "filePath")
            message = "the operator takes only an absolute path in its shortest form"
            yield Breach("OM013", path, message, f"write {_shortest(file_path)}")

    def _endpoint(self) -> Iterator[Breach]:
        if self.base_url:
            yield from _urls.breaches("OM029", ("baseURL",), self.base_url, _URL)
        elif self.type in ("ollama", "vllm"):
            yield Breach(
                "OM049",
                ("baseURL",),
                f"a provider of type {self.type} has no endpoint of its own",
                "set baseURL to your server",
            )

    def _headers(self) -> Iterator[Breach]:
        taken = {*_EVERYWHERE}
        if self.platform is None:
            taken.update(_BY_TYPE.get(self.type or "", ()))
        if self.type == "vllm" and self.has_credential:
            taken.add("authorization")
        for name in self.headers or {}:
            if str(name).lower() in taken:
                yield Breach(
                    "OM031",
                    ("headers", name),
                    f"the runtime sets {name} itself and refuses a request that has it",
                    "remove it; a key belongs in credential",
                )
        yield from _headers.breaches("OM055", ("headers",), self.headers or {})


def _shortest(path: str) -> str:
    return posixpath.normpath(f"/{path.lstrip('/')}")


def _platform(platform: Platform) -> Iterator[Breach]:
    if platform.type in _REGION and not platform.region:
        elsewhere = " (us-west-2 would be used)" if platform.type == "bedrock" else ""
        yield Breach(
            "OM022",
            ("platform", "region"),
            f"platform {platform.type} needs a region{elsewhere}",
            f"name it, such as {_REGION[platform.type]}",
        )
    yield from _urls.breaches("OM053", ("platform", "endpoint"), platform.endpoint, _AZURE_URL)


def _auth(platform: Platform | None, auth: Auth) -> Iterator[Breach]:
    hosted_on = platform.type if platform else None
    identities = (
        ("roleArn", auth.role_arn, "bedrock"),
        ("serviceAccountEmail", auth.service_account_email, "vertex"),
    )
    for name, value, wanted in identities:
        if value and hosted_on is not None and hosted_on != wanted:
            message = f"{name} is for platform {wanted}, not {hosted_on}"
            yield Breach("OM028", ("auth", name), message, "remove it")
    several = auth.type in ("accessKey", "servicePrincipal")
    if several and auth.credentials is not None and auth.credentials.key is not None:
        yield Breach(
            "OM025",
            ("auth", "credentialsSecretRef", "key"),
            f"{auth.type} needs several keys of the Secret: the operator would check this one, and pods fail",
            "remove the key; the names of the keys are fixed",
        )


def _defaults(defaults: Defaults) -> Iterator[Breach]:
    for name, text in (("temperature", defaults.temperature), ("topP", defaults.top_p)):
        limit = _SAMPLING_LIMIT[name]
        if text is not None and not (_NUMBER.fullmatch(text) and float(text) <= limit):
            message = f"{name} is a number from 0.0 to {limit}"
            yield Breach("OM034", ("defaults", name), message, 'write it like "0.7"')
    counts = (("maxTokens", defaults.max_tokens), ("contextWindow", defaults.context_window))
    for name, count in counts:
        if count is not None and count <= 0:
            message = f"{name} must be positive"
            yield Breach("OM036", ("defaults", name), message, "write 1 or more, or leave it out")
    timeouts = (
        ("requestTimeout", defaults.request_timeout),
        ("streamIdleTimeout", defaults.stream_idle_timeout),
    )
    for name, text in timeouts:
        if text is not None and not _DURATION.fullmatch(text):
            yield Breach("OM048", ("defaults", name), f"{name} is a Go duration", "write 90s or 2m")


def _pricing(pricing: Pricing) -> Iterator[Breach]:
    prices = (
        ("inputCostPer1K", pricing.input),
        ("outputCostPer1K", pricing.output),
        ("cachedCostPer1K", pricing.cached),
    )
    for name, text in prices:
        if text is not None and not _NUMBER.fullmatch(text):
            message = "a price is a number that is not negative, in quotes"
            yield Breach("OM038", ("pricing", name), message, 'write it like "0.003"')
