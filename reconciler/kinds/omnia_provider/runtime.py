"""What the pods of Omnia make of a Provider: the agent runtime, the memory API, the dev console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from reconciler.kind import FieldFinding
from reconciler.kinds._contract import notice, warning
from reconciler.kinds.omnia_provider.rules import REFUSES_OPENAI_ON_VERTEX
from reconciler.kinds.omnia_provider.spec import NEVER_READ, Spec
from reconciler.model.document import JsonObject, dig
from reconciler.semantics.schema.crd import Crd

# The combinations that the runtime of April 2026 sent to the right place.
_ROUTED_IN_APRIL = {("claude", "bedrock"), ("openai", "azure"), ("gemini", "vertex")}
_HOSTED = ("claude", "openai", "gemini")
_SETTINGS = {"tts": "voice: NAME", "stt": "language: en", "embedding": "dimensions: 1024"}
_STATIC = ("accessKey", "serviceAccount", "servicePrincipal")
# What belongs to the system or to the pod itself; nobody keeps an API key there.
_FOREIGN_FILE = re.compile(
    r"/(etc/(shadow|passwd)|proc|sys|dev|root)(/.*)?|(/var)?/run/secrets/kubernetes\.io/.*"
)
_FOREIGN_VARIABLE = re.compile(
    r"LD_\w+|PATH|HOME|SHELL|PYTHON\w+|NODE_OPTIONS|GODEBUG|KUBERNETES_\w+"
)


def lint(spec: Spec) -> Iterator[FieldFinding]:
    yield from _lint_defaults(spec)
    yield from _lint_embedding(spec)
    yield from _lint_foreign(spec)


def lint_by(body: JsonObject, crd: Crd) -> tuple[FieldFinding, ...]:
    """By the age of the CRD: an operator and a runtime of its days are what is probably installed with it."""
    spec = Spec.of(body)
    return (*_lint_routes(spec, crd), *_lint_role(spec, crd))


def _lint_routes(spec: Spec, crd: Crd) -> Iterator[FieldFinding]:
    hosted_on = spec.platform.type if spec.platform else None
    if (
        hosted_on is not None
        and spec.type in _HOSTED
        and (spec.type, hosted_on) not in _ROUTED_IN_APRIL
        and not _refuses(crd, REFUSES_OPENAI_ON_VERTEX)
    ):
        yield warning(
            "OM018",
            ("platform", "type"),
            f"the runtime that came with this CRD sends {spec.type} on {hosted_on} to the wrong endpoint",
            "upgrade Omnia: runtimes with PromptKit 1.4.6 and newer send it to the right one",
        )


def _lint_role(spec: Spec, crd: Crd) -> Iterator[FieldFinding]:
    """An older CRD has neither roles nor their blocks, and says so."""
    example = _SETTINGS.get(spec.role or "")
    if spec.role and example and getattr(spec, spec.role) is None and _has_roles(crd):
        yield notice(
            "OM050",
            (spec.role,),
            f"role {spec.role} has no settings of its own: those of the vendor count",
            f"add {spec.role}: {{{example}}}, or what you want",
        )


def _has_roles(crd: Crd) -> bool:
    return any(version.schema.at("spec", "role") for version in crd.versions)


def _refuses(crd: Crd, rule: str) -> bool:
    specs = (version.schema.at("spec") for version in crd.versions)
    return any(known.rule == rule for spec in specs if spec for known in spec.rules)


def lint_together(bodies: tuple[JsonObject, ...]) -> tuple[tuple[int, FieldFinding], ...]:
    """Static credentials of one cloud: an agent hands them to its libraries in one set of environment variables."""
    static: list[tuple[str, str, int, str]] = []
    for index, body in enumerate(bodies):
        spec = Spec.of(body)
        if spec.platform and spec.platform.type and spec.auth and spec.auth.type in _STATIC:
            namespace, name = (str(dig(body, "metadata", key)) for key in ("namespace", "name"))
            static.append((namespace, spec.platform.type, index, name))
    found: list[tuple[int, FieldFinding]] = []
    for (_, platform), listed in groupby(sorted(static), key=lambda entry: entry[:2]):
        first, *others = list(listed)
        found += [(index, _collision(platform, first[3])) for *_, index, _ in others]
    return tuple(found)


def _collision(platform: str, other: str) -> FieldFinding:
    return notice(
        "OM046",
        ("auth", "type"),
        f"{other} has static credentials of {platform} too: an agent that uses both has room for one of them",
        "use them in different agents, or workloadIdentity for one",
    )


def _lint_defaults(spec: Spec) -> Iterator[FieldFinding]:
    if spec.defaults is None or spec.role not in (None, "llm"):
        return
    unread = [name for name, field in NEVER_READ if getattr(spec.defaults, field) is not None]
    if unread:
        yield notice(
            "OM035",
            ("defaults",),
            f"agents do not read {', '.join(unread)}: eval judges and arena workers do",
            "set them in the PromptPack of the agent",
        )


def _lint_embedding(spec: Spec) -> Iterator[FieldFinding]:
    if spec.role != "embedding" or spec.platform is None or spec.auth is None:
        return
    if (spec.platform.type, spec.auth.type) != ("azure", "workloadIdentity"):
        yield warning(
            "OM045",
            ("platform", "type"),
            "the memory API reaches embeddings on a platform by azure with workloadIdentity only",
            "use that, or the vendor's own endpoint with a credential",
        )


def _lint_foreign(spec: Spec) -> Iterator[FieldFinding]:
    given = spec.credential
    if given is None:
        return
    if given.file_path and _FOREIGN_FILE.fullmatch(given.file_path):
        path, what = ("credential", "filePath"), "this file is the system's own"
    elif given.env_var and _FOREIGN_VARIABLE.fullmatch(given.env_var):
        path, what = ("credential", "envVar"), "this variable steers the process itself"
    else:
        return
    yield warning("OM054", path, f"{what}: no API key stands there", "name one of your own")
