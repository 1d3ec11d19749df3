"""Rows C-01 to C-20: YAML."""

from __future__ import annotations

from tests.e2e.catalogue.case import (
    CANARY,
    FLOKOA,
    PROVIDER,
    Case,
    Elsewhere,
    bad,
    policed,
    provider,
    taken,
    with_finding,
)

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
MERGES = "a0: &a0 {k: v}\n" + "".join(
    f"a{n}: &a{n}\n" + "".join(f"  k{m}: {{<<: *a{n - 1}}}\n" for m in range(6))
    for n in range(1, 9)
)
_MODEL = "claude-sonnet-4-5"
_EMPTY = ("notice[M001]", "renders no object")


def model(id_: str, text: str, place: str, code: str, *says: str) -> Case:
    """A Provider whose model is another piece of YAML."""
    return provider(id_, _MODEL, text, place, code, *says)


CASES: tuple[Case | Elsewhere, ...] = (
    with_finding("C-01 empty", "", "1", *_EMPTY, objects=1),
    with_finding("C-01 comments", "# only this\n", "1", *_EMPTY, objects=1),
    with_finding("C-01 marker", "---\n", "1", *_EMPTY, objects=1),
    bad("C-02 tab", PROVIDER.replace("  model", "\tmodel"), "6:1", "T001", "tab", own=True),
    bad(
        "C-02 quote",
        PROVIDER.replace(_MODEL, f'"{CANARY}'),
        "6:10",
        "T001",
        "a quote is never closed",
        more=("SEC001",),
    ),
    provider("C-02 NUL", "claude-sonnet", "claude\x00sonnet", "6:16", "T002", "U+0000"),
    provider("C-02 bell", "claude-sonnet", "claude\x07sonnet", "6:16", "T002", "U+0007"),
    bad("C-03", PROVIDER + LAUGHS, "9:10", "T005", "aliases are not allowed", own=True),
    bad("C-04", PROVIDER + MERGES, "10:12", "T005", "aliases are not allowed", own=True),
    bad("C-05", PROVIDER + "a: &a [*a]\n", "8:8", "T005", "aliases are not allowed"),
    bad(
        "C-06",
        PROVIDER + "a: " + "[" * 5000 + "]" * 5000 + "\n",
        "8:67",
        "T006",
        "nested more than 64 levels deep",
        own=True,
    ),
    bad("C-07", PROVIDER + "kind: Provider\n", "8:1", "T003", "first on line 2"),
    bad(
        "C-08 size",
        PROVIDER + "# " + "x" * 50 * 1024 * 1024,
        "",
        "T006",
        "larger than 10 MiB",
        own=True,
    ),
    bad(
        "C-08 documents",
        "---\n" * 100_000,
        "10001:1",
        "T006",
        "more than 10000 documents",
        own=True,
    ),
    bad(
        "C-09",
        "!!python/object/apply:os.system ['touch pwned']\n",
        "1:1",
        "T004",
        "tags are not allowed",
    ),
    model("C-10 binary", "!!binary aGVsbG8=", "6:10", "T004"),
    provider("C-10 set", "{name: bad, namespace: llm}", "!!set {name, b}", "3:11", "T004"),
    model("C-10 timestamp", "!!timestamp 2024-01-01", "6:10", "T004"),
    model("C-10 custom", "!vault x", "6:10", "T004"),
    model("C-11 no", "no", "6:3", "K8S003", "spec.model must be a string"),
    model("C-11 on", "on", "6:3", "K8S003", "spec.model must be a string"),
    model("C-11 octal", "010", "6:3", "K8S003", "spec.model must be a string"),
    model("C-11 underscore", "1_000", "6:3", "K8S003", "spec.model must be a string"),
    # The next two are texts to kubectl, and so they are here: nothing is coerced.
    taken("C-11 sexagesimal", PROVIDER.replace(_MODEL, "1:30")),
    taken("C-12 date", PROVIDER.replace(_MODEL, "2024-01-01")),
    model("C-12 nan", ".nan", "6:10", "T008"),
    model("C-12 inf", "-.inf", "6:10", "T008"),
    model("C-13 digits", "9" * 100_000, "6:10", "T008"),
    model("C-13 large", str(2**64), "6:10", "T008"),
    model("C-13 float", "1.10", "6:3", "K8S003", "spec.model must be a string"),
    bad("C-14 number", PROVIDER + "1: a\n", "8:1", "T007"),
    bad("C-14 null", PROVIDER + "null: a\n", "8:1", "T007"),
    bad("C-14 list", PROVIDER + "[a, b]: c\n", "8:1", "T007"),
    taken("C-15 BOM", "\ufeff" + PROVIDER),
    taken("C-15 CRLF", PROVIDER.replace("\n", "\r\n")),
    bad("C-15 UTF-16", PROVIDER.encode("utf-16"), "1", "T002", "UTF-16"),
    model("C-16 surrogate", r'"\ud800"', "6:10", "T001", "Unicode"),
    bad("C-16 bytes", PROVIDER.encode() + b"# \xff\n", "8", "T002", "not UTF-8"),
    provider("C-17 bidi", "name: bad", "name: b\u202ead", "3:12", "M005"),
    provider("C-17 zero width", "name: bad", "name: b\u200bad", "3:12", "M005"),
    provider("C-17 homoglyph", "name: bad", "name: b\u0430d", "3:12", "M005"),
    # Go's client takes such a host; an environment that says which hosts it means refuses it.
    policed(
        "C-17 host",
        "{allowedHosts: [api.openai.com]}",
        FLOKOA.replace("{}", "{baseURL: 'https://\u0430pi.openai.com/v1'}"),
        "6:12",
        "POL001",
    ),
    bad("C-18 list", "- a\n- b\n", "1:1", "M002"),
    bad("C-18 scalar", "just words\n", "1:1", "M002"),
    with_finding("C-18 null", "null\n", "1", *_EMPTY, objects=1),
    # A List is taken apart as kubectl does, and what is in it is judged.
    bad(
        "C-19",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: x}\n",
        "5:3",
        "M009",
        "Secret",
    ),
    bad("C-20 apiVersion", PROVIDER.replace("apiVersion: ", "apiVersion: [1] #"), "1:1", "M003"),
    bad("C-20 kind", PROVIDER.replace("kind: Provider", "kind: 7"), "2:1", "M003"),
    bad(
        "C-20 metadata",
        FLOKOA.replace("{name: bad, namespace: llm}", "[]"),
        "3:1",
        "M004",
    ),
)
