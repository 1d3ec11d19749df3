"""The rules of a Flokoa Model: why each exists, and an example before and after the correction."""

from __future__ import annotations

from reconciler.model.codes import Rule

_CLAUDE = """\
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata: {name: claude, namespace: llm}
spec:
  anthropic: {}
  apiKeySecretRef: {name: anthropic, key: api-key}"""

CODES = {
    "FL040": Rule(
        "settings.extra is not a mapping",
        "The CRD accepts any value there, but the webhook requires a mapping of model settings.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extra: [seed]}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extra: {user: search}}",
    ),
    "FL041": Rule(
        "A setting in extra that has a field of its own",
        "The webhook refuses a dozen keys in extra, because settings has a validated field for each of them.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extra: {max_tokens: 100}}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {maxTokens: 100}",
    ),
    "FL042": Rule(
        "A model name that is mistaken for one with a prefix",
        "The operator prefixes a name with its vendor, such as `bedrock:`, unless the name already contains a colon."
        " Ids of Bedrock end with `:0`, so they reach the client without a vendor.",
        "spec:\n  model: eu.anthropic.claude-sonnet-4-5-20250929-v1:0\n  providerRef: {name: bedrock}",
        "spec:\n  model: bedrock:eu.anthropic.claude-sonnet-4-5-20250929-v1:0\n  providerRef: {name: bedrock}",
    ),
    "FL043": Rule(
        "A penalty outside -2.0 to 2.0",
        "The pattern of the CRD checks only the first digit, so 2.9 passes; vendors then refuse the request.",
        'spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {presencePenalty: "2.9"}',
        'spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {presencePenalty: "1.5"}',
    ),
    "FL044": Rule(
        "A provider in another namespace",
        "The reference resolves across namespaces, but the Secret does not: each agent reads it by a secretKeyRef,"
        " which resolves in the namespace of the agent. Without a copy there its pods do not start.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai, namespace: shared}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}",
    ),
    "FL045": Rule(
        "A credential in a header",
        "extraHeaders are plain text in git and in the object, for everyone who may read either.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extraHeaders: {Authorization: x}}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extraHeaders: {X-Team: search}}",
    ),
    "FL046": Rule(
        "A header that no request can carry",
        "HTTP allows letters, digits and dashes in the name of a header and no line break in its value, and ignores the"
        " case of names. Nothing checks this, and a client with such a header fails on every request.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extraHeaders: {X Team: search}}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extraHeaders: {X-Team: search}}",
    ),
    "FL047": Rule(
        "The older dialect of a Model",
        "On 2026-06-11 parameters became settings, and some fields were renamed. The Helm chart still installs the"
        " older CRD, so both are in use, but a cluster accepts only one. `policy.deprecatedFields` sets the severity.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  parameters: {maxTokens: 100, timeOut: 30}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {maxTokens: 100, timeoutSeconds: 30}",
    ),
    "FL048": Rule(
        "A model of another vendor than its provider",
        "A name with a prefix is used unchanged, so the prefix selects the client. Key and endpoint come from the"
        " ModelProvider, in variables of its own vendor: the client finds neither, and every request fails. Without a"
        " base URL, the endpoint of a vendor serves only its own models, whatever the prefix.",
        f"{_CLAUDE}\n---\nspec:\n  model: openai:gpt-5\n  providerRef: {{name: claude}}",
        f"{_CLAUDE}\n---\nspec:\n  model: anthropic:claude-sonnet-4-5\n  providerRef: {{name: claude}}",
    ),
}
