"""The rules of a Flokoa Model: why each exists, and an example, wrong and right."""

from __future__ import annotations

from reconciler.model.codes import Rule

CODES = {
    "FL040": Rule(
        "settings.extra is no mapping",
        "The CRD takes anything there; the webhook wants a mapping of model settings.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extra: [seed]}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extra: {user: search}}",
    ),
    "FL041": Rule(
        "A setting in extra that has a field of its own",
        "The webhook refuses a dozen keys in extra, because settings has a checked field for each of them.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extra: {max_tokens: 100}}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {maxTokens: 100}",
    ),
    "FL042": Rule(
        "A model name that reads as a prefix",
        "The operator puts the vendor before the name, `bedrock:`, unless the name has a colon already. The ids of"
        " Bedrock end with `:0`, so they reach the client without a vendor.",
        "spec:\n  model: eu.anthropic.claude-sonnet-4-5-20250929-v1:0\n  providerRef: {name: bedrock}",
        "spec:\n  model: bedrock:eu.anthropic.claude-sonnet-4-5-20250929-v1:0\n  providerRef: {name: bedrock}",
    ),
    "FL043": Rule(
        "A penalty outside of -2.0 to 2.0",
        "The pattern of the CRD looks at the first digit, so 2.9 passes; vendors refuse the request.",
        'spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {presencePenalty: "2.9"}',
        'spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {presencePenalty: "1.5"}',
    ),
    "FL044": Rule(
        "A provider of another namespace",
        "The reference resolves across namespaces. The Secret does not: each agent gets it by a secretKeyRef, which"
        " looks in the agent's own namespace. A missing copy stops its pods, not the Model.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai, namespace: shared}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}",
    ),
    "FL045": Rule(
        "A credential stands in a header",
        "extraHeaders are sent, and stand in clear text in git and in the object.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extraHeaders: {Authorization: x}}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extraHeaders: {X-Team: search}}",
    ),
    "FL046": Rule(
        "A header that no request can carry",
        "HTTP allows letters, digits and dashes in a name, no line break in a value, and names know no case. Nothing"
        " checks them; a client that is given such a header fails with every request.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extraHeaders: {X Team: search}}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {extraHeaders: {X-Team: search}}",
    ),
    "FL047": Rule(
        "The older dialect of a Model",
        "parameters became settings on 2026-06-11, and some names changed. The Helm chart still installs the CRD of"
        " before, so both are in use; a cluster takes one of them. `policy.deprecatedFields` says how severe it is.",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  parameters: {maxTokens: 100, timeOut: 30}",
        "spec:\n  model: gpt-5\n  providerRef: {name: openai}\n  settings: {maxTokens: 100, timeoutSeconds: 30}",
    ),
}
