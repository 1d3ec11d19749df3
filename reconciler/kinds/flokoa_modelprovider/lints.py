"""ModelProviders that a Flokoa cluster accepts and that do not do what their author expects."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kind import FieldFinding, Topic
from reconciler.kinds import _headers, _urls
from reconciler.kinds._findings import notice, warning
from reconciler.kinds._urls import UrlCodes
from reconciler.kinds.flokoa_modelprovider.spec import Spec
from reconciler.model.document import JsonObject
from reconciler.model.finding import Severity

_URLS = UrlCodes(credentials="FL003", plain_http="FL019", oddity="FL024")


def lint(body: JsonObject) -> tuple[FieldFinding, ...]:
    spec = Spec.of(body)
    return (
        *_lint_urls(spec),
        *_lint_secrets(spec),
        *_lint_google(spec),
        *_lint_bedrock(spec),
        *_lint_tls(spec),
        *_lint_headers(spec),
    )


def _lint_urls(spec: Spec) -> Iterator[FieldFinding]:
    for block, api in (("openai", spec.openai), ("anthropic", spec.anthropic)):
        yield from _urls.empty("FL027", (block, "baseURL"), api.base_url if api else None)
    for block, url in spec.urls:
        path = (block, "baseURL")
        findings = tuple(_URLS.findings(path, url))
        yield from findings
        yield from _urls.exposed_key("FL028", path, url, has_key=spec.api_key is not None)
        if not findings and spec.api_key is None:
            yield notice(
                "FL004" if block == "openai" else "FL005",
                ("apiKeySecretRef",),
                f"without apiKeySecretRef agents call the {block} endpoint without a key",
                "add apiKeySecretRef, unless the server needs no key",
            )


def _lint_secrets(spec: Spec) -> Iterator[FieldFinding]:
    for path, secret, _ in spec.secrets:
        yield from secret.leaked_keys("FL026", path)


def _lint_google(spec: Spec) -> Iterator[FieldFinding]:
    google = spec.google
    if google is None:
        return
    path = ("google", "location")
    if google.is_vertex and spec.api_key is not None:
        yield warning(
            "FL007",
            ("apiKeySecretRef",),
            "Vertex AI does not use an API key",
            "remove it: agents would get a key that they do not need",
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


def _lint_bedrock(spec: Spec) -> Iterator[FieldFinding]:
    if spec.bedrock is None:
        return
    if spec.api_key is not None:
        yield warning("FL015", ("apiKeySecretRef",), "Bedrock does not use an API key", "remove it")
    if spec.bedrock.region:
        yield notice(
            "FL014",
            ("bedrock", "region"),
            "bedrock.region reaches agents as AWS_REGION, but the AWS library reads AWS_DEFAULT_REGION",
            "set AWS_DEFAULT_REGION in Agent.spec.runtime.env; credentials come from the agent's service account",
        )


def _lint_tls(spec: Spec) -> Iterator[FieldFinding]:
    tls = spec.tls
    if tls is None:
        return
    yield notice(
        "FL011",
        ("tls",),
        "nothing reads tls: agents trust the certificate authorities of their image",
        "mount the CA in agents and set SSL_CERT_FILE in Agent.spec.runtime.env",
    )
    if tls.insecure:
        ignored = ", so caSecretRef is ignored" if tls.ca else ""
        path = ("tls", "insecureSkipVerify")
        message = f"TLS verification is off{ignored}"
        yield warning("FL017", path, message, "set caSecretRef instead", Topic.INSECURE_TLS)
    if tls.use_system_cas is False and tls.ca is None:
        path = ("tls", "useSystemCAs")
        yield warning("FL016", path, "no trusted certificate authority is left", "add caSecretRef")
    if tls.ca is not None and tls.ca.key and tls.ca.key != "ca.crt":
        yield warning(
            "FL018",
            ("tls", "caSecretRef", "key"),
            "the key of a CA certificate in a Secret is usually ca.crt",
            "write ca.crt, and store the certificate under it",
        )


def _lint_headers(spec: Spec) -> Iterator[FieldFinding]:
    headers, path = spec.default_headers or {}, ("defaultHeaders",)
    yield from _headers.credentials("FL021", path, headers, "use apiKeySecretRef")
    yield from _headers.malformed(Severity.WARNING, "FL022", path, headers)
    if headers:
        yield notice(
            "FL010",
            path,
            "defaultHeaders are not sent: the operator has ignored them since 2026-06-11",
            "set them in Model.spec.settings.extraHeaders",
        )
