"""Rows C-01 to C-20: YAML."""

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
    provider,
)

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
MERGES = "a0: &a0 {k: v}\n" + "".join(
    f"a{n}: &a{n}\n" + "".join(f"  k{m}: {{<<: *a{n - 1}}}\n" for m in range(6))
    for n in range(1, 9)
)

CASES: tuple[Case | Elsewhere, ...] = (
    bad("C-01 empty", "", "1", "renders to no object", code=0),
    bad("C-01 comments", "# only this\n", "1", "renders to no object", code=0),
    bad("C-01 marker", "---\n", "1", "renders to no object", code=0),
    bad("C-02 tab", PROVIDER.replace("  model", "\tmodel"), "6:1", "[T001]", "tab"),
    bad(
        "C-02 quote",
        PROVIDER.replace("claude-sonnet-4-5", f'"{CANARY}'),
        "6:10",
        "[T001]",
    ),
    provider("C-02 NUL", "claude-sonnet", "claude\x00sonnet", "6:16", "[T002]", "U+0000"),
    provider("C-02 bell", "claude-sonnet", "claude\x07sonnet", "6:16", "[T002]", "U+0007"),
    bad("C-03", PROVIDER + LAUGHS, "9:", "[T005]", "alias"),
    bad("C-04", PROVIDER + MERGES, "", "[T005]", "alias"),
    bad("C-05", PROVIDER + "a: &a [*a]\n", "8:8", "[T005]", "alias"),
    bad("C-06", PROVIDER + "a: " + "[" * 5000 + "]" * 5000 + "\n", "8:", "[T006]", "deep"),
    bad("C-07", PROVIDER + "kind: Provider\n", "8:1", "[T003]", "first in line 2"),
    bad("C-08 size", PROVIDER + "# " + "x" * 50 * 1024 * 1024, "", "[T006]", "larger than 10 MiB"),
    bad("C-08 documents", "---\na: 1\n" * 100_000, "", "[T006]", "documents"),
    bad("C-09", "!!python/object/apply:os.system ['touch pwned']\n", "1:1", "[T004]", "tag"),
    provider("C-10 binary", "claude-sonnet-4-5", "!!binary aGVsbG8=", "6:10", "[T004]"),
    provider("C-10 set", "{name: bad, namespace: llm}", "!!set {name, b}", "3:11", "[T004]"),
    provider("C-10 timestamp", "claude-sonnet-4-5", "!!timestamp 2024-01-01", "6:10", "[T004]"),
    provider("C-10 custom", "claude-sonnet-4-5", "!vault x", "6:10", "[T004]"),
    provider("C-11 no", "claude-sonnet-4-5", "no", "6:3", "[K8S003]", "quotes"),
    provider("C-11 on", "claude-sonnet-4-5", "on", "6:3", "[K8S003]", "quotes"),
    provider("C-11 octal", "claude-sonnet-4-5", "010", "6:3", "[K8S003]", "quotes"),
    provider("C-11 underscore", "claude-sonnet-4-5", "1_000", "6:3", "[K8S003]", "quotes"),
    # The next two are texts to kubectl, and so they are here: nothing is coerced.
    provider("C-11 sexagesimal", "claude-sonnet-4-5", "1:30", "", code=0),
    provider("C-12 date", "claude-sonnet-4-5", "2024-01-01", "", code=0),  # a text to kubectl
    provider("C-12 nan", "claude-sonnet-4-5", ".nan", "6:10", "[T008]"),
    provider("C-12 inf", "claude-sonnet-4-5", "-.inf", "6:10", "[T008]"),
    provider("C-13 digits", "claude-sonnet-4-5", "9" * 100_000, "6:10", "[T008]"),
    provider("C-13 large", "claude-sonnet-4-5", str(2**64), "6:10", "[T008]"),
    provider("C-13 float", "claude-sonnet-4-5", "1.10", "6:3", "[K8S003]", "quotes"),
    bad("C-14 number", PROVIDER + "1: a\n", "8:1", "[T007]"),
    bad("C-14 null", PROVIDER + "null: a\n", "8:1", "[T007]"),
    bad("C-14 list", PROVIDER + "[a, b]: c\n", "8:1", "[T007]"),
    bad("C-15 BOM", "\ufeff" + PROVIDER, "", code=0),
    bad("C-15 CRLF", PROVIDER.replace("\n", "\r\n"), "", code=0),
    bad("C-15 UTF-16", PROVIDER.encode("utf-16"), "1", "[T002]", "UTF-16"),
    provider("C-16 surrogate", "claude-sonnet-4-5", r'"\ud800"', "6:10", "[T001]", "Unicode"),
    bad("C-16 bytes", PROVIDER.encode() + b"# \xff\n", "8", "[T002]", "not UTF-8"),
    provider("C-17 bidi", "name: bad", "name: b\u202ead", "3:", "U+202E"),
    provider("C-17 zero width", "name: bad", "name: b\u200bad", "3:", "U+200B"),
    provider("C-17 homoglyph", "name: bad", "name: b\u0430d", "3:12", "[M005]"),
    # Go's client takes such a host; an environment that says which hosts it means refuses it.
    Case(
        "C-17 host",
        {
            CONFIG: BASE[CONFIG] + "policy: {allowedHosts: [api.openai.com]}\n",
            BAD: FLOKOA.replace("{}", "{baseURL: 'https://\u0430pi.openai.com/v1'}"),
        },
        place=f"{BAD}:6:12",
        says=("[POL001]",),
    ),
    bad("C-18 list", "- a\n- b\n", "1:1", "[M002]"),
    bad("C-18 scalar", "just words\n", "1:1", "[M002]"),
    bad("C-18 null", "null\n", "1", "renders to no object", code=0),
    # A List is taken apart as kubectl does, and what is in it is judged.
    bad(
        "C-19",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: x}\n",
        "5:3",
        "[M009]",
        "Secret",
    ),
    bad("C-20 apiVersion", PROVIDER.replace("apiVersion: ", "apiVersion: [1] #"), "1:1", "[M003]"),
    bad("C-20 kind", PROVIDER.replace("kind: Provider", "kind: 7"), "2:1", "[M003]"),
    bad("C-20 metadata", FLOKOA.replace("{name: bad, namespace: llm}", "[]"), "3:1", "[M004]"),
)
