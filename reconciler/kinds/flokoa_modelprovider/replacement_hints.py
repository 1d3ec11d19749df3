"""What to write instead of fields that no CRD of ModelProvider has, or only an older one."""

from __future__ import annotations

from reconciler.kinds.flokoa_modelprovider.spec import BLOCKS

_VENDOR = "write the block of the vendor, such as `openai: {}`"
_URL = "write it in the block of the vendor: spec.openai.baseURL, spec.anthropic.baseURL"
_OPENAI_LIKE = "write `openai: {baseURL: ...}`: the server uses the protocol of OpenAI"
_KEY = "write spec.apiKeySecretRef: {name: ..., key: ...}"
_KEY_VALUE = f"store the key in a Secret, and {_KEY}"
_MODEL = "write it in a Model, as spec.model"
_TIMEOUT = "write Model.spec.settings.timeoutSeconds"
_HEADERS = "write Model.spec.settings.extraHeaders"
_VARIABLE = "set variables, such as HTTPS_PROXY, in Agent.spec.runtime.env"
_IDENTITY = "remove it: agents use the AWS role of their service account"

_IN_SPEC = {
    "provider": _VENDOR,
    "type": _VENDOR,
    "vertex": "write `google: {project: ...}`",
    "gemini": "write `google: {}`",
    "ollama": _OPENAI_LIKE,
    "vllm": _OPENAI_LIKE,
    "baseURL": _URL,
    "baseUrl": _URL,
    "endpoint": _URL,
    "url": _URL,
    "secretRef": _KEY,
    "credential": _KEY,
    "apiKey": _KEY_VALUE,
    "model": _MODEL,
    "timeoutSeconds": _TIMEOUT,
    "headers": _HEADERS,
    "env": _VARIABLE,
    "proxy": _VARIABLE,
    "region": "write spec.bedrock.region",
    "project": "write spec.google.project",
    "location": "write spec.google.location",
}
_IN_EVERY_BLOCK = {
    "apiKeySecretRef": f"{_KEY}, beside the block",
    "secretRef": f"{_KEY}, beside the block",
    "apiKey": _KEY_VALUE,
    "model": _MODEL,
    "timeoutSeconds": _TIMEOUT,
    "headers": _HEADERS,
    "env": _VARIABLE,
    "proxy": _VARIABLE,
}
REPLACEMENT_HINTS: dict[tuple[str, ...], str] = {
    **{("spec", name): hint for name, hint in _IN_SPEC.items()},
    **{("spec", block, name): hint for block in BLOCKS for name, hint in _IN_EVERY_BLOCK.items()},
    ("spec", "openai", "organizationID"): "set OPENAI_ORG_ID in Agent.spec.runtime.env",
    ("spec", "openai", "organization"): "set OPENAI_ORG_ID in Agent.spec.runtime.env",
    ("spec", "bedrock", "inferenceProfileARN"): "write it as Model.spec.model, `bedrock:ARN`",
    ("spec", "bedrock", "accessKeyID"): _IDENTITY,
    ("spec", "bedrock", "secretAccessKey"): _IDENTITY,
    ("spec", "bedrock", "credentialsSecretRef"): _IDENTITY,
}
