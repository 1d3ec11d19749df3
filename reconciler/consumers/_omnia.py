"""The kinds of Omnia, and what its pods read of a Provider."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kinds import omnia_provider
from reconciler.kinds.omnia_provider.spec import POD_KEY, Spec
from reconciler.model.document import JsonObject
from reconciler.model.identity import Endpoint
from reconciler.model.path import FieldPath, starts_with
from reconciler.model.secret import SecretReference

PROVIDER = omnia_provider.KIND.endpoint.group_kind
GROUP, VERSION = omnia_provider.KIND.endpoint.group, omnia_provider.KIND.endpoint.version
AGENT_RUNTIME = Endpoint(GROUP, VERSION, "AgentRuntime", "agentruntimes")


def credential(provider: JsonObject, default_key: str = "") -> Iterator[SecretReference]:
    """The Secret of the credential as pods read it, in the namespace of the provider; a platform has none.

    Without a key in the reference pods read one name only, where the operator tries several.
    """
    spec = Spec.of(provider)
    if spec.platform is not None or spec.secret is None:
        return
    path, secret = spec.secret
    key = default_key or POD_KEY.get(spec.type or "", "") if secret.key is None else secret.key
    if secret.name and key:
        yield SecretReference.at(("spec", *path), namespace_of(provider), secret.name, (key,))


def platform_keys(provider: JsonObject) -> Iterator[SecretReference]:
    """The keys of the platform's Secret, which pods read as the operator does."""
    for reference in omnia_provider.KIND.secret_references(provider):
        if starts_with(reference.path, ("spec", "auth")):
            yield reference


def namespace_of(body: JsonObject) -> str:
    return str(body["metadata"].get("namespace") or "")


def any_below(paths: tuple[FieldPath, ...], fields: tuple[FieldPath, ...]) -> bool:
    """Whether one of the paths is at a field, or below or above it."""
    return any(
        starts_with(path, field) or starts_with(field, path) for path in paths for field in fields
    )
