"""The rules of an Omnia Provider on type, model and credential: why each exists, and an example before and after the correction."""

# ruff: noqa: E501 -- sentences and examples
from __future__ import annotations

from reconciler.model.codes import Rule

_KEY = "credential: {secretRef: {name: anthropic, key: ANTHROPIC_API_KEY}}"
_CLAUDE = f"spec:\n  type: claude\n  model: claude-sonnet-4-5\n  {_KEY}"
_OPENAI = "spec:\n  type: openai\n  model: gpt-5\n  credential: {secretRef: {name: openai, key: OPENAI_API_KEY}}"
_VLLM = "spec:\n  type: vllm\n  model: qwen3-32b\n  baseURL: https://vllm.example.com/v1"

CODES = {
    "OM002": Rule(
        "A credential is missing",
        "The CRD does not require one, but the operator does for claude, openai, gemini and voyageai without a platform: the"
        " phase becomes Error with the reason CredentialRequired.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5",
        _CLAUDE,
    ),
    "OM004": Rule(
        "The model is missing",
        "Omnia never had a default model: a provider without one became ready, and its first request failed. Since"
        " 2026-07-10 the CRD requires a model, except for type mock.",
        f"spec:\n  type: claude\n  {_KEY}",
        _CLAUDE,
    ),
    "OM007": Rule(
        "The legacy secretRef",
        "credential.secretRef replaced it. It was removed from the CRD on 2026-04-28 without a deprecation period: a newer"
        " CRD drops it, from stored objects too. Both have the same fields, and the CRDs from 2026-02-06 to 2026-04-27"
        " have both. `policy.deprecatedFields` sets the severity.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  secretRef: {name: anthropic, key: ANTHROPIC_API_KEY}",
        _CLAUDE,
    ),
    "OM008": Rule(
        "A Secret reference without a key",
        "The operator tries several keys and marks the provider ready if one of them exists. Agents, eval workers and the"
        " memory API look for only one of these, arena workers for `value`. With an explicit key all of them use the same.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {secretRef: {name: anthropic}}",
        _CLAUDE,
    ),
    "OM009": Rule(
        "Not exactly one credential strategy",
        "The CRD refuses several but accepts none; the phase then becomes Error with the reason NoStrategySpecified.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {}",
        _CLAUDE,
    ),
    "OM010": Rule(
        "secretRef and credential together",
        "CRDs from 2026-02-06 to 2026-04-27 have both fields but refuse an object that sets both; later CRDs have only"
        " credential.",
        f"{_CLAUDE}\n  secretRef: {{name: anthropic, key: ANTHROPIC_API_KEY}}",
        _CLAUDE,
    ),
    "OM011": Rule(
        "An empty key in a Secret reference",
        "An empty key is not the same as no key: the operator looks for a key whose name is empty, which no Secret has.",
        'spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {secretRef: {name: anthropic, key: ""}}',
        _CLAUDE,
    ),
    "OM012": Rule(
        "An environment variable that the default provider does not read",
        "The default provider of an agent ignores envVar and reads the variable of its vendor. Only its other providers, the"
        " arena worker and the dev console use envVar.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {envVar: TEAM_KEY}",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {envVar: ANTHROPIC_API_KEY}",
    ),
    "OM013": Rule(
        "A file path that the operator refuses, or that agents do not read",
        "The operator refuses a path that is not in its shortest form (InvalidFilePath). Only the pods of the dev console"
        " read the file; agents, eval workers and arena workers do not.",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com/v1\n  credential: {filePath: /run//token}",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com/v1\n"
        "  credential: {secretRef: {name: vllm, key: token}}",
    ),
    "OM032": Rule(
        "A credential in a header",
        "A header cannot refer to a Secret: the token is plain text in git and in the object.",
        f"{_VLLM}\n  headers: {{Authorization: x}}",
        f"{_VLLM}\n  credential: {{secretRef: {{name: vllm, key: token}}}}",
    ),
    "OM042": Rule(
        "A key that agents never get",
        "Omnia has no environment variable for the keys of cartesia, elevenlabs and imagen, so a key from a Secret does not"
        " reach the agent. A variable of the pod does.",
        "spec:\n  type: cartesia\n  model: sonic-2\n  role: tts\n  tts: {voice: a}\n"
        "  credential: {secretRef: {name: cartesia, key: api-key}}",
        "spec:\n  type: cartesia\n  model: sonic-2\n  role: tts\n  tts: {voice: a}\n  credential: {envVar: CARTESIA_API_KEY}",
    ),
    "OM043": Rule(
        "A type that does not support this role",
        "Since 2026-05-18 a provider has a role, llm by default, and the CRD lists the types that support it. An older"
        " manifest of voyageai now needs `role: embedding`.",
        "spec:\n  type: voyageai\n  model: voyage-3.5\n  credential: {secretRef: {name: voyage, key: VOYAGE_API_KEY}}",
        "spec:\n  type: voyageai\n  model: voyage-3.5\n  role: embedding\n  embedding: {dimensions: 1024}\n"
        "  credential: {secretRef: {name: voyage, key: VOYAGE_API_KEY}}",
    ),
    "OM044": Rule(
        "Settings of another role",
        "The blocks tts, stt and embedding are for the roles of the same names, one per provider. A platform is for the role"
        " llm, and since 2026-06-07 for embedding.",
        f"{_OPENAI}\n  embedding: {{dimensions: 1024}}",
        f"{_OPENAI}\n  role: embedding\n  embedding: {{dimensions: 1024}}",
    ),
    "OM050": Rule(
        "A role without its settings",
        "The CRD describes the block of a role as required but does not enforce it. Without the block, the vendor chooses the"
        " voice, the language or the dimensions.",
        f"{_OPENAI}\n  role: embedding",
        f"{_OPENAI}\n  role: embedding\n  embedding: {{dimensions: 1024}}",
    ),
    "OM054": Rule(
        "A credential that belongs to the system",
        "A file such as /etc/shadow or the token of the pod's own service account, or a variable such as LD_PRELOAD, does not"
        " hold an API key, and its content would be sent to the vendor.",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com/v1\n"
        "  credential: {filePath: /var/run/secrets/kubernetes.io/serviceaccount/token}",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com/v1\n"
        "  credential: {filePath: /var/run/secrets/vllm/token}",
    ),
    "OM057": Rule(
        "A name that no Secret, or no key of one, can have",
        "The CRD accepts any string. The name of a Secret consists of lower case letters, digits, dashes and dots; its"
        " keys of letters, digits, dashes, dots and underscores. The operator finds no Secret by any other name.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {secretRef: {name: Anthropic_Key, key: 'my key!'}}",
        _CLAUDE,
    ),
    "OM058": Rule(
        "An API key where a name belongs",
        "name and key say where the API key is stored. A long random string of letters and digits is more likely the API"
        " key itself, and then everyone who may read git or the object has it.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n"
        "  credential: {secretRef: {name: anthropic, key: 4fQ9zX2mB7kLw0RtYp3NcV8s}}",
        _CLAUDE,
    ),
    "OM062": Rule(
        "A model of another vendor than the type",
        "Without a base URL and without a platform, requests go to the vendor of the type, which serves only its own models:"
        " each request fails, and the operator does not check the name. A gateway has models of many vendors.",
        "spec:\n  type: openai\n  model: claude-sonnet-4-5\n"
        "  credential: {secretRef: {name: openai, key: OPENAI_API_KEY}}",
        _OPENAI,
    ),
}
