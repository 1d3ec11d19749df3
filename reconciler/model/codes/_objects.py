"""Rules on objects: what they are, what a CRD and an environment say of them, what stands in them."""

# ruff: noqa: E501 -- sentences and examples
from __future__ import annotations

from reconciler.model.codes.rule import Rule

MANIFEST = {
    "M001": Rule(
        "template without objects",
        "Often a condition that is false in this environment. Nothing is wrong, unless objects were expected.",
    ),
    "M002": Rule(
        "document that is no object",
        "A manifest is a mapping with apiVersion, kind and metadata.",
        "- gpt-5",
        "apiVersion: agent.flokoa.ai/v1alpha1\nkind: Model",
        final=True,
    ),
    "M003": Rule(
        "apiVersion or kind missing or of a wrong type",
        "They say which API an object belongs to.",
        "kind: Provider",
        "apiVersion: omnia.altairalabs.ai/v1alpha1\nkind: Provider",
        final=True,
    ),
    "M004": Rule(
        "metadata missing or of a wrong type",
        "An object without a name cannot be found again.",
        "metadata: claude",
        "metadata: {name: claude, namespace: omnia}",
        final=True,
    ),
    "M005": Rule(
        "invalid name",
        "The API server takes small letters, digits, `-` and `.` (RFC 1123), 253 characters at most.",
        "metadata: {name: Claude_Main}",
        "metadata: {name: claude-main}",
        final=True,
    ),
    "M006": Rule(
        "namespace missing",
        "With several namespaces in the environment none of them is meant by itself.",
        "metadata: {name: claude}",
        "metadata: {name: claude, namespace: omnia}",
        final=True,
    ),
    "M007": Rule(
        "namespace that the environment may not write to",
        "`namespaces` of environment.yaml is the fence: a template cannot reach beyond it.",
        "metadata: {name: claude, namespace: kube-system}",
        "metadata: {name: claude, namespace: omnia}",
        final=True,
    ),
    "M008": Rule(
        "field that the server owns",
        "uid, resourceVersion, status and the like are the server's answer, often copied with `kubectl get -o yaml`. A wish has none of them.",
        "metadata: {name: claude, uid: 7f0d}",
        "metadata: {name: claude}",
        final=True,
    ),
    "M009": Rule(
        "kind that is not managed",
        "The reconciler applies providers and models and nothing else, so that a template cannot bring a role or a workload along.",
        "kind: ClusterRoleBinding",
        "kind: Provider",
    ),
    "M010": Rule(
        "same object twice",
        "The second one would overwrite the first in every run.",
        "metadata: {name: claude}\n---\nmetadata: {name: claude}",
        "metadata: {name: claude}\n---\nmetadata: {name: claude-review}",
        final=True,
    ),
    "M011": Rule(
        "label that marks membership in an ApplySet",
        "The reconciler sets it (KEP-3659); by hand it would make the object a member of another set.",
        "labels: {applyset.kubernetes.io/part-of: x}",
        "labels: {app: x}",
        final=True,
    ),
    "M012": Rule(
        "object that is too large to be stored",
        "etcd takes requests of up to 1.5 MiB unless it is told otherwise (`--max-request-bytes`), and the API server "
        "none of more than 3 MiB: a larger object fails when it is written.",
        final=True,
    ),
}

ADMISSION = {
    "K8S001": Rule(
        "required field that is missing",
        "The CRD requires it, so the API server refuses the object.",
        "spec: {model: gpt-5}",
        "spec: {model: gpt-5, providerRef: {name: openai}}",
        final=True,
    ),
    "K8S002": Rule(
        "field that the CRD does not have",
        "Server-side apply refuses it with HTTP 500, kubectl by strict validation; other clients drop it in silence. With another CRD it may exist: the finding says since when, or until when.",
        "spec: {modle: gpt-5}",
        "spec: {model: gpt-5}",
        final=True,
    ),
    "K8S003": Rule(
        "value of a wrong type",
        'Nothing is converted: 0.7 is no text, and "120" no number. An empty block is null, not {}.',
        "defaults: {temperature: 0.7}",
        'defaults: {temperature: "0.7"}',
        final=True,
    ),
    "K8S004": Rule(
        "value that is not one of the allowed ones",
        "The CRD lists them. The lists grew and shrank: the finding says when.",
        "spec: {type: anthropic}",
        "spec: {type: claude}",
        final=True,
    ),
    "K8S005": Rule(
        "value outside of its pattern, format or range",
        "The CRD says what it must look like, and Kubernetes itself what names, labels and annotations do.",
        'settings: {temperature: "3"}',
        'settings: {temperature: "1.2"}',
        final=True,
    ),
    "K8S006": Rule(
        "rule of the CRD that does not hold",
        "A CEL rule of the CRD; the message is the CRD's own.",
        final=True,
    ),
    "K8S007": Rule(
        "not checked offline",
        "A rule uses a function that is not known here. The API server knows it: `diff` asks there.",
    ),
    "K8S008": Rule(
        "version that the CRD does not serve",
        "The API server has no such endpoint, and nothing converts.",
        "apiVersion: omnia.altairalabs.ai/v1",
        "apiVersion: omnia.altairalabs.ai/v1alpha1",
        final=True,
    ),
    "K8S009": Rule(
        "cluster with another CRD than the pinned one",
        "CI judged by one CRD and the cluster by another. `helm upgrade` leaves CRDs alone, so their age is not that of the operator.",
    ),
    "K8S010": Rule(
        "number that does not fit its field",
        "An API server does not look at `format: int32`. The operator does: it cannot read the object, and with it not"
        " the list of all objects of that kind, so that it stops for every provider.",
        "defaults: {maxTokens: 3000000000}",
        "defaults: {maxTokens: 4096}",
    ),
    "K8S011": Rule(
        "field of a plain manifest without a value",
        "A key without a value is null. `kubectl create` and client-side apply drop it, server-side apply refuses the"
        " object. Most often what belongs to it is not indented.",
        "spec:\n  tls:\n  insecureSkipVerify: true",
        "spec:\n  tls:\n    insecureSkipVerify: true",
    ),
}

SECRETS = {
    "SEC001": Rule(
        "secret in clear text",
        "Whoever can read the repository, its forks, its CI logs or the object has the key, and git does not forget. Known shapes of keys are found in every source and in what is rendered, in clear and in base64. A placeholder such as `changeme` is none.",
        "headers: {X-Key: <an API key>}",
        "credential: {secretRef: {name: vendor, key: api-key}}",
    ),
    "SEC002": Rule(
        "field of a credential that holds more than a name",
        "The field is named after a credential, and the text in it is drawn rather than written. The name of a Secret belongs there, or nothing.",
        "apiKey: <24 random characters>",
        "apiKey: openai-credentials",
    ),
    "SEC003": Rule(
        "Secret among the sources",
        "base64 is no encryption. Secrets come from a vault, from external-secrets or sealed, and stay out of git.",
        "kind: Secret\nstringData: {api-key: <a key>}",
        "spec: {apiKeySecretRef: {name: openai, key: api-key}}",
    ),
}

REFERENCES = {
    "REF001": Rule(
        "object that is not part of the environment",
        "A Model whose ModelProvider is missing waits for it, and says so only in its status. If someone else brings the object, silence the finding with that reason.",
        "providerRef: {name: opneai}",
        "providerRef: {name: openai}",
    ),
    "REF002": Rule(
        "object outside of the environment's namespaces",
        "The environment does not write there, so nobody knows whether the object is there. `policy.referenceNamespaces` allows or refuses it.",
        "providerRef: {name: openai, namespace: elsewhere}",
        "providerRef: {name: openai}",
    ),
    "REF003": Rule(
        "object of two environments on one cluster",
        "Both apply it under the same field manager, so each run undoes the other, and no conflict ever says so. Clusters"
        " are told apart by `cluster.uid`, else by the folder or the context.",
        "dev: {cluster: {type: kubernetes, context: shared}, namespaces: [llm]}\n"
        "staging: {cluster: {type: kubernetes, context: shared}, namespaces: [llm]}",
        "dev: {cluster: {type: kubernetes, context: shared}, namespaces: [llm-dev]}\n"
        "staging: {cluster: {type: kubernetes, context: shared}, namespaces: [llm-staging]}",
    ),
}

POLICY = {
    "POL001": Rule(
        "host that the environment does not allow",
        "Whoever changes a base URL gets every prompt and the key with it. `policy.allowedHosts` names the hosts that are meant.",
        "baseURL: https://llm.example.net",
        "baseURL: https://llm.example.com   # policy: {allowedHosts: ['*.example.com']}",
    ),
    "POL002": Rule(
        "header that the environment does not allow",
        "`policy.allowedHeaders` and `policy.deniedHeaders` say which headers a manifest may set.",
        "headers: {Authorization: x}   # policy: {deniedHeaders: [Authorization]}",
        "credential: {secretRef: {name: vendor, key: api-key}}",
    ),
    "POL003": Rule(
        "Secret that the environment does not allow",
        "An operator reads Secrets that the author of a manifest may not: a reference would hand one of them to a vendor. `policy.secretNames` fences them in.",
        "secretRef: {name: registry-credentials}   # policy: {secretNames: ['llm-*']}",
        "secretRef: {name: llm-openai}",
    ),
    "POL004": Rule(
        "reference into a namespace that the environment does not allow",
        "Neither operator asks for a grant: a reference reaches the providers of every namespace, another stage's among them.",
        "providerRef: {name: openai, namespace: prod}   # policy: {referenceNamespaces: []}",
        "providerRef: {name: openai}",
    ),
    "POL005": Rule(
        "severity of a rule that a CRD has too",
        "Some rules of the kinds stand in the CRD of one release or another. Where it refuses an object, no policy makes it apply.",
        "policy: {severity: {OM020: off}}",
        "spec: {platform: {type: vertex}, auth: {type: workloadIdentity}}",
    ),
}

SILENCES = {
    "IGN001": Rule(
        "silence that cannot be read, or has no reason",
        "The next reader has to know why a finding is meant; without a reason, or with a rule that does not exist, the comment silences nothing.",
        "# reconciler: ignore OM051",
        "# reconciler: ignore OM051 -- a lab network without a way out",
    ),
    "IGN002": Rule(
        "silence that silences nothing",
        "The finding is gone, or moved to another line. A comment that stays would hide the next one.",
    ),
    "IGN003": Rule(
        "silence of what a cluster refuses",
        "The object would be refused all the same, only later and in production.",
        "modle: gpt-5   # reconciler: ignore K8S002 -- later",
        "model: gpt-5",
    ),
}
