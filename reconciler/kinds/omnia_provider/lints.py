"""What an Omnia cluster takes, and what then does not do what its author thinks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.kind import FieldFinding, Topic
from reconciler.kinds import _headers, _urls
from reconciler.kinds._contract import about, notice, warning
from reconciler.kinds.omnia_provider import runtime
from reconciler.kinds.omnia_provider.rewritten import rewritten
from reconciler.kinds.omnia_provider.spec import (
    HOSTED_ELSEWHERE,
    NOT_HOSTED,
    POD_KEY,
    WITHOUT_POD_KEY,
    Spec,
)
from reconciler.model.document import JsonObject
from reconciler.text import urls
from reconciler.text.yaml import inline

# Claude 3 release names that the runtime translates; everything else reaches Bedrock as it stands.
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
_URLS = _urls.Codes(credentials="OM052", plain_http="OM051", oddity="OM056")
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
        *_lint_rest(spec),
    )


def _lint_model(spec: Spec) -> Iterator[FieldFinding]:
    hosted_on = spec.platform.type if spec.platform else None
    if not spec.model:
        if spec.type != "mock":
            message = "no model: Omnia has no default, so the first request fails"
            yield warning("OM004", ("model",), message, "name the model")
    elif (
        (spec.type, hosted_on) == ("claude", "bedrock")
        and spec.model not in _TRANSLATED
        and not _BEDROCK_ID.fullmatch(spec.model)
    ):
        yield warning(
            "OM005",
            ("model",),
            "Bedrock does not know this name: only release names up to Claude 3.5 are translated",
            "write the Bedrock id, such as eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        )


def _lint_secret(spec: Spec, body: JsonObject) -> Iterator[FieldFinding]:
    if spec.secret_ref is not None:
        lines = rewritten(body, ("spec", "secretRef"))
        legacy = notice(
            "OM007",
            ("secretRef",),
            "the legacy secretRef was removed from the CRD on 2026-04-28",
            f"write {inline(lines)}, which older CRDs have as well, before the CRD is upgraded"
            if lines
            else "remove it: the CRD has credential.secretRef as well",
        )
        yield about(Topic.DEPRECATED, legacy)
    for path, reference in spec.secrets:
        yield from reference.findings("OM058", path)
    if spec.secret is None:
        return
    path, reference = spec.secret
    if spec.type in WITHOUT_POD_KEY:
        yield warning(
            "OM042",
            path,
            f"agents know no variable for the key of {spec.type}, so it never reaches them",
            "use credential.envVar",
        )
    elif reference.key is None and spec.type in POD_KEY:
        yield warning(
            "OM008",
            (*path, "key"),
            f"no key is named: the operator tries several, agent pods read {POD_KEY[spec.type]} only",
            f"name it, such as key: {POD_KEY[spec.type]}",
        )


def _lint_strategy(spec: Spec) -> Iterator[FieldFinding]:
    if spec.credential is None:
        return
    own = POD_KEY.get(spec.type or "")
    if spec.credential.env_var and own and spec.credential.env_var != own:
        yield warning(
            "OM012",
            ("credential", "envVar"),
            f"the default provider of an agent reads {own}, whatever stands here",
            f"write {own}",
        )
    if spec.credential.file_path:
        tell = warning if own else notice
        path = ("credential", "filePath")
        message = "only the dev console reads credential.filePath, agents do not"
        yield tell("OM013", path, message, "use credential.secretRef")
    if spec.platform is not None and spec.has_credential:
        message = "the platform hosts this provider, so pods use auth and not this credential"
        yield warning("OM041", ("credential",), message, "remove it")


def _lint_platform(spec: Spec) -> Iterator[FieldFinding]:
    hosted_on = spec.platform.type if spec.platform else None
    if spec.type and hosted_on and (spec.type, hosted_on) in NOT_HOSTED:
        yield warning(
            "OM017",
            ("platform", "type"),
            f"{spec.type} cannot run on {hosted_on}; newer CRDs refuse it",
            HOSTED_ELSEWHERE[spec.type],
        )
    if spec.auth is None:
        return
    identities = (
        ("roleArn", spec.auth.role_arn, "eks.amazonaws.com/role-arn"),
        (
            "serviceAccountEmail",
            spec.auth.service_account_email,
            "iam.gke.io/gcp-service-account",
        ),
    )
    for name, value, annotation in identities:
        if value:
            yield notice(
                "OM028",
                ("auth", name),
                f"{name} is stored and never used: the identity is that of the agent's service account",
                f"annotate that service account with {annotation}",
            )


def _lint_url(spec: Spec) -> Iterator[FieldFinding]:
    url, path = spec.base_url, ("baseURL",)
    if not url:
        return
    found = tuple(_URLS.findings(path, url))
    yield from found
    if not found and spec.type in _PROBED and _VERSION_SUFFIX.fullmatch(urls.path_of(url)):
        yield notice(
            "OM029",
            path,
            "the operator's probe adds the version to this URL again, so it cannot tell whether the key is valid",
            "keep it if requests need it, and try the key with an agent",
        )


def _lint_headers(spec: Spec) -> Iterator[FieldFinding]:
    instead = "use credential.secretRef where the type has it"
    yield from _headers.credentials("OM032", ("headers",), spec.headers or {}, instead)
    if spec.headers:
        yield notice(
            "OM030",
            ("headers",),
            "headers are sent by the default provider of an agent and by eval judges, not by its other providers",
            "where every request needs them, name a gateway in baseURL that adds them",
        )


def _lint_rest(spec: Spec) -> Iterator[FieldFinding]:
    listed = spec.capabilities or []
    for index, capability in enumerate(listed):
        if capability in listed[:index]:
            yield warning(
                "OM033", ("capabilities", index), "this capability is listed twice", "remove it"
            )
    pricing = spec.pricing
    if pricing is None:
        return
    if (pricing.input is None) != (pricing.output is None):
        message = "prices count only when both input and output are set"
        other = "inputCostPer1K" if pricing.input is None else "outputCostPer1K"
        yield warning("OM038", ("pricing",), message, f"add {other}")
    if pricing.cached is not None:
        path = ("pricing", "cachedCostPer1K")
        yield notice("OM038", path, "nothing reads the price of cached tokens", "remove it")
