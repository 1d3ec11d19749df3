"""The rules of a Flokoa ModelProvider: why each exists, and an example before and after the correction."""

# ruff: noqa: E501 -- sentences and examples
from __future__ import annotations

from reconciler.model.codes import Rule

CODES = {
    "FL001": Rule(
        "Not exactly one provider block",
        "The block selects the vendor. The CRD allows any number of blocks; since 2026-02-14 the webhook requires exactly"
        " one, and without the webhook the provider never becomes ready. A block without a value in YAML is null, and"
        " null counts as absent.",
        "spec:\n  openai: {}\n  anthropic: {}\n  apiKeySecretRef: {name: openai, key: api-key}",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: openai, key: api-key}",
    ),
    "FL002": Rule(
        "An unusable base URL",
        "Since 2026-02-20 the webhook parses the URL and requires the scheme http or https and a host. localhost:11434"
        " is a URL with the scheme `localhost`, and a newline at the end of a value is refused as well.",
        "spec:\n  openai: {baseURL: localhost:11434/v1}",
        "spec:\n  openai: {baseURL: http://localhost:11434/v1}",
    ),
    "FL003": Rule(
        "Credentials in the base URL",
        "Everyone who may read the object can read a user, a password or a key in its URL, and the URL ends up in the"
        " environment of each agent, in logs and in error messages.",
        "spec:\n  openai: {baseURL: 'https://gateway@llm.example.com/v1'}\n  apiKeySecretRef: {name: llm, key: api-key}",
        "spec:\n  openai: {baseURL: 'https://llm.example.com/v1'}\n  apiKeySecretRef: {name: llm, key: api-key}",
    ),
    "FL004": Rule(
        "OpenAI without an API key",
        "Nothing checks for a key: the operator marks the provider ready, and agents fail on their first request to OpenAI."
        " A server of your own may need none, so with a base URL this is a notice.",
        "spec:\n  openai: {}",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: openai, key: api-key}",
    ),
    "FL005": Rule(
        "Anthropic without an API key",
        "Nothing checks for a key: the operator marks the provider ready, and agents fail on their first request to"
        " Anthropic. A gateway may need none, so with a base URL this is a notice.",
        "spec:\n  anthropic: {}",
        "spec:\n  anthropic: {}\n  apiKeySecretRef: {name: anthropic, key: api-key}",
    ),
    "FL006": Rule(
        "Google AI without an API key",
        "Without a project or a service account key the block selects Google AI, which needs an API key; the operator marks"
        " the provider ready without one.",
        "spec:\n  google: {}",
        "spec:\n  google: {}\n  apiKeySecretRef: {name: google-ai, key: api-key}",
    ),
    "FL007": Rule(
        "An API key that Vertex AI does not use",
        "Vertex AI authenticates by a service account or the identity of the pod. Agents get the key nevertheless, and"
        " nothing reads it.",
        "spec:\n  google: {project: llm-prod}\n  apiKeySecretRef: {name: google-ai, key: api-key}",
        "spec:\n  google: {project: llm-prod}",
    ),
    "FL008": Rule(
        "A location alone does not select Vertex AI",
        "The documentation says that a location selects Vertex AI. The operator considers only the project and the service"
        " account key, so agents use Google AI.",
        "spec:\n  google: {location: europe-west4}\n  apiKeySecretRef: {name: google-ai, key: api-key}",
        "spec:\n  google: {project: llm-prod, location: europe-west4}",
    ),
    "FL009": Rule(
        "Bedrock without a region",
        "The CRD accepts an empty block, and agents then have no endpoint to connect to.",
        "spec:\n  bedrock: {}",
        "spec:\n  bedrock: {region: eu-central-1}",
    ),
    "FL010": Rule(
        "defaultHeaders have no effect",
        "The operator sent them from 2026-02-02 until its handlers were rewritten on 2026-06-11; since then nothing reads"
        " the field. The CRD still has it, so nothing refuses it.",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: openai, key: api-key}\n  defaultHeaders: {X-Team: search}",
        "# ModelProvider\nspec:\n  openai: {}\n  apiKeySecretRef: {name: openai, key: api-key}\n"
        "# Model: spec.settings.extraHeaders: {X-Team: search}",
    ),
    "FL011": Rule(
        "tls has no effect",
        "No revision of the operator has ever read spec.tls. Agents trust the certificate authorities of their image,"
        " whatever this field says.",
        "spec:\n  openai: {baseURL: 'https://llm.example.com'}\n  tls: {caSecretRef: {name: ca, key: ca.crt}}",
        "spec:\n  openai: {baseURL: 'https://llm.example.com'}\n"
        "# Agent: mount the CA, and set SSL_CERT_FILE in spec.runtime.env",
    ),
    "FL012": Rule(
        "google.location has no effect on agents",
        "The operator exports it as GOOGLE_CLOUD_REGION; the client library of the agents reads"
        " GOOGLE_CLOUD_LOCATION (google-genai 2.8.0, as of 2026-06-12).",
        "spec:\n  google: {project: llm-prod, location: europe-west4}",
        "spec:\n  google: {project: llm-prod}\n# Agent: GOOGLE_CLOUD_LOCATION in spec.runtime.env",
    ),
    "FL013": Rule(
        "The service account key has no effect on agents",
        "The operator exports it as GOOGLE_APPLICATION_CREDENTIALS_JSON, which neither the agent's runner nor"
        " google-auth reads (as of 2026-06-12). Workload Identity needs no key at all.",
        "spec:\n  google: {project: llm-prod, serviceAccountKeySecretRef: {name: gcp, key: key.json}}",
        "spec:\n  google: {project: llm-prod}\n# Agent: a service account with Workload Identity",
    ),
    "FL014": Rule(
        "bedrock.region has no effect on agents",
        "The operator exports it as AWS_REGION; the AWS library of the agents takes its region from"
        " AWS_DEFAULT_REGION (botocore 1.43.27, as of 2026-06-12). The field must still be set: FL009.",
        "spec:\n  bedrock: {region: eu-central-1}",
        "# ModelProvider: unchanged\n# Agent: AWS_DEFAULT_REGION in spec.runtime.env",
    ),
    "FL015": Rule(
        "An API key that Bedrock does not use",
        "Bedrock authenticates by the identity of the agent's service account and ignores the key.",
        "spec:\n  bedrock: {region: eu-central-1}\n  apiKeySecretRef: {name: aws, key: api-key}",
        "spec:\n  bedrock: {region: eu-central-1}",
    ),
    "FL016": Rule(
        "No trusted certificate authority",
        "With the system's authorities switched off and none in caSecretRef, no certificate can be valid. The CRD's"
        " default for useSystemCAs is true.",
        "spec:\n  openai: {baseURL: 'https://llm.example.com'}\n  tls: {useSystemCAs: false}",
        "spec:\n  openai: {baseURL: 'https://llm.example.com'}\n"
        "  tls: {useSystemCAs: false, caSecretRef: {name: ca, key: ca.crt}}",
    ),
    "FL017": Rule(
        "TLS verification is off",
        "Anyone on the network between agents and the endpoint can then read prompts and keys. The field has no effect"
        " today (FL011), but it will with the first operator that reads it. `policy.insecureSkipVerify` forbids or"
        " allows it.",
        "spec:\n  openai: {baseURL: 'https://llm.example.com'}\n  tls: {insecureSkipVerify: true}",
        "spec:\n  openai: {baseURL: 'https://llm.example.com'}\n  tls: {caSecretRef: {name: ca, key: ca.crt}}",
    ),
    "FL018": Rule(
        "An unusual key for a CA certificate",
        "The CRD has no default for the key. The documentation and cert-manager both use ca.crt; another key often holds"
        " the certificate of the server, as tls.crt does.",
        "spec:\n  openai: {baseURL: 'https://llm.example.com'}\n  tls: {caSecretRef: {name: ca, key: tls.crt}}",
        "spec:\n  openai: {baseURL: 'https://llm.example.com'}\n  tls: {caSecretRef: {name: ca, key: ca.crt}}",
    ),
    "FL019": Rule(
        "Prompts and keys travel over plain http",
        "The webhook accepts http. Anyone on the network between the cluster and a host outside it can then read prompts"
        " and keys. `policy.plainHttp` forbids or allows it.",
        "spec:\n  openai: {baseURL: 'http://llm.example.com/v1'}\n  apiKeySecretRef: {name: llm, key: api-key}",
        "spec:\n  openai: {baseURL: 'https://llm.example.com/v1'}\n  apiKeySecretRef: {name: llm, key: api-key}",
    ),
    "FL020": Rule(
        "A Secret reference without a name or a key",
        "The CRD requires a key but accepts an empty one, and accepts a reference without a name. Pods then fail to start"
        " with CreateContainerConfigError.",
        "spec:\n  openai: {}\n  apiKeySecretRef: {key: api-key}",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: openai, key: api-key}",
    ),
    "FL021": Rule(
        "A credential in a header",
        "A header of a ModelProvider is plain text in git and in the object; its value cannot refer to a Secret.",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: openai, key: api-key}\n  defaultHeaders: {Authorization: x}",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: openai, key: api-key}",
    ),
    "FL022": Rule(
        "A header that no request can carry",
        "HTTP allows letters, digits and dashes in the name of a header and no line break in its value, and ignores the"
        " case of names. Nothing checks this, and a client with such a header fails on every request.",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: openai, key: api-key}\n  defaultHeaders: {X Team: search}",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: openai, key: api-key}\n  defaultHeaders: {X-Team: search}",
    ),
    "FL024": Rule(
        "A base URL with a query or a fragment",
        "Clients append their path (`/chat/completions`) to the base URL as text, so it becomes a part of the query or of"
        " the fragment, and the server does not see it as a path.",
        "spec:\n  openai: {baseURL: 'https://llm.example.com/v1?api-version=2024-02-01'}",
        "spec:\n  openai: {baseURL: 'https://llm.example.com/v1'}",
    ),
    "FL025": Rule(
        "A name that no Secret, or no key of one, can have",
        "The CRD accepts any string. The name of a Secret consists of lower case letters, digits, dashes and dots; its"
        " keys of letters, digits, dashes, dots and underscores. Agents with any other reference do not start.",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: OpenAI_Key, key: 'my key'}",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: openai-key, key: my-key}",
    ),
    "FL026": Rule(
        "An API key where a name belongs",
        "name and key say where the API key is stored. A long random string of letters and digits is more likely the API"
        " key itself, and then everyone who may read git or the object has it.",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: openai, key: 4fQ9zX2mB7kLw0RtYp3NcV8s}",
        "spec:\n  openai: {}\n  apiKeySecretRef: {name: openai, key: api-key}",
    ),
    "FL027": Rule(
        "An empty base URL",
        "The operator takes an empty base URL as absent, so agents call the vendor instead of the gateway that was meant. An"
        " empty text is often a template whose value is missing.",
        "spec:\n  openai: {baseURL: ''}\n  apiKeySecretRef: {name: openai, key: api-key}",
        "spec:\n  openai: {baseURL: 'https://llm.example.com/v1'}\n  apiKeySecretRef: {name: openai, key: api-key}",
    ),
    "FL028": Rule(
        "A key that travels over plain http inside the cluster",
        "Whoever can read the traffic between two pods, on a node or in the network between nodes, reads the key with every"
        " request. A server without a key, and one in the agent's own pod, are no findings.",
        "spec:\n  openai: {baseURL: 'http://gateway.llm.svc/v1'}\n  apiKeySecretRef: {name: openai, key: api-key}",
        "spec:\n  openai: {baseURL: 'https://gateway.llm.svc/v1'}\n  apiKeySecretRef: {name: openai, key: api-key}",
    ),
    "FL029": Rule(
        "A region that is part of another host name",
        "Libraries of a cloud put the region into the host of their requests, as in {region}-aiplatform.googleapis.com. With"
        " a slash or a dot in it, prompts and tokens would go to another host. The CRD accepts any string. If"
        " `policy.allowedHosts` is set, no comment silences this, and it holds for live objects.",
        "spec:\n  bedrock: {region: 'llm.example.net/#'}",
        "spec:\n  bedrock: {region: eu-central-1}",
    ),
}
