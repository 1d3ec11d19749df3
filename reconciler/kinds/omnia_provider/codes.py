"""The rules of an Omnia Provider on type, model and credential: why each exists, an example, wrong and right."""

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
        "The CRD does not ask for one. The operator does, for claude, openai, gemini and voyageai without a platform:"
        " the phase becomes Error with the reason CredentialRequired.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5",
        _CLAUDE,
    ),
    "OM004": Rule(
        "The model is missing",
        "Omnia never had a default model: a provider without one was ready, and its first request failed. The CRD"
        " asks for it since 2026-07-10, but for type mock.",
        f"spec:\n  type: claude\n  {_KEY}",
        _CLAUDE,
    ),
    "OM007": Rule(
        "The legacy secretRef",
        "credential.secretRef replaced it, and it left the CRD on 2026-04-28 without a time of grace: on a newer CRD"
        " it is dropped, from stored objects too. The shape is the same, and CRDs since 2026-02-06 know both."
        " `policy.deprecatedFields` says how severe it is.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  secretRef: {name: anthropic, key: ANTHROPIC_API_KEY}",
        _CLAUDE,
    ),
    "OM008": Rule(
        "The key of a Secret is left to be guessed",
        "The operator tries several names and calls the provider ready when it finds one. Agents, eval workers and the"
        " memory API look for one name only, arena workers for `value`. An explicit key means the same to all.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {secretRef: {name: anthropic}}",
        _CLAUDE,
    ),
    "OM009": Rule(
        "Not exactly one credential strategy",
        "The CRD refuses several and takes none; the operator then says NoStrategySpecified and the phase is Error.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {}",
        _CLAUDE,
    ),
    "OM010": Rule(
        "secretRef and credential exclude each other",
        "CRDs from 2026-02-06 to 2026-04-27 have both fields and refuse them together; later ones have only the second.",
        f"{_CLAUDE}\n  secretRef: {{name: anthropic, key: ANTHROPIC_API_KEY}}",
        _CLAUDE,
    ),
    "OM011": Rule(
        "An empty key in a Secret reference",
        "An empty key is not the same as none: the operator looks for a key of that name, and there is none.",
        'spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {secretRef: {name: anthropic, key: ""}}',
        _CLAUDE,
    ),
    "OM012": Rule(
        "An environment variable that the default provider does not read",
        "The default provider of an agent ignores the name and reads the variable of its vendor; only the others, the"
        " arena worker and the dev console honour it.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {envVar: TEAM_KEY}",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {envVar: ANTHROPIC_API_KEY}",
    ),
    "OM013": Rule(
        "A file path that the operator does not take, or that agents do not read",
        "The operator refuses a path that is not in its shortest form (InvalidFilePath). Of the pods only the dev console"
        " reads the file: agents, eval and arena workers do not.",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com/v1\n  credential: {filePath: /run//token}",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com/v1\n"
        "  credential: {secretRef: {name: vllm, key: token}}",
    ),
    "OM032": Rule(
        "A credential stands in a header",
        "Headers have no reference to a Secret: the token is plain text in git and in the object.",
        f"{_VLLM}\n  headers: {{Authorization: x}}",
        f"{_VLLM}\n  credential: {{secretRef: {{name: vllm, key: token}}}}",
    ),
    "OM042": Rule(
        "A key that agents never get",
        "Omnia knows no name of a variable for the keys of cartesia, elevenlabs and imagen, so a key from a Secret"
        " does not reach the agent. A variable that the pod has does.",
        "spec:\n  type: cartesia\n  model: sonic-2\n  role: tts\n  tts: {voice: a}\n"
        "  credential: {secretRef: {name: cartesia, key: api-key}}",
        "spec:\n  type: cartesia\n  model: sonic-2\n  role: tts\n  tts: {voice: a}\n  credential: {envVar: CARTESIA_API_KEY}",
    ),
    "OM043": Rule(
        "A type that does not have this role",
        "Since 2026-05-18 a provider has a role, llm if none is written, and the CRD says which types have it. An"
        " older manifest of voyageai needs `role: embedding` added.",
        "spec:\n  type: voyageai\n  model: voyage-3.5\n  credential: {secretRef: {name: voyage, key: VOYAGE_API_KEY}}",
        "spec:\n  type: voyageai\n  model: voyage-3.5\n  role: embedding\n  embedding: {dimensions: 1024}\n"
        "  credential: {secretRef: {name: voyage, key: VOYAGE_API_KEY}}",
    ),
    "OM044": Rule(
        "Settings of another role",
        "The blocks tts, stt and embedding belong to the roles of these names, one per provider; platforms belong to"
        " llm, and since 2026-06-07 to embedding.",
        f"{_OPENAI}\n  embedding: {{dimensions: 1024}}",
        f"{_OPENAI}\n  role: embedding\n  embedding: {{dimensions: 1024}}",
    ),
    "OM050": Rule(
        "A role without its settings",
        "The CRD calls the block of a role required and does not enforce it; voice, language or dimensions are then"
        " those of the vendor.",
        f"{_OPENAI}\n  role: embedding",
        f"{_OPENAI}\n  role: embedding\n  embedding: {{dimensions: 1024}}",
    ),
    "OM054": Rule(
        "A credential that belongs to the system",
        "A path such as /etc/shadow or the token of the pod's own service account, or a variable such as LD_PRELOAD,"
        " is no place of an API key; what stands there would be sent to the vendor.",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com/v1\n"
        "  credential: {filePath: /var/run/secrets/kubernetes.io/serviceaccount/token}",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com/v1\n"
        "  credential: {filePath: /var/run/secrets/vllm/token}",
    ),
    "OM057": Rule(
        "A Secret, or a key of one, that cannot exist",
        "The CRD takes any text. The name of a Secret has small letters, digits, dashes and dots; its keys have letters,"
        " digits, dashes, dots and underscores. No other can be created, so the operator never finds it.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n  credential: {secretRef: {name: Anthropic_Key, key: 'my key!'}}",
        _CLAUDE,
    ),
    "OM058": Rule(
        "A key where the name of one belongs",
        "name and key say where the API key is kept. A long text of letters and digits without a pattern is more likely"
        " the key itself, and then everyone who may read git or the object has it.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5\n"
        "  credential: {secretRef: {name: anthropic, key: 4fQ9zX2mB7kLw0RtYp3NcV8s}}",
        _CLAUDE,
    ),
}
