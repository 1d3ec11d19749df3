"""The rules of an Omnia Provider on platforms: why each exists, and an example before and after the correction."""

# ruff: noqa: E501 -- sentences and examples
from __future__ import annotations

from reconciler.model.codes import Rule

_ID = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
_BEDROCK = (
    f"spec:\n  type: claude\n  model: {_ID}\n  platform: {{type: bedrock, region: eu-central-1}}"
)
_POD = "auth: {type: workloadIdentity}"
_GEMINI = "spec:\n  type: gemini\n  model: gemini-2.5-pro"
_VERTEX = f"{_GEMINI}\n  platform: {{type: vertex, region: europe-west4, project: llm}}"
_AZURE = "spec:\n  type: openai\n  model: gpt-5-eu\n  platform: {type: azure, endpoint: 'https://x.openai.azure.com'}"

CODES = {
    "OM005": Rule(
        "A Claude release name where Bedrock needs its own id",
        "The runtime translates six names of Claude 3 and 3.5. It sends any other name to Bedrock unchanged, and Bedrock does"
        " not know it.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5-20250929\n"
        f"  platform: {{type: bedrock, region: eu-central-1}}\n  {_POD}",
        f"{_BEDROCK}\n  {_POD}",
    ),
    "OM017": Rule(
        "A combination of type and platform that no cloud offers",
        "The CRD of 2026-04-19 accepted nine combinations. Since 2026-04-20 it refuses openai on vertex, and gemini on"
        " bedrock and azure, which no cloud offers.",
        f"{_GEMINI}\n  platform: {{type: azure, endpoint: 'https://x.openai.azure.com'}}\n  {_POD}",
        f"{_VERTEX}\n  {_POD}",
    ),
    "OM018": Rule(
        "A combination that an old runtime sends to the wrong endpoint",
        "The runtime released with the CRD of 2026-04-19 supports claude on bedrock, openai on azure and gemini on vertex,"
        " and sends all other combinations to the wrong endpoint. PromptKit 1.4.6 and later support them.",
        f"spec:\n  type: claude\n  model: m\n  platform: {{type: vertex, region: europe-west4, project: llm}}\n  {_POD}",
        f"{_BEDROCK}\n  {_POD}",
    ),
    "OM019": Rule(
        "A platform for a type that no platform hosts",
        "Hyperscalers host claude, openai and gemini; the CRD refuses a platform on every other type.",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com\n"
        f"  platform: {{type: bedrock, region: eu-central-1}}\n  {_POD}",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com",
    ),
    "OM020": Rule(
        "Only one of platform and auth",
        "platform says where the model is hosted, and auth how to authenticate there; the CRD refuses one without the other.",
        _BEDROCK,
        f"{_BEDROCK}\n  {_POD}",
    ),
    "OM021": Rule(
        "A platform without its project or endpoint",
        "vertex needs a project and azure an endpoint; the CRD refuses a platform where it is missing or empty.",
        f"{_GEMINI}\n  platform: {{type: vertex, region: europe-west4}}\n  {_POD}",
        f"{_VERTEX}\n  {_POD}",
    ),
    "OM022": Rule(
        "A platform without its region",
        "The documentation requires a region on bedrock and vertex, but the CRD does not. On bedrock the runtime then uses"
        " us-west-2, so prompts may go to a region where they are not allowed.",
        f"spec:\n  type: claude\n  model: {_ID}\n  platform: {{type: bedrock}}\n  {_POD}",
        f"{_BEDROCK}\n  {_POD}",
    ),
    "OM023": Rule(
        "An auth method of another platform",
        "Besides workloadIdentity each platform has one method: accessKey on bedrock, serviceAccount on vertex and"
        " servicePrincipal on azure. The CRD refuses the others.",
        f"{_BEDROCK}\n  auth: {{type: servicePrincipal, credentialsSecretRef: {{name: aws}}}}",
        f"{_BEDROCK}\n  auth: {{type: accessKey, credentialsSecretRef: {{name: aws}}}}",
    ),
    "OM024": Rule(
        "A credentialsSecretRef that does not fit the auth method",
        "The static methods need a Secret. workloadIdentity must not have one, since it uses the identity of the pod.",
        f"{_BEDROCK}\n  auth: {{type: accessKey}}",
        f"{_BEDROCK}\n  auth: {{type: accessKey, credentialsSecretRef: {{name: aws}}}}",
    ),
    "OM025": Rule(
        "One key where several are needed",
        "accessKey reads two keys with fixed names, servicePrincipal three. If the reference has a key, the operator checks"
        " only that key and marks the provider ready; the pod then fails because the others are missing.",
        f"{_BEDROCK}\n  auth: {{type: accessKey, credentialsSecretRef: {{name: aws, key: AWS_ACCESS_KEY_ID}}}}",
        f"{_BEDROCK}\n  auth: {{type: accessKey, credentialsSecretRef: {{name: aws}}}}",
    ),
    "OM028": Rule(
        "An identity of another platform, or one that nothing uses",
        "roleArn is for bedrock and serviceAccountEmail for vertex, but no CRD enforces it. The runtime stores both and uses"
        " neither: the annotation on the pod's service account decides the identity.",
        f"{_VERTEX}\n  auth: {{type: workloadIdentity, roleArn: 'arn:aws:iam::123456789012:role/llm'}}",
        f"{_VERTEX}\n  {_POD}",
    ),
    "OM041": Rule(
        "A credential beside a platform",
        "The operator validates both, but pods use only the auth of the platform.",
        f"{_BEDROCK}\n  {_POD}\n  credential: {{secretRef: {{name: anthropic, key: ANTHROPIC_API_KEY}}}}",
        f"{_BEDROCK}\n  {_POD}",
    ),
    "OM045": Rule(
        "Embeddings on a platform that the memory API cannot reach",
        "Since 2026-06-07 the CRD accepts a platform for the role embedding. The memory API makes an Azure credential for every"
        " workloadIdentity, and supports no static method.",
        f"{_VERTEX}\n  role: embedding\n  embedding: {{dimensions: 768}}\n  {_POD}",
        f"{_AZURE}\n  role: embedding\n  embedding: {{dimensions: 1536}}\n  {_POD}",
    ),
    "OM046": Rule(
        "Two providers with static credentials of one cloud",
        "An agent passes platform credentials to the libraries of the cloud in its environment variables, so the credentials"
        " of two providers of one cloud overwrite each other. API keys have not done so since 2026-07-21.",
        f"{_AZURE}\n  auth: {{type: servicePrincipal, credentialsSecretRef: {{name: one}}}}\n---\n"
        f"{_AZURE}\n  auth: {{type: servicePrincipal, credentialsSecretRef: {{name: two}}}}",
        f"{_AZURE}\n  auth: {{type: servicePrincipal, credentialsSecretRef: {{name: one}}}}\n---\n{_AZURE}\n  {_POD}",
    ),
    "OM053": Rule(
        "A platform endpoint that is not a URL",
        "The CRD requires only a string; without a scheme the client in the pod cannot connect.",
        f"spec:\n  type: openai\n  model: gpt-5-eu\n  platform: {{type: azure, endpoint: x.openai.azure.com}}\n  {_POD}",
        f"{_AZURE}\n  {_POD}",
    ),
    "OM061": Rule(
        "A region that is part of another host name",
        "Libraries of a cloud put the region into the host of their requests, as in {region}-aiplatform.googleapis.com. With"
        " a slash or a dot in it, prompts and tokens would go to another host. The CRD accepts any string. If"
        " `policy.allowedHosts` is set, no comment silences this, and it holds for live objects.",
        f"spec:\n  type: claude\n  model: {_ID}\n  platform: {{type: bedrock, region: 'llm.example.net/#'}}\n  {_POD}",
        f"{_BEDROCK}\n  {_POD}",
    ),
}
