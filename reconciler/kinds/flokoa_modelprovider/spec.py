"""The spec of a Flokoa ModelProvider as its operator reads it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.kinds._flokoa import SecretKeyRef
from reconciler.kinds._spec import BLOCK, Block, Flag, Map, Text
from reconciler.model.secret import Format

BLOCKS = ("openai", "anthropic", "google", "bedrock")


class Api(Block):
    """`openai`, `anthropic`."""

    base_url: Text = Field(None, alias="baseURL")


class Google(Block):
    project: Text = None
    location: Text = None
    service_account: Annotated[SecretKeyRef | None, BLOCK] = Field(
        None, alias="serviceAccountKeySecretRef"
    )

    @property
    def is_vertex(self) -> bool:
        """Decided as the operator does; a location does not count."""
        return bool(self.project) or self.service_account is not None


class Bedrock(Block):
    region: Text = None


class Tls(Block):
    insecure: Flag = Field(None, alias="insecureSkipVerify")
    ca: Annotated[SecretKeyRef | None, BLOCK] = Field(None, alias="caSecretRef")
    use_system_cas: Flag = Field(None, alias="useSystemCAs")


class Spec(Block):
    """The spec as the operator reads it: a block that is null counts as absent."""

    openai: Annotated[Api | None, BLOCK] = None
    anthropic: Annotated[Api | None, BLOCK] = None
    google: Annotated[Google | None, BLOCK] = None
    bedrock: Annotated[Bedrock | None, BLOCK] = None
    api_key: Annotated[SecretKeyRef | None, BLOCK] = Field(None, alias="apiKeySecretRef")
    tls: Annotated[Tls | None, BLOCK] = None
    default_headers: Map = Field(None, alias="defaultHeaders")

    @property
    def blocks(self) -> tuple[str, ...]:
        return tuple(name for name in BLOCKS if getattr(self, name) is not None)

    @property
    def urls(self) -> tuple[tuple[str, str], ...]:
        """Block and base URL, where one is set."""
        apis = (("openai", self.openai), ("anthropic", self.anthropic))
        return tuple((name, api.base_url) for name, api in apis if api and api.base_url)

    @property
    def regions(self) -> tuple[tuple[tuple[str, str], str | None], ...]:
        """The fields from which libraries of a cloud make a host, with their paths."""
        return (
            (("google", "location"), self.google.location if self.google else None),
            (("bedrock", "region"), self.bedrock.region if self.bedrock else None),
        )

    @property
    def secrets(self) -> tuple[tuple[tuple[str, ...], SecretKeyRef, Format], ...]:
        """Each reference with its path and the format that the value must have."""
        account = self.google.service_account if self.google else None
        authority = self.tls.ca if self.tls else None
        secrets: list[tuple[tuple[str, ...], SecretKeyRef, Format]] = []
        if self.api_key:
            secrets.append((("apiKeySecretRef",), self.api_key, Format.ANY))
        if account:
            secrets.append((("google", "serviceAccountKeySecretRef"), account, Format.JSON_OBJECT))
        if authority:
            secrets.append((("tls", "caSecretRef"), authority, Format.PEM))
        return tuple(secrets)
