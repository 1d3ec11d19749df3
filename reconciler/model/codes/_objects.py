"""Rules on objects: their form, what a CRD or an environment does not allow, secrets, references."""

# ruff: noqa: E501 -- sentences and examples
from __future__ import annotations

from reconciler.model.codes.rule import Rule

MANIFEST = {
    "M001": Rule(
        "template without objects",
        "Often a condition in the template is false in this environment. Nothing is wrong, unless you expected objects.",
    ),
    "M002": Rule(
        "document that is not an object",
        "A manifest is a mapping with apiVersion, kind and metadata.",
        "- gpt-5",
        "apiVersion: agent.flokoa.ai/v1alpha1\nkind: Model",
        final=True,
    ),
    "M003": Rule(
        "apiVersion or kind missing or of a wrong type",
        "These two fields decide which API an object belongs to.",
        "kind: Provider",
        "apiVersion: omnia.altairalabs.ai/v1alpha1\nkind: Provider",
        final=True,
    ),
    "M004": Rule(
        "metadata missing or of a wrong type",
        "The API server identifies an object by its name, which is part of its metadata.",
        "metadata: claude",
        "metadata: {name: claude, namespace: omnia}",
        final=True,
    ),
    "M005": Rule(
        "invalid name",
        "The API server accepts lower case letters, digits, `-` and `.` (RFC 1123), at most 253 characters.",
        "metadata: {name: Claude_Main}",
        "metadata: {name: claude-main}",
        final=True,
    ),
    "M006": Rule(
        "namespace missing",
        "An environment with several namespaces has no default namespace.",
        "metadata: {name: claude}",
        "metadata: {name: claude, namespace: omnia}",
        final=True,
    ),
    "M007": Rule(
        "namespace that the environment may not write to",
        "`namespaces` in environment.yaml limits where the environment writes, whatever its templates contain.",
        "metadata: {name: claude, namespace: kube-system}",
        "metadata: {name: claude, namespace: omnia}",
        final=True,
    ),
    "M008": Rule(
        "field that only the server sets",
        "The server sets uid, resourceVersion, status and similar fields. Most often they were copied from `kubectl get -o yaml`.",
        "metadata: {name: claude, uid: 7f0d}",
        "metadata: {name: claude}",
        final=True,
    ),
    "M009": Rule(
        "kind that is not managed",
        "The reconciler applies only providers and models, so that a template cannot create a role or a workload.",
        "kind: ClusterRoleBinding",
        "kind: Provider",
    ),
    "M010": Rule(
        "same object twice",
        "Every run would overwrite the first one with the second.",
        "metadata: {name: claude}\n---\nmetadata: {name: claude}",
        "metadata: {name: claude}\n---\nmetadata: {name: claude-review}",
        final=True,
    ),
    "M011": Rule(
        "label or annotation that only the reconciler sets",
        "The label makes an object a member of an ApplySet (KEP-3659); the annotations tell an operator of a rotated key, and "
        "hold an object in the cluster. From git, one would make the object a member of another set, the others conflict.",
        "labels: {applyset.kubernetes.io/part-of: x}",
        "labels: {app: x}",
        final=True,
    ),
    "M012": Rule(
        "object that is too large to be stored",
        "By default etcd accepts requests of up to 1.5 MiB (`--max-request-bytes`), and the API server accepts none of more "
        "than 3 MiB, so writing a larger object fails.",
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
        "Server-side apply refuses it with HTTP 500, and kubectl by strict validation; with other clients the server silently drops it. If the CRD of another era has the field, the finding says since when, or until when.",
        "spec: {modle: gpt-5}",
        "spec: {model: gpt-5}",
        final=True,
    ),
    "K8S003": Rule(
        "value of a wrong type",
        'The API server converts nothing: 0.7 is not a string, and "120" is not a number. A block without a value is null, not {}.',
        "defaults: {temperature: 0.7}",
        'defaults: {temperature: "0.7"}',
        final=True,
    ),
    "K8S004": Rule(
        "value that is not one of the allowed ones",
        "The CRD lists the allowed values. If the list has changed, the finding says when.",
        "spec: {type: anthropic}",
        "spec: {type: claude}",
        final=True,
    ),
    "K8S005": Rule(
        "value that violates its pattern, format or range",
        "The CRD sets these limits; for names, labels and annotations Kubernetes itself does.",
        'settings: {temperature: "3"}',
        'settings: {temperature: "1.2"}',
        final=True,
    ),
    "K8S006": Rule(
        "violated rule of the CRD",
        "The CRD has a CEL rule that the object violates; the message is the one in the CRD.",
        final=True,
    ),
    "K8S007": Rule(
        "not checked offline",
        "A rule uses a function that cannot be evaluated offline. `diff` lets the API server evaluate it.",
    ),
    "K8S008": Rule(
        "version that the CRD does not serve",
        "The API server has no endpoint for this version.",
        "apiVersion: omnia.altairalabs.ai/v1",
        "apiVersion: omnia.altairalabs.ai/v1alpha1",
        final=True,
    ),
    "K8S009": Rule(
        "cluster with another CRD than the pinned one",
        "CI validates with one CRD and the cluster with another. `helm upgrade` does not upgrade CRDs, so they can be older than the operator.",
    ),
    "K8S010": Rule(
        "number that does not fit its field",
        "An API server does not enforce `format: int32`, but the operator cannot decode a larger number. It then fails to list"
        " the objects of that kind at all, and stops working for every provider.",
        "defaults: {maxTokens: 3000000000}",
        "defaults: {maxTokens: 4096}",
    ),
    "K8S011": Rule(
        "field of a plain manifest without a value",
        "A key without a value is null. `kubectl create` and client-side apply drop it, but server-side apply refuses the"
        " object. Most often the fields below it are not indented.",
        "spec:\n  tls:\n  insecureSkipVerify: true",
        "spec:\n  tls:\n    insecureSkipVerify: true",
    ),
}

SECRETS = {
    "SEC001": Rule(
        "secret in clear text",
        "Everyone who can read the repository, its forks, its CI logs or the object has the key, and git keeps it in its history. The check recognizes the shapes of well-known keys, in clear text and in base64, in every source and in rendered manifests. It ignores placeholders such as `changeme`.",
        "headers: {X-Key: <an API key>}",
        "credential: {secretRef: {name: vendor, key: api-key}}",
    ),
    "SEC002": Rule(
        "random value in a field that is named like a credential",
        "A random value in such a field is most likely the credential itself. Only the name of a Secret belongs there.",
        "apiKey: <24 random characters>",
        "apiKey: openai-credentials",
    ),
    "SEC003": Rule(
        "Secret in the repository",
        "base64 is not encryption. Keep Secrets out of git: store them in a vault, or use external-secrets or sealed secrets.",
        "kind: Secret\nstringData: {api-key: <a key>}",
        "spec: {apiKeySecretRef: {name: openai, key: api-key}}",
    ),
}

REFERENCES = {
    "REF001": Rule(
        "object that is not part of the environment",
        "A Model whose ModelProvider is missing waits for it, and reports that only in its status. With a name of this environment in which one letter is wrong it is an error. If someone else creates the object, silence the finding with that reason.",
        "providerRef: {name: opneai}",
        "providerRef: {name: openai}",
    ),
    "REF002": Rule(
        "reference to an object outside the environment's namespaces",
        "The environment does not write to that namespace, so a run cannot tell whether the object exists. `policy.referenceNamespaces` allows or forbids such references.",
        "providerRef: {name: openai, namespace: elsewhere}",
        "providerRef: {name: openai}",
    ),
    "REF003": Rule(
        "object that two environments write to one cluster",
        "Both apply it as the same field manager, so each run undoes the other, and the server never reports a conflict."
        " `cluster.uid` identifies a cluster; without it, the folder or the context does.",
        "dev: {cluster: {type: kubernetes, context: shared}, namespaces: [llm]}\n"
        "staging: {cluster: {type: kubernetes, context: shared}, namespaces: [llm]}",
        "dev: {cluster: {type: kubernetes, context: shared}, namespaces: [llm-dev]}\n"
        "staging: {cluster: {type: kubernetes, context: shared}, namespaces: [llm-staging]}",
    ),
}

POLICY = {
    "POL001": Rule(
        "host that the environment does not allow",
        "Whoever controls the host of a base URL gets every prompt and the key. `policy.allowedHosts` lists the allowed hosts.",
        "baseURL: https://llm.example.net",
        "baseURL: https://llm.example.com   # policy: {allowedHosts: ['*.example.com']}",
    ),
    "POL002": Rule(
        "header that the environment does not allow",
        "`policy.allowedHeaders` and `policy.deniedHeaders` decide which headers a manifest may set.",
        "headers: {Authorization: x}   # policy: {deniedHeaders: [Authorization]}",
        "credential: {secretRef: {name: vendor, key: api-key}}",
    ),
    "POL003": Rule(
        "Secret that the environment does not allow",
        "An operator can read Secrets that the author of a manifest may not read, and a reference would send one of them to a vendor. `policy.secretNames` lists the allowed Secrets.",
        "secretRef: {name: registry-credentials}   # policy: {secretNames: ['llm-*']}",
        "secretRef: {name: llm-openai}",
    ),
    "POL004": Rule(
        "reference into a namespace that the environment does not allow",
        "Neither operator requires a grant: a reference can use the providers of any namespace, even those of another environment.",
        "providerRef: {name: openai, namespace: prod}   # policy: {referenceNamespaces: []}",
        "providerRef: {name: openai}",
    ),
    "POL005": Rule(
        "severity of a rule that the CRD has too",
        "The CRDs of some releases contain some of the rules of a kind. If a CRD refuses an object, no policy can change that.",
        "policy: {severity: {OM020: off}}",
        "spec: {platform: {type: vertex}, auth: {type: workloadIdentity}}",
    ),
    "POL006": Rule(
        "a glob of policy.extraFields that no field can match",
        "The glob is valid, but no CRD in use has such a field, so what it would remove or fail stays.",
        "policy: {extraFields: {spec.header.*: remove}}",
        "policy: {extraFields: {spec.headers.*: remove}}",
    ),
}

SILENCES = {
    "IGN001": Rule(
        "malformed silence, or a silence without a reason",
        "The next reader must know why this is intended. Without a reason, or with a rule that does not exist, the comment silences nothing.",
        "# reconciler: ignore OM051",
        "# reconciler: ignore OM051 -- a lab network without a way out",
    ),
    "IGN002": Rule(
        "unused silence",
        "The finding is corrected, or is on another line now. The comment would silence the next finding of this rule here.",
    ),
    "IGN003": Rule(
        "silence of a finding that cannot be silenced",
        "The cluster would refuse the object nevertheless, only later and in production; or the policy of the environment forbids it.",
        "modle: gpt-5   # reconciler: ignore K8S002 -- later",
        "model: gpt-5",
    ),
}
