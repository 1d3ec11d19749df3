"""Rows C-34 to C-48: objects and policy."""

from __future__ import annotations

from tests.e2e.catalogue.case import (
    BAD,
    BASE,
    CANARY,
    CONFIG,
    FLOKOA,
    PROVIDER,
    Case,
    Elsewhere,
    bad,
    flokoa,
    provider,
)

_NAME = "{name: bad, namespace: llm}"
_SECRET = "{name: claude, key: ANTHROPIC_API_KEY}"
_CREDENTIAL = f"  credential: {{secretRef: {_SECRET}}}\n"
_URL = "{baseURL: '%s'}"


def name(id_: str, text: str) -> Case:
    return provider(f"C-39 {id_}", _NAME, f"{{name: {text}, namespace: llm}}", "3:12", "[M005]")


def meta(id_: str, field: str) -> Case:
    new = f"{{name: bad, namespace: llm, {field}}}"
    return provider(f"C-42 {id_}", _NAME, new, "3:39", "[M008]", id_)


def url(id_: str, text: str, *says: str, code: int = 3) -> Case:
    return flokoa(id_, "openai: {}", f"openai: {_URL % text}", "6:12", *says, code=code)


def spec(id_: str, lines: str, place: str, *says: str) -> Case:
    """A Provider with another spec."""
    return bad(f"C-35 {id_}", PROVIDER[: PROVIDER.index("  type")] + lines, place, *says)


_AUTH = "  auth: {type: workloadIdentity}\n"
_BEDROCK = "  type: claude\n  model: m\n  platform: {type: bedrock, region: eu-central-1}\n"

CASES: tuple[Case | Elsewhere, ...] = (
    flokoa("C-34 none", "  openai: {}\n", "", "4:1", "[FL001]"),
    flokoa("C-34 two", "openai: {}", "openai: {}\n  anthropic: {}", "", "[FL001]"),
    spec("role", "  type: voyageai\n  role: llm\n  model: m\n" + _CREDENTIAL, "", "[OM043]"),
    spec("no auth", _BEDROCK, "", "[OM020]"),
    spec("no platform", "  type: claude\n  model: m\n" + _AUTH, "", "[OM020]"),
    spec(
        "vertex",
        "  type: gemini\n  model: m\n  platform: {type: vertex, region: r}\n" + _AUTH,
        "",
        "[OM021]",
    ),
    spec("azure", "  type: openai\n  model: m\n  platform: {type: azure}\n" + _AUTH, "", "[OM021]"),
    spec("model", "  type: claude\n" + _CREDENTIAL, "", "[OM004]"),
    spec(
        "fit",
        "  type: ollama\n  model: m\n  platform: {type: bedrock, region: r}\n" + _AUTH,
        "",
        "[OM0",
    ),
    flokoa("C-36", "apiKeySecretRef", "apiKeySecretref", "5:3", "[K8S002]", "apiKeySecretRef?"),
    flokoa("C-37", "{name: openai, key: api-key}", CANARY, "5:", "error[", "Secret"),
    flokoa("C-38 name", "name: openai, ", "", "5:", "error["),
    flokoa("C-38 key", ", key: api-key", "", "5:", "error["),
    name("upper case", "Bad"),
    name("long", "a" * 254),
    name("dots", '".."'),
    name("dash", "bad-"),
    name("percent", '"a%2fb"'),
    name("slash", "a/b"),
    name("newline", '"a\\nb"'),
    provider("C-40 foreign", "namespace: llm", "namespace: kube-system", "3:23", "[M007]"),
    Case(
        "C-40 missing",
        {
            CONFIG: BASE[CONFIG].replace("[llm]", "[llm, omnia]"),
            BAD: PROVIDER.replace(", namespace: llm", ""),
        },
        place=f"{BAD}:3:1",
        says=("[M006]",),
    ),
    bad("C-41 one file", PROVIDER + "---\n" + PROVIDER, "11:12", "[M010]", f"{BAD}:3"),
    Case(
        "C-41 two files",
        {BAD: PROVIDER, "templates/twice.yaml.j2": PROVIDER},
        place="templates/twice.yaml.j2:3:12",
        says=("[M010]", f"{BAD}:3:12"),
    ),
    meta("generateName", "generateName: x"),
    meta("resourceVersion", 'resourceVersion: "1"'),
    meta("uid", "uid: x"),
    meta("managedFields", "managedFields: []"),
    meta("finalizers", "finalizers: [a/b]"),
    meta("ownerReferences", "ownerReferences: []"),
    bad("C-42 status", PROVIDER + "status: {phase: Ready}\n", "8:1", "[M008]"),
    provider(
        "C-43 annotation",
        _NAME,
        f"{{name: bad, namespace: llm, annotations: {{a: {'x' * (256 * 1024 + 1)}}}}}",
        "3:",
        "error[",
    ),
    provider(
        "C-43 value",
        _NAME,
        f"{{name: bad, namespace: llm, labels: {{a: {'x' * 64}}}}}",
        "3:",
        "error[",
    ),
    provider("C-43 key", _NAME, "{name: bad, namespace: llm, labels: {a/b/c: x}}", "3:", "error["),
    bad("C-44", PROVIDER + f"  headers: {{X-Long: {'x' * 1_600_000}}}\n", "1:1", "[M012]", "MiB"),
    url("C-45 file", "file:///etc/passwd", "[FL002]"),
    url("C-45 gopher", "gopher://example.com", "[FL002]"),
    url("C-45 no host", "https:///v1", "[FL002]"),
    url("C-45 userinfo", f"https://user:{CANARY}@example.com/v1", "error["),
    url("C-45 query", f"https://example.com/v1?api_key={CANARY}", "error["),
    # Told, for it works: a fragment is lost, plain http is read by others.
    url("C-45 fragment", "https://example.com/v1#x", "warning[FL024]", code=0),
    url("C-45 http", "http://gateway.example.com/v1", "warning[FL019]", code=0),
    Case(
        "C-45 http forbidden",
        {
            CONFIG: BASE[CONFIG] + "policy: {plainHttp: forbid}\n",
            BAD: FLOKOA.replace("{}", _URL % "http://gateway.example.com/v1"),
        },
        place=f"{BAD}:6:12",
        says=("error[FL019]",),
    ),
    url("C-46 port 0", "https://example.com:0/v1", "[FL002]"),
    url("C-46 port 70000", "https://example.com:70000/v1", "[FL002]"),
    url("C-46 zone", "https://[fe80::1%25eth0/v1", "[FL002]"),
    # Each of these is one host to Go's parser: an environment says which ones it means.
    *(
        Case(
            f"C-46 {id_}",
            {
                CONFIG: BASE[CONFIG] + "policy: {allowedHosts: [api.openai.com]}\n",
                BAD: FLOKOA.replace("{}", _URL % text),
            },
            place=f"{BAD}:6:12",
            says=("[POL001]",),
        )
        for id_, text in (
            ("punycode", "https://xn--pi-7kc.openai.com/v1"),
            ("decimal", "https://2130706433/v1"),
            ("IDN", "https://ope\u0274ai.com/v1"),
        )
    ),
    Case(
        "C-46 trailing dot",
        {
            CONFIG: BASE[CONFIG] + "policy: {allowedHosts: [api.openai.com]}\n",
            BAD: FLOKOA.replace("{}", _URL % "https://api.openai.com./v1"),
        },
        code=0,  # the same host
    ),
    *(
        bad(f"C-47 {id_}", PROVIDER + f"  headers: {text}\n", "8:", *says)
        for id_, text, says in (
            ("space", '{"X Title": a}', ("error[OM055]",)),
            ("newline in name", '{"X-A\\nX-B": a}', ("error[OM055]",)),
            ("duplicate by case", "{X-Title: a, x-title: b}", ("error[OM055]", "x-title")),
            ("newline in value", '{X-Title: "a\\r\\nX-Other: b"}', ("error[OM055]",)),
            ("credential", f'{{Authorization: "Bearer {CANARY}"}}', ("error[",)),
        )
    ),
    provider(
        "C-48 shadow",
        f"{{secretRef: {_SECRET}}}",
        "{filePath: /etc/shadow}",
        "7:16",
        "OM054",
        code=0,
    ),
    Case(
        "C-48 by policy",
        {
            CONFIG: BASE[CONFIG] + "policy: {severity: {OM054: error, OM013: error}}\n",
            BAD: PROVIDER.replace(
                f"{{secretRef: {_SECRET}}}", "{filePath: /var/run/secrets/kubernetes.io/x}"
            ),
        },
        says=("error[OM",),
    ),
    provider(
        "C-48 variable", f"{{secretRef: {_SECRET}}}", "{envVar: LD_PRELOAD}", "7:", "OM", code=0
    ),
)
