"""The kinds of Flokoa, and the environment variables that its agents get from a ModelProvider."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kinds._flokoa import GROUP, VERSION
from reconciler.kinds.flokoa_modelprovider.spec import Spec
from reconciler.model.document import JsonObject
from reconciler.model.identity import Endpoint, GroupKind
from reconciler.model.path import FieldPath

AGENT = Endpoint(GROUP, VERSION, "Agent", "agents")
MODEL = GroupKind(GROUP, "Model")
MODEL_PROVIDER = GroupKind(GROUP, "ModelProvider")

_API_KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GOOGLE_API_KEY",
}
# The operator stores these, and passes none of them to an agent.
IGNORED: tuple[FieldPath, ...] = (("spec", "tls"), ("spec", "defaultHeaders"))


def projected(provider: JsonObject) -> Iterator[tuple[FieldPath, str, str, str, bool]]:
    """What agents get from Secrets: the field, the name and key of the Secret, the variable, whether it is optional."""
    spec = Spec.of(provider)
    for path, secret, _ in spec.secrets:
        variable = ""
        if path == ("apiKeySecretRef",):
            variable = next((_API_KEYS[block] for block in spec.blocks if block in _API_KEYS), "")
        elif path == ("google", "serviceAccountKeySecretRef"):
            variable = "GOOGLE_APPLICATION_CREDENTIALS_JSON"
        if variable and secret.name and secret.key:
            yield ("spec", *path), secret.name, secret.key, variable, bool(secret.optional)
