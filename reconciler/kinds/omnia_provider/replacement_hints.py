"""What to write instead of fields and types that the CRD of Provider does not have, or not in every era."""

from __future__ import annotations

_TYPE = "write spec.type: claude, openai, gemini ..."
_CREDENTIAL = "write spec.credential.secretRef: {name: ..., key: ...}"
_ONE_LEVEL_DOWN = "write it in spec.credential.secretRef"
_HEADERS = "write spec.headers"
_AS_PLATFORM = "write the hyperscaler in spec.platform.type, and the protocol in spec.type: claude, openai, gemini"
# For what a later era added: the message has the date.
_NEWER = "upgrade the CRD of the cluster, and pin the newer one: this CRD has nothing like it"
_NO_ROLE = f"with this CRD every provider is an llm and needs no role; for another role, {_NEWER}"

_IN_SPEC = {
    "secretRef": "write it as spec.credential.secretRef, with the same fields",
    "apiKeySecretRef": _CREDENTIAL,
    "apiKey": f"store the key in a Secret, and {_CREDENTIAL}",
    "envVar": "write spec.credential.envVar",
    "filePath": "write spec.credential.filePath",
    "validateCredentials": "remove it: the operator always validates",
    "config": "write spec.defaults",
    "provider": _TYPE,
    "vendor": _TYPE,
    "endpoint": "write spec.baseURL, or on a platform spec.platform.endpoint",
    "url": "write spec.baseURL",
    "defaultHeaders": _HEADERS,
    "extraHeaders": _HEADERS,
    "headers": "set spec.baseURL to a gateway that adds them, or pin a newer CRD once the cluster has it",
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
    "auto": "write the type: it is no longer detected",
    **dict.fromkeys(("bedrock", "vertex", "azure-ai", "azure", "aws", "gcp"), _AS_PLATFORM),
    "vllm": "write openai, whose protocol it uses, with your baseURL and a credential",
    **dict.fromkeys(("voyageai", "cartesia", "elevenlabs", "imagen", "huggingface"), _NEWER),
}
_OF_PLATFORM = {
    "aws": "write bedrock",
    "gcp": "write vertex",
    "bedrock": "write aws, the name in this CRD",
    "vertex": "write gcp, the name in this CRD",
}
REPLACEMENT_HINTS: dict[tuple[str, ...], str] = {
    **{("spec", name): hint for name, hint in _IN_SPEC.items()},
    **{("spec", "type", value): hint for value, hint in _OF_TYPE.items()},
    **{("spec", "platform", "type", value): hint for value, hint in _OF_PLATFORM.items()},
    ("spec", "credential", "name"): _ONE_LEVEL_DOWN,
    ("spec", "credential", "key"): _ONE_LEVEL_DOWN,
    ("spec", "defaults", "requestTimeout"): f"remove it, or {_NEWER}",
    ("spec", "defaults", "streamIdleTimeout"): f"remove it, or {_NEWER}",
    ("spec", "role", "inference"): _NEWER,
}
