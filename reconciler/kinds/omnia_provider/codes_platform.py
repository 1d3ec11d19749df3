"""The rules of an Omnia Provider on platforms: why each exists, and an example, wrong and right."""

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
        "The runtime translates six names of Claude 3 and 3.5; every other name is sent to Bedrock as it stands,"
        " which does not know it.",
        "spec:\n  type: claude\n  model: claude-sonnet-4-5-20250929\n"
        f"  platform: {{type: bedrock, region: eu-central-1}}\n  {_POD}",
        f"{_BEDROCK}\n  {_POD}",
    ),
    "OM017": Rule(
        "A combination of type and platform that nobody hosts",
        "The CRD of 2026-04-19 took nine combinations; since 2026-04-20 it refuses openai on vertex and gemini on"
        " bedrock and azure, which no cloud offers.",
        f"{_GEMINI}\n  platform: {{type: azure, endpoint: 'https://x.openai.azure.com'}}\n  {_POD}",
        f"{_VERTEX}\n  {_POD}",
    ),
    "OM018": Rule(
        "A combination that an old runtime routes wrong",
        "The runtime of the days of the CRD of 2026-04-19 knew claude on bedrock, openai on azure and gemini on vertex;"
        " it sent all others to the wrong endpoint. PromptKit 1.4.6 and newer route them.",
        f"spec:\n  type: claude\n  model: m\n  platform: {{type: vertex, region: europe-west4, project: llm}}\n  {_POD}",
        f"{_BEDROCK}\n  {_POD}",
    ),
    "OM019": Rule(
        "A platform for a type that has none",
        "Hyperscalers host claude, openai and gemini; the CRD refuses a platform on every other type.",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com\n"
        f"  platform: {{type: bedrock, region: eu-central-1}}\n  {_POD}",
        "spec:\n  type: vllm\n  model: m\n  baseURL: https://vllm.example.com",
    ),
    "OM020": Rule(
        "Platform and auth belong together",
        "One says where the model is hosted, the other how to get in; the CRD refuses one without the other.",
        _BEDROCK,
        f"{_BEDROCK}\n  {_POD}",
    ),
    "OM021": Rule(
        "A platform without its project or endpoint",
        "vertex needs a project and azure an endpoint; the CRD refuses a missing and an empty one.",
        f"{_GEMINI}\n  platform: {{type: vertex, region: europe-west4}}\n  {_POD}",
        f"{_VERTEX}\n  {_POD}",
    ),
    "OM022": Rule(
        "A platform without its region",
        "The documentation requires a region on bedrock and vertex, the CRD does not. Without one the runtime uses"
        " us-west-2 on bedrock, whatever data may leave for there.",
        f"spec:\n  type: claude\n  model: {_ID}\n  platform: {{type: bedrock}}\n  {_POD}",
        f"{_BEDROCK}\n  {_POD}",
    ),
    "OM023": Rule(
        "An auth method of another platform",
        "Besides workloadIdentity each platform has one method: accessKey on bedrock, serviceAccount on vertex,"
        " servicePrincipal on azure. The CRD refuses the others.",
        f"{_BEDROCK}\n  auth: {{type: servicePrincipal, credentialsSecretRef: {{name: aws}}}}",
        f"{_BEDROCK}\n  auth: {{type: accessKey, credentialsSecretRef: {{name: aws}}}}",
    ),
    "OM024": Rule(
        "credentialsSecretRef does not fit the auth method",
        "The static methods need a Secret, workloadIdentity must not have one: it is the identity of the pod.",
        f"{_BEDROCK}\n  auth: {{type: accessKey}}",
        f"{_BEDROCK}\n  auth: {{type: accessKey, credentialsSecretRef: {{name: aws}}}}",
    ),
    "OM025": Rule(
        "One key named where several are needed",
        "accessKey and servicePrincipal read two and three keys of fixed names. With a key the operator checks that one"
        " only and calls the provider ready; the pod then finds the others missing.",
        f"{_BEDROCK}\n  auth: {{type: accessKey, credentialsSecretRef: {{name: aws, key: AWS_ACCESS_KEY_ID}}}}",
        f"{_BEDROCK}\n  auth: {{type: accessKey, credentialsSecretRef: {{name: aws}}}}",
    ),
    "OM028": Rule(
        "An identity of another platform, or one that is never used",
        "roleArn is for bedrock and serviceAccountEmail for vertex, but no CRD says so. The runtime stores both and uses"
        " neither: the identity is the one that the pod's service account is annotated with.",
        f"{_VERTEX}\n  auth: {{type: workloadIdentity, roleArn: 'arn:aws:iam::123456789012:role/llm'}}",
        f"{_VERTEX}\n  {_POD}",
    ),
    "OM041": Rule(
        "A credential beside a platform",
        "Both are validated, and pods use the platform's auth only.",
        f"{_BEDROCK}\n  {_POD}\n  credential: {{secretRef: {{name: anthropic, key: ANTHROPIC_API_KEY}}}}",
        f"{_BEDROCK}\n  {_POD}",
    ),
    "OM045": Rule(
        "Embeddings on a platform that the memory API cannot reach",
        "The CRD takes a platform for the role embedding since 2026-06-07. The memory API builds a credential of Azure for"
        " every workloadIdentity, and knows no static method.",
        f"{_VERTEX}\n  role: embedding\n  embedding: {{dimensions: 768}}\n  {_POD}",
        f"{_AZURE}\n  role: embedding\n  embedding: {{dimensions: 1536}}\n  {_POD}",
    ),
    "OM046": Rule(
        "Static credentials of one cloud, twice",
        "An agent gives platform credentials to the libraries of the cloud by environment variables of its process. Two"
        " providers of one cloud with static credentials overwrite each other's (API keys do not since 2026-07-21).",
        f"{_AZURE}\n  auth: {{type: servicePrincipal, credentialsSecretRef: {{name: one}}}}\n---\n"
        f"{_AZURE}\n  auth: {{type: servicePrincipal, credentialsSecretRef: {{name: two}}}}",
        f"{_AZURE}\n  auth: {{type: servicePrincipal, credentialsSecretRef: {{name: one}}}}\n---\n{_AZURE}\n  {_POD}",
    ),
    "OM053": Rule(
        "The endpoint of a platform is no URL",
        "The CRD asks for a text; without a scheme the client of the pod has nowhere to connect to.",
        f"spec:\n  type: openai\n  model: gpt-5-eu\n  platform: {{type: azure, endpoint: x.openai.azure.com}}\n  {_POD}",
        f"{_AZURE}\n  {_POD}",
    ),
}
