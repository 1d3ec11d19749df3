"""A sentence for each field of a ModelProvider whose name does not say enough."""

DESCRIPTIONS = {
    "spec.apiKeySecretRef": "The Secret with the API key. Agents look for it in their own namespace.",
    "spec.openai": "OpenAI, or another endpoint with the same API.",
    "spec.anthropic": "Anthropic, or another endpoint with the same API.",
    "spec.google": "Google AI with an API key, or Vertex AI if project or serviceAccountKeySecretRef is set.",
    "spec.bedrock": "AWS Bedrock, with the AWS role of the agents' service account.",
    "spec.defaultHeaders": "The operator keeps these headers, and no agent has sent them since 2026-06-11.",
    "spec.tls": "The operator keeps these settings, and no agent reads them.",
}
