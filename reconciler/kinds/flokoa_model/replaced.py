"""What to write instead of fields that no Model has, or that another CRD of it has."""

from __future__ import annotations

# The keys that the webhook forbids in `extra`, and the field of `settings` that each has.
TYPED = {
    "max_tokens": "maxTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "timeout": "timeoutSeconds",
    "parallel_tool_calls": "parallelToolCalls",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "logit_bias": "logitBias",
    "stop_sequences": "stopSequences",
    "extra_headers": "extraHeaders",
}
_PROVIDER = "write providerRef: {name: ...} with the name of the ModelProvider"
_IN_PROVIDER = "write it in the ModelProvider, as spec."
_THE_OTHER = "this is the dialect of another CRD; pin the one that your cluster has"
_DIALECT = "(parameters on the CRD of the Helm chart)"

_OF_SPEC = {
    "parameters": f"write spec.settings; {_THE_OTHER}",
    "settings": f"write spec.parameters; {_THE_OTHER}",
    "provider": _PROVIDER,
    "modelProvider": _PROVIDER,
    "name": "write spec.model",
    "id": "write spec.model",
    "apiKeySecretRef": f"{_IN_PROVIDER}apiKeySecretRef",
    "baseURL": f"{_IN_PROVIDER}openai.baseURL",
    **{name: f"write spec.settings.{name} {_DIALECT}" for name in TYPED.values()},
}
REPLACED: dict[tuple[str, ...], str] = {
    **{("spec", name): instead for name, instead in _OF_SPEC.items()},
    ("spec", "settings", "timeout"): "write timeoutSeconds",
    ("spec", "settings", "timeOut"): "write timeoutSeconds",
    ("spec", "settings", "extraBody"): "write extra.extra_body",
    ("spec", "parameters", "timeoutSeconds"): "write timeOut",
    ("spec", "parameters", "extra"): "write extraBody",
}
