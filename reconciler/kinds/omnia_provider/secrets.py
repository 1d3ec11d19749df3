"""The Secret keys that an Omnia Provider references, resolved as its operator and the agent pods do.

An environment variable or a mounted file is not a reference: nothing outside the pod can read it.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kinds._secrets import SecretKeyRef
from reconciler.kinds._spec import namespace_of
from reconciler.kinds.omnia_provider.spec import Auth, Spec
from reconciler.model.document import JsonObject
from reconciler.model.path import FieldPath
from reconciler.model.secret import Format, SecretReference

# In the order in which the operator tries them when a reference has no key; it uses the first that exists.
_CANDIDATES = {
    "claude": ("ANTHROPIC_API_KEY", "CLAUDE_API_KEY", "api-key"),
    "openai": ("OPENAI_API_KEY", "OPENAI_TOKEN", "api-key"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY", "api-key"),
    "voyageai": ("VOYAGE_API_KEY", "api-key"),
}
_OTHER_TYPES = ("api-key", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY")
_PLATFORM_KEYS = {
    "accessKey": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    "servicePrincipal": ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"),
}
_OPTIONAL_KEYS = {"accessKey": ("AWS_SESSION_TOKEN",)}
_AUTH: FieldPath = ("spec", "auth", "credentialsSecretRef")


def secret_references(body: JsonObject) -> tuple[SecretReference, ...]:
    spec, namespace = Spec.of(body), namespace_of(body)
    return (*_credential(spec, namespace), *_platform(spec, namespace))


def _credential(spec: Spec, namespace: str) -> Iterator[SecretReference]:
    if spec.secret is None:
        return
    path, reference = spec.secret
    if reference.name:
        keys = _CANDIDATES.get(spec.type or "", _OTHER_TYPES)
        if reference.key is not None:
            keys = (reference.key,)
        yield SecretReference.at(("spec", *path), namespace, reference.name, keys)


def _platform(spec: Spec, namespace: str) -> Iterator[SecretReference]:
    auth = spec.auth
    if auth is None or auth.credentials is None or not auth.credentials.name:
        return
    if auth.type == "serviceAccount":
        keys = ("credentials.json" if auth.credentials.key is None else auth.credentials.key,)
        name = auth.credentials.name
        yield SecretReference.at(_AUTH, namespace, name, keys, value_format=Format.JSON_OBJECT)
    else:
        yield from _platform_keys(auth, auth.credentials, namespace)


def _platform_keys(auth: Auth, secret: SecretKeyRef, namespace: str) -> Iterator[SecretReference]:
    """One reference per key: pods need all of them, and ignore the key of the reference."""
    required = _PLATFORM_KEYS.get(auth.type or "", ())
    for key in (*required, *_OPTIONAL_KEYS.get(auth.type or "", ())):
        optional = key not in required
        yield SecretReference.at(
            _AUTH, namespace, str(secret.name), (key,), several=True, optional=optional
        )
