"""The rules of an Omnia Provider on requests and prices: why each exists, and an example, wrong and right."""

# ruff: noqa: E501 -- sentences and examples
from __future__ import annotations

from reconciler.model.codes import Rule

_KEY = "credential: {secretRef: {name: openai, key: OPENAI_API_KEY}}"
_OPENAI = f"spec:\n  type: openai\n  model: gpt-5\n  {_KEY}"
_VLLM = "spec:\n  type: vllm\n  model: qwen3-32b"

CODES = {
    "OM029": Rule(
        "A base URL that cannot be used, or not be probed",
        "The operator's probe appends /v1/models (openai, claude) or /v1beta/models (gemini) to it, so a URL that"
        " ends with /v1 is probed at /v1/v1/models and the key stays unverified. Requests are not affected.",
        f"{_OPENAI}\n  baseURL: llm.example.com",
        f"{_OPENAI}\n  baseURL: https://llm.example.com",
    ),
    "OM030": Rule(
        "Headers reach only some requests",
        "The default provider of an agent and eval judges send them. Other providers of an agent, arena workers, the memory"
        " API and the operator's probes do not.",
        f"{_OPENAI}\n  headers: {{X-Title: search}}",
        f"# where every request needs them: a gateway of your own that adds them\n{_OPENAI}\n"
        "  baseURL: http://gateway.llm.svc:8080",
    ),
    "OM031": Rule(
        "A header that the runtime sets itself",
        "The runtime refuses a request whose header collides, whatever the case, with one that it sets: Content-Type and"
        " Accept, and by type Authorization or X-API-Key and anthropic-version.",
        f"{_OPENAI}\n  headers: {{authorization: x}}",
        _OPENAI,
    ),
    "OM033": Rule(
        "A capability is listed twice",
        "The CRD takes it; a second mention adds nothing, and removing one of them later removes nothing.",
        f"{_OPENAI}\n  capabilities: [text, text]",
        f"{_OPENAI}\n  capabilities: [text]",
    ),
    "OM034": Rule(
        "A sampling value that is no number in its range",
        "temperature (0.0 to 2.0) and topP (0.0 to 1.0) are texts without a pattern: the CRD takes any, and who"
        " reads them swallows what cannot be parsed.",
        f'{_OPENAI}\n  defaults: {{temperature: "hot"}}',
        f'{_OPENAI}\n  defaults: {{temperature: "0.7"}}',
    ),
    "OM035": Rule(
        "Defaults that agents do not read",
        "The documentation says that defaults apply to all requests. The agent runtime reads contextWindow,"
        " truncationStrategy and the two timeouts; temperature, topP and maxTokens reach eval judges and arena workers only.",
        f'{_OPENAI}\n  defaults: {{temperature: "0.7"}}',
        f"{_OPENAI}\n  defaults: {{contextWindow: 128000}}",
    ),
    "OM036": Rule(
        "A token count that is not positive",
        "The CRD has no minimum; a vendor refuses zero and less with every request.",
        f"{_OPENAI}\n  defaults: {{maxTokens: 0}}",
        f"{_OPENAI}\n  defaults: {{maxTokens: 1024}}",
    ),
    "OM038": Rule(
        "A price that is no number, or has no effect",
        "Prices are texts without a pattern. One that is no number stops the pod at its start; input and output count"
        " only together, and nothing reads the price of cached tokens.",
        f'{_OPENAI}\n  pricing: {{inputCostPer1K: "0.001"}}',
        f'{_OPENAI}\n  pricing: {{inputCostPer1K: "0.001", outputCostPer1K: "0.002"}}',
    ),
    "OM048": Rule(
        "A timeout that is no Go duration",
        "requestTimeout and streamIdleTimeout, in the CRD since 2026-04-10, are texts that Go parses: a number with its unit.",
        f'{_OPENAI}\n  defaults: {{requestTimeout: "90"}}',
        f"{_OPENAI}\n  defaults: {{requestTimeout: 90s}}",
    ),
    "OM049": Rule(
        "A local server without its base URL",
        "ollama and vllm are servers of your own. The CRD says in a comment that they need a base URL and does not ask"
        " for it; the operator then probes nothing and calls the provider ready.",
        _VLLM,
        f"{_VLLM}\n  baseURL: http://vllm.inference.svc:8000/v1",
    ),
    "OM051": Rule(
        "Prompts and keys travel over plain http",
        "To a host outside of the cluster everything can be read on the way. `policy.plainHttp` forbids or allows it.",
        f"{_VLLM}\n  baseURL: http://vllm.example.com/v1",
        f"{_VLLM}\n  baseURL: https://vllm.example.com/v1",
    ),
    "OM052": Rule(
        "Credentials in the base URL",
        "A user, a password or a key in a URL is readable for everyone who may read the object, and is part of logs and"
        " conditions.",
        f"{_VLLM}\n  baseURL: https://team@vllm.example.com/v1",
        f"{_VLLM}\n  baseURL: https://vllm.example.com/v1\n  credential: {{secretRef: {{name: vllm, key: token}}}}",
    ),
    "OM055": Rule(
        "A header that no request can carry",
        "HTTP allows letters, digits and dashes in a name, no line break in a value, and names know no case. The CRD"
        " checks none of that; the runtime fails with every request.",
        f"{_OPENAI}\n  headers: {{X Title: search}}",
        f"{_OPENAI}\n  headers: {{X-Title: search}}",
    ),
    "OM056": Rule(
        "A base URL with a query or a fragment",
        "Clients append their path to the text of the base URL, so it lands in the query or behind the fragment,"
        " where the server does not see it as a path.",
        f"{_VLLM}\n  baseURL: https://vllm.example.com/v1?region=eu",
        f"{_VLLM}\n  baseURL: https://vllm.example.com/v1",
    ),
}
