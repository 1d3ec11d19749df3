"""The rules of an Omnia Provider on requests and prices: why each exists, and an example before and after correction."""

# ruff: noqa: E501 -- sentences and examples
from __future__ import annotations

from reconciler.model.codes import Rule

_KEY = "credential: {secretRef: {name: openai, key: OPENAI_API_KEY}}"
_OPENAI = f"spec:\n  type: openai\n  model: gpt-5\n  {_KEY}"
_VLLM = "spec:\n  type: vllm\n  model: qwen3-32b"

CODES = {
    "OM029": Rule(
        "A base URL that is unusable, or that the operator cannot probe",
        "The operator's probe appends /v1/models (openai, claude) or /v1beta/models (gemini) to the URL. A URL that ends"
        " with /v1 is probed at /v1/v1/models, and the key stays unverified. Requests are not affected.",
        f"{_OPENAI}\n  baseURL: llm.example.com",
        f"{_OPENAI}\n  baseURL: https://llm.example.com",
    ),
    "OM030": Rule(
        "Headers that only some requests have",
        "The default provider of an agent and eval judges send them. The other providers of an agent, arena workers, the"
        " memory API and the operator's probes do not.",
        f"{_OPENAI}\n  headers: {{X-Title: search}}",
        f"# if every request needs them: a gateway of your own that adds them\n{_OPENAI}\n"
        "  baseURL: http://gateway.llm.svc:8080",
    ),
    "OM031": Rule(
        "A header that the runtime sets itself",
        "The runtime refuses a request with a header that it sets itself, whatever the case: Content-Type and Accept, and"
        " depending on the type Authorization, or X-API-Key and anthropic-version.",
        f"{_OPENAI}\n  headers: {{authorization: x}}",
        _OPENAI,
    ),
    "OM033": Rule(
        "A capability that is listed twice",
        "The CRD accepts it. The second entry adds nothing, and removing only one of the two later removes nothing.",
        f"{_OPENAI}\n  capabilities: [text, text]",
        f"{_OPENAI}\n  capabilities: [text]",
    ),
    "OM034": Rule(
        "A sampling value that is not a number in its range",
        "temperature (0.0 to 2.0) and topP (0.0 to 1.0) are strings without a pattern: the CRD accepts any value, agents"
        " read none, and eval judges ignore one that they cannot parse: a warning.",
        f'{_OPENAI}\n  defaults: {{temperature: "hot"}}',
        f'{_OPENAI}\n  defaults: {{temperature: "0.7"}}',
    ),
    "OM035": Rule(
        "Defaults that agents do not read",
        "The documentation says that defaults apply to all requests. The agent runtime reads contextWindow, truncationStrategy"
        " and the two timeouts; only eval judges and arena workers read temperature, topP and maxTokens.",
        f'{_OPENAI}\n  defaults: {{temperature: "0.7"}}',
        f"{_OPENAI}\n  defaults: {{contextWindow: 128000}}",
    ),
    "OM036": Rule(
        "A token count that is not positive",
        "The CRD has no minimum, but vendors refuse every request with a count of zero or less.",
        f"{_OPENAI}\n  defaults: {{maxTokens: 0}}",
        f"{_OPENAI}\n  defaults: {{maxTokens: 1024}}",
    ),
    "OM038": Rule(
        "A price that is not a number, or has no effect",
        "Prices are strings without a pattern. With one that is not a number the pod does not start; the input price and the"
        " output price have no effect without each other, and nothing reads the price of cached tokens.",
        f'{_OPENAI}\n  pricing: {{inputCostPer1K: "0.001"}}',
        f'{_OPENAI}\n  pricing: {{inputCostPer1K: "0.001", outputCostPer1K: "0.002"}}',
    ),
    "OM048": Rule(
        "A timeout that is not a Go duration",
        "requestTimeout and streamIdleTimeout, in the CRD since 2026-04-10, are strings that Go parses: a number and its unit. With"
        " one that it cannot parse the provider is ready, and the pods of agents do not start.",
        f'{_OPENAI}\n  defaults: {{requestTimeout: "90"}}',
        f"{_OPENAI}\n  defaults: {{requestTimeout: 90s}}",
    ),
    "OM049": Rule(
        "A local server without its base URL",
        "ollama and vllm are servers of your own. The description in the CRD says that they need a base URL, but the CRD does"
        " not require it; without one the operator probes nothing and marks the provider ready. For ollama this is a warning,"
        " since the documentation of Omnia shows such a provider for embeddings.",
        _VLLM,
        f"{_VLLM}\n  baseURL: http://vllm.inference.svc:8000/v1",
    ),
    "OM051": Rule(
        "Prompts and keys travel over plain http",
        "Anyone on the network between the cluster and a host outside it can read prompts and keys. `policy.plainHttp` forbids"
        " or allows it.",
        f"{_VLLM}\n  baseURL: http://vllm.example.com/v1",
        f"{_VLLM}\n  baseURL: https://vllm.example.com/v1",
    ),
    "OM052": Rule(
        "Credentials in the base URL",
        "Everyone who may read the object can read a user, a password or a key in its URL, and the URL ends up in logs and"
        " conditions.",
        f"{_VLLM}\n  baseURL: https://team@vllm.example.com/v1",
        f"{_VLLM}\n  baseURL: https://vllm.example.com/v1\n  credential: {{secretRef: {{name: vllm, key: token}}}}",
    ),
    "OM055": Rule(
        "A header that no request can carry",
        "HTTP allows letters, digits and dashes in the name of a header and no line break in its value, and ignores the case of"
        " names. The CRD does not check this, and the runtime fails on every request.",
        f"{_OPENAI}\n  headers: {{X Title: search}}",
        f"{_OPENAI}\n  headers: {{X-Title: search}}",
    ),
    "OM056": Rule(
        "A base URL with a query or a fragment",
        "Clients append their path to the base URL as text, so it becomes a part of the query or of the fragment, and the"
        " server does not see it as a path.",
        f"{_VLLM}\n  baseURL: https://vllm.example.com/v1?region=eu",
        f"{_VLLM}\n  baseURL: https://vllm.example.com/v1",
    ),
    "OM059": Rule(
        "An empty URL",
        "The operator and the agents take an empty URL as absent, so requests go to the vendor instead of the gateway that was"
        " meant. An empty text is often a template whose value is missing.",
        f"{_OPENAI}\n  baseURL: ''",
        f"{_OPENAI}\n  baseURL: https://llm.example.com/v1",
    ),
    "OM060": Rule(
        "A key that travels over plain http inside the cluster",
        "Whoever can read the traffic between two pods, on a node or in the network between nodes, reads the key with every"
        " request. A server without a key, and one in the agent's own pod, are no findings.",
        f"{_VLLM}\n  baseURL: http://vllm.inference.svc:8000/v1\n  credential: {{secretRef: {{name: vllm, key: token}}}}",
        f"{_VLLM}\n  baseURL: https://vllm.inference.svc:8000/v1\n  credential: {{secretRef: {{name: vllm, key: token}}}}",
    ),
}
