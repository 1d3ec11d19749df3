"""The spec of an Omnia Provider as the rules read it, and facts about its types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from reconciler.kinds._secrets import SecretKeyRef
from reconciler.kinds._spec import BLOCK, Block, Items, Map, Number, Text

# The key that agent pods, the eval worker and the memory API read when a reference has none. For other types they read
# no key of a Secret: only an environment variable of the pod reaches the agent.
POD_KEY = {
    "claude": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "voyageai": "VOYAGE_API_KEY",
    "huggingface": "HF_TOKEN",
}
NUMBER = re.compile(r"\d+(\.\d+)?|\.\d+")  # as agents and eval judges parse it
# The operator requires a credential for these, unless a platform hosts them.
NEED_CREDENTIAL = ("claude", "openai", "gemini", "voyageai")
# Types for speech and images: agents have no variable for their key.
WITHOUT_POD_KEY = ("cartesia", "elevenlabs", "imagen")
# Combinations that no hyperscaler offers; the CRD has refused them since 2026-04-20.
NOT_HOSTED = {("openai", "vertex"), ("gemini", "bedrock"), ("gemini", "azure")}
HOSTED_ELSEWHERE = {
    "openai": "use platform azure or bedrock, or type claude or gemini",
    "gemini": "use platform vertex",
}

# Defaults that the agent runtime does not read, and their attributes here.
NEVER_READ = (("temperature", "temperature"), ("topP", "top_p"), ("maxTokens", "max_tokens"))


class Credential(Block):
    secret_ref: Annotated[SecretKeyRef | None, BLOCK] = Field(None, alias="secretRef")
    env_var: Text = Field(None, alias="envVar")
    file_path: Text = Field(None, alias="filePath")


class Platform(Block):
    type: Text = None
    region: Text = None
    project: Text = None
    endpoint: Text = None


class Auth(Block):
    type: Text = None
    role_arn: Text = Field(None, alias="roleArn")
    service_account_email: Text = Field(None, alias="serviceAccountEmail")
    credentials: Annotated[SecretKeyRef | None, BLOCK] = Field(None, alias="credentialsSecretRef")


class Defaults(Block):
    temperature: Text = None
    top_p: Text = Field(None, alias="topP")
    max_tokens: Number = Field(None, alias="maxTokens")
    context_window: Number = Field(None, alias="contextWindow")
    request_timeout: Text = Field(None, alias="requestTimeout")
    stream_idle_timeout: Text = Field(None, alias="streamIdleTimeout")


class Pricing(Block):
    input: Text = Field(None, alias="inputCostPer1K")
    output: Text = Field(None, alias="outputCostPer1K")
    cached: Text = Field(None, alias="cachedCostPer1K")


class Spec(Block):
    type: Text = None
    model: Text = None
    role: Text = None
    base_url: Text = Field(None, alias="baseURL")
    secret_ref: Annotated[SecretKeyRef | None, BLOCK] = Field(None, alias="secretRef")
    credential: Annotated[Credential | None, BLOCK] = None
    platform: Annotated[Platform | None, BLOCK] = None
    auth: Annotated[Auth | None, BLOCK] = None
    headers: Map = None
    capabilities: Items = None
    defaults: Annotated[Defaults | None, BLOCK] = None
    pricing: Annotated[Pricing | None, BLOCK] = None
    tts: Map = None
    stt: Map = None
    embedding: Map = None

    @property
    def secret(self) -> tuple[tuple[str, ...], SecretKeyRef] | None:
        """The reference that the operator uses, with its path: `credential` overrides the legacy field."""
        if self.credential is not None:
            secret = self.credential.secret_ref
            return (("credential", "secretRef"), secret) if secret else None
        return (("secretRef",), self.secret_ref) if self.secret_ref else None

    @property
    def secrets(self) -> Iterator[tuple[tuple[str, ...], SecretKeyRef]]:
        """Every reference in the spec, with its path."""
        references = (
            (("secretRef",), self.secret_ref),
            (("credential", "secretRef"), self.credential and self.credential.secret_ref),
            (("auth", "credentialsSecretRef"), self.auth and self.auth.credentials),
        )
        return ((path, reference) for path, reference in references if reference)

    @property
    def has_credential(self) -> bool:
        own = self.credential
        return self.secret_ref is not None or (
            own is not None
            and any(part is not None for part in (own.secret_ref, own.env_var, own.file_path))
        )
