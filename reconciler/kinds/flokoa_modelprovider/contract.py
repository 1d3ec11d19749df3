"""What the documentation of ModelProvider requires, and only the webhook checks, or nothing does."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kind import Contract, FieldFinding
from reconciler.kinds import _urls
from reconciler.kinds._findings import error
from reconciler.kinds.flokoa_modelprovider.spec import BLOCKS, Spec

_REFERENCE = "write apiKeySecretRef: {name: ..., key: ...} with the Secret that holds the key"
_URL = "https://llm.example.com/v1"


class ModelProviderContract(Spec, Contract):
    def findings(self) -> Iterator[FieldFinding]:
        yield from self._blocks()
        for block, url in self.urls:
            yield from _urls.unusable("FL002", (block, "baseURL"), url, _URL)
        for path, secret, _ in self.secrets:
            yield from secret.missing_parts("FL020", path)
            yield from secret.impossible_names("FL025", path)
        if self.bedrock is not None and not self.bedrock.region:
            path = ("bedrock", "region")
            yield error("FL009", path, "bedrock needs a region", "add one, such as eu-central-1")
        for path, region in self.regions:
            yield from _urls.region("FL029", path, region)
        if self.api_key is None:
            yield from self._api_key()

    def _blocks(self) -> Iterator[FieldFinding]:
        listed = ", ".join(BLOCKS)
        if not self.blocks and not self.misspells(*BLOCKS):
            null = tuple(name for name in BLOCKS if name in self.model_fields_set)
            yield error(
                "FL001",
                null[:1],
                f"exactly one of {listed} must be set",
                "write a block without settings as `openai: {}`; a block without a value is null and does not count",
            )
        for extra in self.blocks[1:]:
            yield error(
                "FL001",
                (extra,),
                f"only one of {listed} can be set, and {self.blocks[0]} is already set",
                "make a ModelProvider for each",
            )

    def _api_key(self) -> Iterator[FieldFinding]:
        """Without a base URL agents use the endpoint of the vendor, which requires a key."""
        path = ("apiKeySecretRef",)
        if self.openai is not None and not self.openai.base_url:
            yield error("FL004", path, "openai needs apiKeySecretRef", _REFERENCE)
        if self.anthropic is not None and not self.anthropic.base_url:
            yield error("FL005", path, "anthropic needs apiKeySecretRef", _REFERENCE)
        if self.google is not None and not self.google.is_vertex:
            yield error(
                "FL006",
                path,
                "Google AI needs apiKeySecretRef",
                f"{_REFERENCE}; for Vertex AI set google.project",
            )
