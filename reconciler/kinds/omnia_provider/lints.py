"""Providers that an Omnia cluster accepts and that do not do what their author expects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.kind import FieldFinding, Topic
from reconciler.kinds import _headers, _urls
from reconciler.kinds._findings import notice, warning
from reconciler.kinds._models import vendor_of
from reconciler.kinds._urls import UrlCodes
from reconciler.kinds.omnia_provider import runtime
from reconciler.kinds.omnia_provider.replacement import replacement
from reconciler.kinds.omnia_provider.spec import (
    HOSTED_ELSEWHERE,
    NOT_HOSTED,
    NUMBER,
    POD_KEY,
    WITHOUT_POD_KEY,
    Spec,
)
from reconciler.model.document import JsonObject
from reconciler.text import urls
from reconciler.text.yaml import inline

# Release names of Claude 3 that the runtime translates; any other name reaches Bedrock unchanged.
_TRANSLATED = frozenset(
    {
        "claude-3-5-sonnet-20241022",
        "claude-3-5-sonnet-20240620",
        "claude-3-opus-20240229",
        "claude-3-sonnet-20240229",
        "claude-3-haiku-20240307",
        "claude-3-5-haiku-20241022",
    }
)
_BEDROCK_ID = re.compile(r"arn:.*|([a-z-]+\.)?anthropic\.claude-.+")
_OWN_MODELS = {"claude": "anthropic", "openai": "openai", "gemini": "google"}
_URLS = UrlCodes(credentials="OM052", plain_http="OM051", oddity="OM056")
_PROBED = ("openai", "claude", "gemini")
_VERSION_SUFFIX = re.compile(r".*/v1(beta)?")


def lint(body: JsonObject) -> tuple[FieldFinding, ...]:
    spec = Spec.of(body)
    return (
        *runtime.lint(spec),
        *_lint_model(spec),
        *_lint_secret(spec, body),
        *_lint_strategy(spec),
        *_lint_platform(spec),
        *_lint_url(spec),
        *_lint_headers(spec),
        *_lint_sampling(spec),
        *_lint_rest(spec),
    )


def _lint_model(spec: Spec) -> Iterator[FieldFinding]:
    hosted_on = spec.platform.type if spec.platform else None
    if not spec.model:
        if spec.type != "mock":
            message = "without a model the first request fails: Omnia has no default"
            yield warning("OM004", ("model",), message, "set the model")
    elif (
        (spec.type, hosted_on) == ("claude", "bedrock")
        and spec.model not in _TRANSLATED
        and not _BEDROCK_ID.fullmatch(spec.model)
    ):
        yield warning(
            "OM005",
            ("model",),
            "Bedrock does not know this name: the runtime translates only release names up to Claude 3.5",
            "write the Bedrock id, such as eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        )
    elif own := _OWN_MODELS.get(spec.type or ""):
        vendor = vendor_of(spec.model)
        if vendor not in ("", own) and hosted_on is None and not spec.base_url:
            yield warning(
                "OM062",
                ("model",),
                f"this is a model of {vendor}, and the endpoint of {own} serves only its own",
                f"write a model of {own}, or set baseURL to a gateway that has this one",
            )


def _lint_secret(spec: Spec, body: JsonObject) -> Iterator[FieldFinding]:
    if spec.secret_ref is not None:
        fields = replacement(body, ("spec", "secretRef"))
        yield notice(
            "OM007",
            ("secretRef",),
            "the legacy secretRef was removed from the CRD on 2026-04-28",
            f"before the CRD is upgraded, write {inline(fields)}: CRDs since 2026-02-06 have both"
            if fields
            else "remove it: credential.secretRef replaces it",
            Topic.DEPRECATED,
        )
    for path, secret in spec.secrets:
        yield from secret.leaked_keys("OM058", path)
    if spec.secret is None:
        return
    path, secret = spec.secret
    if spec.type in WITHOUT_POD_KEY:
        yield warning(
            "OM042",
            path,
            f"agents have no variable for the key of {spec.type}, so it never reaches them",
            "use credential.envVar",
        )
    elif secret.key is None and spec.type in POD_KEY:
        yield warning(
            "OM008",
            (*path, "key"),
            f"without a key the operator tries several, but agent pods read only {POD_KEY[spec.type]}",
            f"add one, such as key: {POD_KEY[spec.type]}",
        )


def _lint_strategy(spec: Spec) -> Iterator[FieldFinding]:
    if spec.credential is None:
        return
    own = POD_KEY.get(spec.type or "")
    if spec.credential.env_var and own and spec.credential.env_var != own:
        yield warning(
            "OM012",
            ("credential", "envVar"),
            f"the default provider of an agent reads {own}, not this variable",
            f"write {own}",
        )
    if spec.credential.file_path:
        add = warning if own else notice
        path = ("credential", "filePath")
        message = "only the dev console reads credential.filePath; agents do not"
        yield add("OM013", path, message, "use credential.secretRef")
    if spec.platform is not None and spec.has_credential:
        message = "on a platform pods use auth and ignore this credential"
        yield warning("OM041", ("credential",), message, "remove it")


def _lint_platform(spec: Spec) -> Iterator[FieldFinding]:
    hosted_on = spec.platform.type if spec.platform else None
    if spec.type and hosted_on and (spec.type, hosted_on) in NOT_HOSTED:
        yield warning(
            "OM017",
            ("platform", "type"),
            f"{hosted_on} does not host {spec.type}, and newer CRDs refuse this combination",
            HOSTED_ELSEWHERE[spec.type],
        )
    if spec.auth is None:
        return
    identities = (
        ("roleArn", spec.auth.role_arn, "bedrock", "eks.amazonaws.com/role-arn"),
        (
            "serviceAccountEmail",
            spec.auth.service_account_email,
            "vertex",
            "iam.gke.io/gcp-service-account",
        ),
    )
    for name, value, expected, annotation in identities:
        if value and hosted_on is not None and hosted_on != expected:
            message = f"{name} is for platform {expected}, not {hosted_on}; nothing uses it"
            yield warning("OM028", ("auth", name), message, "remove it")
        elif value:
            yield notice(
                "OM028",
                ("auth", name),
                f"nothing uses {name}: the identity is that of the agent's service account",
                f"annotate the service account with {annotation}",
            )


def _lint_url(spec: Spec) -> Iterator[FieldFinding]:
    url, path = spec.base_url, ("baseURL",)
    if spec.platform is not None:
        yield from _urls.empty("OM059", ("platform", "endpoint"), spec.platform.endpoint)
    if not url:
        if spec.type == "ollama":
            message = "without a base URL the operator checks no server, and every agent needs one of its own"
            yield warning("OM049", path, message, "set baseURL to your server")
        elif spec.type != "mock":
            yield from _urls.empty("OM059", path, url)
        return
    findings = tuple(_URLS.findings(path, url))
    yield from findings
    variable = spec.credential.env_var if spec.credential else None
    has_key = spec.secret is not None or bool(variable)  # agents do not read credential.filePath
    yield from _urls.exposed_key("OM060", path, url, has_key=has_key)
    if not findings and spec.type in _PROBED and _VERSION_SUFFIX.fullmatch(urls.path_of(url)):
        yield notice(
            "OM029",
            path,
            "the operator's probe appends the version to this URL again, so it cannot check the key",
            "keep the version if requests need it, and test the key with an agent",
        )


def _lint_headers(spec: Spec) -> Iterator[FieldFinding]:
    hint = "use credential.secretRef if the type supports it"
    yield from _headers.credentials("OM032", ("headers",), spec.headers or {}, hint)
    if spec.headers:
        yield notice(
            "OM030",
            ("headers",),
            "only the default provider of an agent and eval judges send headers",
            "if every request needs them, set baseURL to a gateway that adds them",
        )


def _lint_sampling(spec: Spec) -> Iterator[FieldFinding]:
    defaults = spec.defaults
    if defaults is None:
        return
    for name, text, limit in (
        ("temperature", defaults.temperature, 2.0),
        ("topP", defaults.top_p, 1.0),
    ):
        if text is not None and not (NUMBER.fullmatch(text) and float(text) <= limit):
            message = f"{name} is not a number from 0.0 to {limit}"
            yield warning("OM034", ("defaults", name), message, 'write it like "0.7"')


def _lint_rest(spec: Spec) -> Iterator[FieldFinding]:
    capabilities = spec.capabilities or []
    for index, capability in enumerate(capabilities):
        if capability in capabilities[:index]:
            yield warning(
                "OM033", ("capabilities", index), "this capability is listed twice", "remove it"
            )
    pricing = spec.pricing
    if pricing is None:
        return
    if (pricing.input is None) != (pricing.output is None):
        message = "input and output prices have no effect without each other"
        other = "inputCostPer1K" if pricing.input is None else "outputCostPer1K"
        yield warning("OM038", ("pricing",), message, f"add {other}")
    if pricing.cached is not None:
        path = ("pricing", "cachedCostPer1K")
        yield notice("OM038", path, "nothing reads the price of cached tokens", "remove it")
