"""What an Omnia Provider must say to work, and no CRD of it asks for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from reconciler.kinds import _headers
from reconciler.kinds._contract import Breach, Contract
from reconciler.kinds.omnia_provider.spec import (
    NEED_CREDENTIAL,
    Auth,
    Defaults,
    Platform,
    Pricing,
    Spec,
)
from reconciler.text import urls

_NUMBER = re.compile(r"\d+(\.\d+)?|\.\d+")
_DURATION = re.compile(
    r"(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*"
)
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
        if file_path and (
            not file_path.startswith("/") or posixpath.normpath(file_path) != file_path
        ):
            path = ("credential", "filePath")
            yield Breach(
                "OM013", path, "the operator takes only an absolute path in its shortest form"
            )

    def _endpoint(self) -> Iterator[Breach]:
        if self.base_url:
            problem = urls.problem_of(self.base_url)
            if problem:
                yield Breach("OM029", ("baseURL",), f"the base URL {problem}")
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
        for name, problem in _headers.problems_of(self.headers or {}):
            yield Breach("OM055", ("headers", name), problem)


def _platform(platform: Platform) -> Iterator[Breach]:
    if platform.type in ("bedrock", "vertex") and not platform.region:
        elsewhere = " (us-west-2 would be used)" if platform.type == "bedrock" else ""
        yield Breach(
            "OM022", ("platform", "region"), f"platform {platform.type} needs a region{elsewhere}"
        )

    problem = urls.problem_of(platform.endpoint) if platform.endpoint else ""
    if problem:
        yield Breach("OM053", ("platform", "endpoint"), f"the endpoint {problem}")


def _auth(platform: Platform | None, auth: Auth) -> Iterator[Breach]:
    hosted_on = platform.type if platform else None
    identities = (
        ("roleArn", auth.role_arn, "bedrock"),
        ("serviceAccountEmail", auth.service_account_email, "vertex"),
    )
    for name, value, wanted in identities:
        if value and hosted_on is not None and hosted_on != wanted:
            yield Breach(
                "OM028", ("auth", name), f"{name} is for platform {wanted}, not {hosted_on}"
            )
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
            yield Breach("OM034", ("defaults", name), f"{name} is a number from 0.0 to {limit}")
    counts = (("maxTokens", defaults.max_tokens), ("contextWindow", defaults.context_window))
    for name, count in counts:
        if count is not None and count <= 0:
            yield Breach("OM036", ("defaults", name), f"{name} must be positive")
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
            yield Breach(
                "OM038", ("pricing", name), "a price is a number that is not negative, in quotes"
            )
