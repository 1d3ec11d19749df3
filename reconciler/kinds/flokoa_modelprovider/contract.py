"""A ModelProvider as its documentation promises it."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kinds import _urls
from reconciler.kinds._contract import Breach, Contract
from reconciler.kinds.flokoa_modelprovider.spec import BLOCKS, Spec

_NAME_IT = "write apiKeySecretRef: {name: ..., key: ...} with the Secret that holds the key"
_URL = "https://llm.example.com/v1"


class ModelProviderContract(Spec, Contract):
    """What the documentation asks for and only the webhook, or nobody, checks."""

    def breaches(self) -> Iterator[Breach]:
        yield from self._union()
        for block, url in self.urls:
            yield from _urls.breaches("FL002", (block, "baseURL"), url, _URL)
        for path, reference, _ in self.secrets:
            yield from reference.breaches("FL020", path)
            yield from reference.breaches_of_form("FL025", path)
        if self.bedrock is not None and not self.bedrock.region:
            path = ("bedrock", "region")
            yield Breach("FL009", path, "bedrock needs a region", "name it, such as eu-central-1")
        if self.api_key is None:
            yield from self._keys()

    def _union(self) -> Iterator[Breach]:
        listed = ", ".join(BLOCKS)
        if not self.blocks and not self.misspells(*BLOCKS):
            null = tuple(name for name in BLOCKS if name in self.model_fields_set)
            yield Breach(
                "FL001",
                null[:1],
                f"exactly one of {listed} must be set",
                "a block without settings is written `openai: {}`; an empty value is null and does not count",
            )
        for extra in self.blocks[1:]:
            yield Breach(
                "FL001",
                (extra,),
                f"only one of {listed} can be set, and {self.blocks[0]} is",
                "make a ModelProvider of each",
            )

    def _keys(self) -> Iterator[Breach]:
        """Without a base URL the vendor's own endpoint is meant, and that needs a key."""
        path = ("apiKeySecretRef",)
        if self.openai is not None and not self.openai.base_url:
            yield Breach("FL004", path, "openai needs apiKeySecretRef", _NAME_IT)
        if self.anthropic is not None and not self.anthropic.base_url:
            yield Breach("FL005", path, "anthropic needs apiKeySecretRef", _NAME_IT)
        if self.google is not None and not self.google.is_vertex:
            yield Breach(
                "FL006",
                path,
                "Google AI needs apiKeySecretRef",
                f"{_NAME_IT}; for Vertex AI set google.project",
            )
