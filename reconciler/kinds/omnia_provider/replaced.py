"""What to write instead of fields and types that no Provider has, no longer has, or does not have yet."""

from __future__ import annotations

_TYPE = "write spec.type: claude, openai, gemini ..."
_CREDENTIAL = "write spec.credential.secretRef: {name: ..., key: ...}"
_ONE_DEEPER = "write it into spec.credential.secretRef"
_HEADERS = "write spec.headers"
_AS_PLATFORM = (
    "the hyperscaler is spec.platform.type, and spec.type the protocol: claude, openai, gemini"
)
# Of what came later: the finding says when.
_NEWER = "upgrade the CRD of the cluster and pin the newer one: this one cannot say it"
_NO_ROLE = f"on this CRD every provider is an llm, and needs no role; for another, {_NEWER}"

_OF_SPEC = {
    "secretRef": "write it as spec.credential.secretRef, the shape is the same",
    "apiKeySecretRef": _CREDENTIAL,
    "apiKey": f"put the key into a Secret, and {_CREDENTIAL}",
    "envVar": "write spec.credential.envVar",
    "filePath": "write spec.credential.filePath",
    "validateCredentials": "remove it: the operator always checks",
    "config": "write spec.defaults",
    "provider": _TYPE,
    "vendor": _TYPE,
    "endpoint": "write spec.baseURL, on a platform spec.platform.endpoint",
    "url": "write spec.baseURL",
    "defaultHeaders": _HEADERS,
    "extraHeaders": _HEADERS,
    "headers": "name a gateway in spec.baseURL that adds them, or pin a newer CRD once the cluster has it",
    "role": _NO_ROLE,
    **dict.fromkeys(("tts", "stt", "embedding"), _NEWER),
    **{name: f"write spec.platform.{name}" for name in ("region", "project")},
    **{name: f"write spec.auth.{name}" for name in ("credentialsSecretRef", "roleArn")},
    **{
        name: f"write spec.defaults.{name}"
        for name in ("temperature", "topP", "maxTokens", "contextWindow", "requestTimeout")
    },
}
_OF_TYPE = {
    "anthropic": "write claude",
    "google": "write gemini",
    "auto": "name the type: it is not guessed any more",
    **dict.fromkeys(("bedrock", "vertex", "azure-ai", "azure", "aws", "gcp"), _AS_PLATFORM),
    "vllm": "write openai, whose protocol it speaks, with your baseURL and a credential",
    **dict.fromkeys(("voyageai", "cartesia", "elevenlabs", "imagen", "huggingface"), _NEWER),
}
_OF_PLATFORM = {
    "aws": "write bedrock",
    "gcp": "write vertex",
    "bedrock": "write aws, as this CRD calls it",
    "vertex": "write gcp, as this CRD calls it",
}
REPLACED: dict[tuple[str, ...], str] = {
    **{("spec", name): instead for name, instead in _OF_SPEC.items()},
    **{("spec", "type", value): instead for value, instead in _OF_TYPE.items()},
    **{("spec", "platform", "type", value): instead for value, instead in _OF_PLATFORM.items()},
    ("spec", "credential", "name"): _ONE_DEEPER,
    ("spec", "credential", "key"): _ONE_DEEPER,
    ("spec", "defaults", "requestTimeout"): f"remove it, or {_NEWER}",
    ("spec", "defaults", "streamIdleTimeout"): f"remove it, or {_NEWER}",
    ("spec", "role", "inference"): _NEWER,
}
