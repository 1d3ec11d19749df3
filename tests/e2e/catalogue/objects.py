"""Rows C-34 to C-48: objects and policy."""

from __future__ import annotations

from tests.e2e.catalogue.case import (
    BAD,
    CANARY,
    CONFIG,
    ENVIRONMENT,
    FLOKOA,
    PROD,
    PROVIDER,
    Case,
    Elsewhere,
    at,
    bad,
    flokoa,
    policed,
    provider,
    with_finding,
)

_NAME = "{name: bad, namespace: llm}"
_SECRET = "{name: claude, key: ANTHROPIC_API_KEY}"
_CREDENTIAL = f"  credential: {{secretRef: {_SECRET}}}\n"
_URL = "{baseURL: '%s'}"
_HOSTS = "{allowedHosts: [api.openai.com]}"
_AUTH = "  auth: {type: workloadIdentity}\n"
_BEDROCK = "  type: claude\n  model: m\n  platform: {type: bedrock, region: eu-central-1}\n"
_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"


def name(id_: str, text: str) -> Case:
    return provider(f"C-39 {id_}", _NAME, f"{{name: {text}, namespace: llm}}", "3:12", "M005")


def meta(id_: str, field: str) -> Case:
    new = f"{{name: bad, namespace: llm, {field}}}"
    return provider(f"C-42 {id_}", _NAME, new, "3:39", "M008", f"metadata.{id_}")


def labelled(id_: str, field: str, place: str, code: str, *says: str) -> Case:
    new = f"{{name: bad, namespace: llm, {field}}}"
    return provider(f"C-43 {id_}", _NAME, new, place, code, *says)


def reached(text: str) -> str:
    """A ModelProvider with a base URL."""
    return FLOKOA.replace("{}", _URL % text)


def url(id_: str, text: str, code: str, *says: str) -> Case:
    return bad(id_, reached(text), "6:12", code, *says)


def header(id_: str, text: str, place: str, code: str, *says: str) -> Case:
    return bad(f"C-47 {id_}", PROVIDER + f"  headers: {text}\n", place, code, *says)


def spec(
    id_: str, lines: str, place: str, code: str, *says: str, more: tuple[str, ...] = ()
) -> Case:
    """A Provider with another spec."""
    text = PROVIDER[: PROVIDER.index("  type")] + lines
    return bad(f"C-35 {id_}", text, place, code, *says, more=more)


def credential(text: str) -> str:
    """A Provider with another credential."""
    return PROVIDER.replace(f"{{secretRef: {_SECRET}}}", text)


CASES: tuple[Case | Elsewhere, ...] = (
    flokoa("C-34 none", "  openai: {}\n", "", "4:1", "FL001", "exactly one of openai, anthropic"),
    flokoa(
        "C-34 two",
        "openai: {}",
        "openai: {}\n  anthropic: {}",
        "7:3",
        "FL001",
        "only one of openai",
    ),
    spec("role", "  type: voyageai\n  role: llm\n  model: m\n" + _CREDENTIAL, "6:3", "OM043"),
    spec("no auth", _BEDROCK, "7:3", "OM020"),
    spec("no platform", "  type: claude\n  model: m\n" + _AUTH, "4:1", "OM020", more=("OM002",)),
    spec(
        "vertex",
        "  type: gemini\n  model: m\n  platform: {type: vertex, region: r}\n" + _AUTH,
        "7:3",
        "OM021",
        "platform vertex needs a project",
    ),
    spec(
        "azure",
        "  type: openai\n  model: m\n  platform: {type: azure}\n" + _AUTH,
        "7:3",
        "OM021",
        "platform azure needs an endpoint",
    ),
    spec("model", "  type: claude\n" + _CREDENTIAL, "4:1", "OM004"),
    spec(
        "fit",
        "  type: ollama\n  model: m\n  platform: {type: bedrock, region: r}\n" + _AUTH,
        "7:3",
        "OM019",
    ),
    flokoa(
        "C-36",
        "apiKeySecretRef",
        "apiKeySecretref",
        "5:3",
        "K8S002",
        "did you mean spec.apiKeySecretRef?",
    ),
    # Whatever is wrong in one file, what is wrong in others is told as well.
    Case(
        "C-36 with others",
        {
            BAD: FLOKOA.replace("openai:", "openia:"),
            f"{PROD}claudius.yaml.j2": PROVIDER.replace("type: claude", "type: claudius"),
        },
        finding="error[K8S002]",
        place=at(BAD, "6:3"),
        says=("did you mean spec.openai?",),
        more=("K8S004",),
    ),
    flokoa(
        "C-37",
        "{name: openai, key: api-key}",
        CANARY,
        "5:3",
        "SEC001",
        "move it into a Secret",
        more=("K8S003",),
    ),
    flokoa("C-38 name", "name: openai, ", "", "5:3", "FL020"),
    flokoa("C-38 key", ", key: api-key", "", "5:3", "K8S001", "spec.apiKeySecretRef.key"),
    name("upper case", "Bad"),
    name("long", "a" * 254),
    name("dots", '".."'),
    name("dash", "bad-"),
    name("percent", '"a%2fb"'),
    name("slash", "a/b"),
    name("newline", '"a\\nb"'),
    provider("C-40 foreign", "namespace: llm", "namespace: kube-system", "3:23", "M007"),
    Case(
        "C-40 missing",
        {
            CONFIG: ENVIRONMENT[CONFIG].replace("[llm]", "[llm, omnia]"),
            BAD: PROVIDER.replace(", namespace: llm", ""),
        },
        finding="error[M006]",
        place=at(BAD, "3:1"),
    ),
    bad("C-41 one file", PROVIDER + "---\n" + PROVIDER, "11:12", "M010", f"{BAD}:3:12"),
    Case(
        "C-41 two files",
        {BAD: PROVIDER, f"{PROD}twice.yaml.j2": PROVIDER},
        finding="error[M010]",
        place=f"{PROD}twice.yaml.j2:3:12",
        says=(f"{BAD}:3:12",),
    ),
    meta("generateName", "generateName: x"),
    meta("resourceVersion", 'resourceVersion: "1"'),
    meta("uid", "uid: x"),
    meta("managedFields", "managedFields: []"),
    meta("finalizers", "finalizers: [a/b]"),
    meta("ownerReferences", "ownerReferences: []"),
    bad("C-42 status", PROVIDER + "status: {phase: Ready}\n", "8:1", "M008", "status"),
    labelled(
        "annotation",
        f"annotations: {{a: {'x' * (256 * 1024 + 1)}}}",
        "3:39",
        "K8S005",
        "metadata.annotations",
    ),
    labelled("value", f"labels: {{a: {'x' * 64}}}", "3:48", "K8S005", "metadata.labels.a"),
    labelled("key", "labels: {a/b/c: x}", "3:48", "K8S005", "metadata.labels[a/b/c]"),
    bad(
        "C-44",
        PROVIDER + f"  headers: {{X-Long: {'x' * 1_600_000}}}\n",
        "1:1",
        "M012",
        "MiB",
        own=True,
    ),
    url("C-45 file", "file:///etc/passwd", "FL002"),
    url("C-45 gopher", "gopher://example.com", "FL002"),
    url("C-45 no host", "https:///v1", "FL002"),
    url("C-45 userinfo", f"https://user:{CANARY}@example.com/v1", "SEC001"),
    url("C-45 query", f"https://example.com/v1?api_key={CANARY}", "SEC001"),
    # Told, for it works: a fragment is lost, plain http is read by others.
    with_finding("C-45 fragment", reached("https://example.com/v1#x"), "6:12", "warning[FL024]"),
    with_finding("C-45 http", reached("http://gateway.example.com/v1"), "6:12", "warning[FL019]"),
    policed(
        "C-45 http forbidden",
        "{plainHttp: forbid}",
        reached("http://gateway.example.com/v1"),
        "6:12",
        "FL019",
    ),
    url("C-46 port 0", "https://example.com:0/v1", "FL002"),
    url("C-46 port 70000", "https://example.com:70000/v1", "FL002"),
    url("C-46 zone", "https://[fe80::1%25eth0/v1", "FL002"),
    # Each of these is one host to Go's parser: an environment says which ones it means.
    *(
        policed(f"C-46 {id_}", _HOSTS, reached(text), "6:12", "POL001")
        for id_, text in (
            ("punycode", "https://xn--pi-7kc.openai.com/v1"),
            ("decimal", "https://2130706433/v1"),
            ("IDN", "https://ope\u0274ai.com/v1"),
        )
    ),
    Case(
        "C-46 trailing dot",
        {
            CONFIG: ENVIRONMENT[CONFIG] + f"policy: {_HOSTS}\n",
            BAD: reached("https://api.openai.com./v1"),
        },
        0,
        objects=2,  # the same host
    ),
    header("space", '{"X Title": a}', "8:13", "OM055"),
    header("newline in name", '{"X-A\\nX-B": a}', "8:13", "OM055"),
    header(
        "duplicate by case",
        "{X-Title: a, x-title: b}",
        "8:25",
        "OM055",
        "X-Title is the same header",
    ),
    header("newline in value", '{X-Title: "a\\r\\nX-Other: b"}', "8:13", "OM055"),
    header("credential", f'{{Authorization: "Bearer {CANARY}"}}', "8:13", "SEC001"),
    # The cluster takes these and they work: told, and an error where the policy says so.
    with_finding(
        "C-48 shadow",
        credential("{filePath: /etc/shadow}"),
        "7:16",
        "warning[OM054]",
        "a file of the system",
    ),
    policed(
        "C-48 by policy",
        "{severity: {OM054: error}}",
        credential(f"{{filePath: {_TOKEN}}}"),
        "7:16",
        "OM054",
    ),
    with_finding(
        "C-48 variable",
        credential("{envVar: LD_PRELOAD}"),
        "7:16",
        "warning[OM054]",
        "a variable of the system",
    ),
)
