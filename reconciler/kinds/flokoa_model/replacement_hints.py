"""What to write instead of fields that no CRD of Model has, or only a CRD of another era."""

from __future__ import annotations

# The keys that the webhook refuses in `extra`, and the field of `settings` for each.
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
_OTHER_CRD = "this field is of another CRD; pin the CRD that your cluster has"
_DIALECT = "(with the CRD of the Helm chart: spec.parameters)"

_IN_SPEC = {
    "parameters": f"write spec.settings; {_OTHER_CRD}",
    "settings": f"write spec.parameters; {_OTHER_CRD}",
    "provider": _PROVIDER,
    "modelProvider": _PROVIDER,
    "name": "write spec.model",
    "id": "write spec.model",
    "apiKeySecretRef": f"{_IN_PROVIDER}apiKeySecretRef",
    "baseURL": f"{_IN_PROVIDER}openai.baseURL",
    **{name: f"write spec.settings.{name} {_DIALECT}" for name in TYPED.values()},
}
REPLACEMENT_HINTS: dict[tuple[str, ...], str] = {
    **{("spec", name): hint for name, hint in _IN_SPEC.items()},
    ("spec", "settings", "timeout"): "write timeoutSeconds",
    ("spec", "settings", "timeOut"): "write timeoutSeconds",
    ("spec", "settings", "extraBody"): "write extra.extra_body",
    ("spec", "parameters", "timeoutSeconds"): "write timeOut",
    ("spec", "parameters", "extra"): "write extraBody",
}
