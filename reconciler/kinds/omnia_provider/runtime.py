"""How the pods of Omnia use a Provider: the agent runtime, the memory API, the dev console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from reconciler.kind import FieldFinding
from reconciler.kinds._findings import notice, warning
from reconciler.kinds.omnia_provider.rules import REFUSES_OPENAI_ON_VERTEX
from reconciler.kinds.omnia_provider.spec import NEVER_READ, Spec
from reconciler.model.document import JsonObject, dig
from reconciler.semantics.schema.crd import Crd

# The combinations that the runtime of April 2026 sent to the right endpoint.
_ROUTED_IN_APRIL = {("claude", "bedrock"), ("openai", "azure"), ("gemini", "vertex")}
_HOSTED = ("claude", "openai", "gemini")
_SETTINGS = {"tts": "voice: NAME", "stt": "language: en", "embedding": "dimensions: 1024"}
_STATIC = ("accessKey", "serviceAccount", "servicePrincipal")
# Files and variables of the system or of the pod itself, which hold no API key.
_SYSTEM_FILE = re.compile(
    r"/(etc/(shadow|passwd)|proc|sys|dev|root)(/.*)?|(/var)?/run/secrets/kubernetes\.io/.*"
)
_SYSTEM_VARIABLE = re.compile(
    r"LD_\w+|PATH|HOME|SHELL|PYTHON\w+|NODE_OPTIONS|GODEBUG|KUBERNETES_\w+"
)


def lint(spec: Spec) -> Iterator[FieldFinding]:
    yield from _lint_defaults(spec)
    yield from _lint_embedding(spec)
    yield from _lint_system_credential(spec)


def lint_with_crd(body: JsonObject, crd: Crd) -> tuple[FieldFinding, ...]:
    """The era of the CRD tells which operator and runtime are probably installed with it."""
    spec = Spec.of(body)
    return (*_lint_routes(spec, crd), *_lint_role(spec, crd))


def _lint_routes(spec: Spec, crd: Crd) -> Iterator[FieldFinding]:
    hosted_on = spec.platform.type if spec.platform else None
    if (
        hosted_on is not None
        and spec.type in _HOSTED
        and (spec.type, hosted_on) not in _ROUTED_IN_APRIL
        and not _has_rule(crd, REFUSES_OPENAI_ON_VERTEX)
    ):
        yield warning(
            "OM018",
            ("platform", "type"),
            f"the runtime that came with this CRD sends {spec.type} on {hosted_on} to the wrong endpoint",
            "upgrade Omnia: runtimes with PromptKit 1.4.6 or later use the right one",
        )


def _lint_role(spec: Spec, crd: Crd) -> Iterator[FieldFinding]:
    """With an older CRD, which has no roles, the unknown field is the finding."""
    example = _SETTINGS.get(spec.role or "")
    if spec.role and example and getattr(spec, spec.role) is None and _has_roles(crd):
        yield notice(
            "OM050",
            (spec.role,),
            f"role {spec.role} has no settings, so the defaults of the vendor apply",
            f"add {spec.role}: {{{example}}}, or the values that you need",
        )


def _has_roles(crd: Crd) -> bool:
    return any(version.schema.at("spec", "role") for version in crd.versions)


def _has_rule(crd: Crd, rule: str) -> bool:
    specs = (version.schema.at("spec") for version in crd.versions)
    return any(known.rule == rule for spec in specs if spec for known in spec.rules)


def lint_across(bodies: tuple[JsonObject, ...]) -> tuple[tuple[int, FieldFinding], ...]:
    """Providers with static credentials of one cloud: an agent has one set of environment variables for a cloud."""
    static: list[tuple[str, str, int, str]] = []
    for index, body in enumerate(bodies):
        spec = Spec.of(body)
        if spec.platform and spec.platform.type and spec.auth and spec.auth.type in _STATIC:
            namespace, name = (str(dig(body, "metadata", key)) for key in ("namespace", "name"))
            static.append((namespace, spec.platform.type, index, name))
    findings: list[tuple[int, FieldFinding]] = []
    for (_, platform), group in groupby(sorted(static), key=lambda entry: entry[:2]):
        first, *others = list(group)
        findings += [(index, _collision(platform, first[3])) for *_, index, _ in others]
    return tuple(findings)


def _collision(platform: str, other: str) -> FieldFinding:
    return notice(
        "OM046",
        ("auth", "type"),
        f"{other} has static credentials of {platform} too, and an agent that uses both can hold only one set",
        "use them in different agents, or use workloadIdentity for one",
    )


def _lint_defaults(spec: Spec) -> Iterator[FieldFinding]:
    if spec.defaults is None or spec.role not in (None, "llm"):
        return
    unread = [name for name, field in NEVER_READ if getattr(spec.defaults, field) is not None]
    if unread:
        yield notice(
            "OM035",
            ("defaults",),
            f"agents do not read {', '.join(unread)}; only eval judges and arena workers do",
            "set them in the PromptPack of the agent",
        )


def _lint_embedding(spec: Spec) -> Iterator[FieldFinding]:
    if spec.role != "embedding" or spec.platform is None or spec.auth is None:
        return
    if (spec.platform.type, spec.auth.type) != ("azure", "workloadIdentity"):
        yield warning(
            "OM045",
            ("platform", "type"),
            "the only platform on which the memory API reaches embeddings is azure with workloadIdentity",
            "use that, or the vendor's own endpoint with a credential",
        )


def _lint_system_credential(spec: Spec) -> Iterator[FieldFinding]:
    credential = spec.credential
    if credential is None:
        return
    if credential.file_path and _SYSTEM_FILE.fullmatch(credential.file_path):
        path, subject = ("credential", "filePath"), "a file of the system"
    elif credential.env_var and _SYSTEM_VARIABLE.fullmatch(credential.env_var):
        path, subject = ("credential", "envVar"), "a variable of the system"
    else:
        return
    yield warning("OM054", path, f"{subject} does not hold an API key", "use one of your own")
