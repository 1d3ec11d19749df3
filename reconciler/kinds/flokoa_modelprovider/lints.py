"""What a Flokoa cluster takes of a ModelProvider, and what then does not do what its author thinks."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kind import Finding, Topic
from reconciler.kinds import _headers
from reconciler.kinds._contract import about, notice, warning
from reconciler.kinds.flokoa_modelprovider.spec import Spec
from reconciler.model.document import JsonObject, dig_map
from reconciler.text import urls


def lint(body: JsonObject) -> tuple[Finding, ...]:
    spec = Spec.model_validate(dig_map(body, "spec"))
    return (
        *_lint_urls(spec),
        *_lint_google(spec),
        *_lint_bedrock(spec),
        *_lint_tls(spec),
        *_lint_headers(spec),
    )


def _lint_urls(spec: Spec) -> Iterator[Finding]:
    for block, url in spec.urls:
        path = (block, "baseURL")
        if urls.has_credentials(url):
            yield warning(
                "FL003", path, "credentials stand in the base URL", "move them to a Secret"
            )
        elif urls.is_plain_http(url):
            message = "prompts and keys travel over plain http"
            yield about(Topic.PLAIN_HTTP, warning("FL019", path, message, "use https"))
        elif oddity := urls.oddity_of(url):
            yield warning("FL024", path, f"the base URL {oddity}", "write what comes before it")
        elif spec.api_key is None:
            code = "FL004" if block == "openai" else "FL005"
            yield notice(
                code,
                ("apiKeySecretRef",),
                f"no apiKeySecretRef: agents call the {block} endpoint without a key",
            )


def _lint_google(spec: Spec) -> Iterator[Finding]:
    google = spec.google
    if google is None:
        return
    path = ("google", "location")
    if google.is_vertex and spec.api_key is not None:
        yield warning(
            "FL007",
            ("apiKeySecretRef",),
            "Vertex AI does not use an API key",
            "remove it: agents would get the key for nothing",
        )
    if google.location and not google.is_vertex:
        yield warning(
            "FL008",
            path,
            "a location alone does not select Vertex AI: agents use Google AI",
            "set google.project as well",
        )
    elif google.location:
        yield notice(
            "FL012",
            path,
            "google.location reaches agents as GOOGLE_CLOUD_REGION, which the client library does not read",
            "set GOOGLE_CLOUD_LOCATION in Agent.spec.runtime.env",
        )
    if google.service_account is not None:
        yield notice(
            "FL013",
            ("google", "serviceAccountKeySecretRef"),
            "the key reaches agents as GOOGLE_APPLICATION_CREDENTIALS_JSON, which no library reads",
            "give agents Workload Identity, or mount the key and set GOOGLE_APPLICATION_CREDENTIALS",
        )


def _lint_bedrock(spec: Spec) -> Iterator[Finding]:
    if spec.bedrock is None:
        return
    if spec.api_key is not None:
        yield warning("FL015", ("apiKeySecretRef",), "Bedrock does not use an API key", "remove it")
    if spec.bedrock.region:
        yield notice(
            "FL014",
            ("bedrock", "region"),
            "bedrock.region reaches agents as AWS_REGION, and the AWS library reads AWS_DEFAULT_REGION",
            "set AWS_DEFAULT_REGION in Agent.spec.runtime.env; credentials come from the agent's service account",
        )


def _lint_tls(spec: Spec) -> Iterator[Finding]:
    tls = spec.tls
    if tls is None:
        return
    yield notice(
        "FL011",
        ("tls",),
        "nothing reads tls: agents verify with the certificate authorities of their image",
        "mount the CA in agents and set SSL_CERT_FILE in Agent.spec.runtime.env",
    )
    if tls.insecure:
        beside = ", so caSecretRef is in vain" if tls.ca else ""
        path = ("tls", "insecureSkipVerify")
        message = f"TLS verification is off{beside}"
        yield about(Topic.INSECURE_TLS, warning("FL017", path, message, "name the CA instead"))
    if tls.use_system_cas is False and tls.ca is None:
        path = ("tls", "useSystemCAs")
        yield warning("FL016", path, "no certificate authority is left to trust", "add caSecretRef")
    if tls.ca is not None and tls.ca.key and tls.ca.key != "ca.crt":
        key = ("tls", "caSecretRef", "key")
        yield warning("FL018", key, "a CA certificate usually stands under the key ca.crt")


def _lint_headers(spec: Spec) -> Iterator[Finding]:
    for name in spec.default_headers or {}:
        if _headers.is_credential(str(name)):
            yield warning(
                "FL021",
                ("defaultHeaders", name),
                "a credential in a header stands in git and in the object, for everyone who may read them",
                "use apiKeySecretRef",
            )
    for name, problem in _headers.problems_of(spec.default_headers or {}):
        yield warning("FL022", ("defaultHeaders", name), problem)
    if spec.default_headers:
        yield notice(
            "FL010",
            ("defaultHeaders",),
            "defaultHeaders are not sent: the operator has ignored them since 2026-06-11",
            "set them in Model.spec.settings.extraHeaders",
        )
