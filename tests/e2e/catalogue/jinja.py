"""Rows C-21 to C-33: Jinja."""

from __future__ import annotations

from dataclasses import replace

from tests.e2e.catalogue.case import (
    BAD,
    CANARY,
    PROD,
    PROVIDER,
    RENDERER,
    VALUES,
    Case,
    Elsewhere,
    at,
    bad,
    with_finding,
)

_MODEL = "claude-sonnet-4-5"
_ESCAPES = (
    ("class", "''.__class__", "1:10", "J004", "`__class__`"),
    ("mro", "''['__class__']['__mro__']", "1:11", "J004", "`__class__`"),
    ("attr", "values|attr('__class__')", "1:14", "J001", "no filter `attr`"),
    (
        "format",
        "'{0.__class__.__init__.__globals__}'.format(values)",
        "1:21",
        "J004",
        "`__init__`",
    ),
    ("format_map", "'{a.__class__}'.format_map({'a': values})", "1:11", "J004", "`__class__`"),
    ("percent", "('%s' % values.__class__)", "1:22", "J004", "`__class__`"),
    ("cycler", "cycler.__init__.__globals__.os.popen('touch pwned')", "1:14", "J004", "`__init__`"),
    ("joiner", "joiner.__init__.__globals__", "1:14", "J004", "`__init__`"),
    ("self", "self.__init__.__globals__", "1:12", "J004", "`__init__`"),
    ("lipsum", "lipsum.__globals__['os'].environ", "1:7", "J002", "`lipsum` is not defined"),
    ("map", "[values]|map(attribute='__class__')|list|tojson", "1:31", "J004", "`__class__`"),
    ("generator", "(x for x in [1]).gi_frame", "1", "J001", "got `for`"),
    ("function", "namespace.__init__.__globals__", "1:17", "J004", "`__init__`"),
)


def values(id_: str, text: str, path: str, position: str, code: str, *says: str) -> Case:
    """A text of the values where a template writes it as it is."""
    files = {VALUES: text, BAD: PROVIDER.replace(_MODEL, "{{ values.text }}")}
    return Case(id_, files, finding=f"error[{code}]", place=at(path, position), says=says)


CASES: tuple[Case | Elsewhere, ...] = (
    bad("C-21 syntax", "a: {{ values.\n", "1", "J001", own=True),
    bad("C-21 block", "{% if true %}\na: b\n", "1", "J001"),
    bad("C-21 filter", "a: {{ values.model | tojsn }}\n", "1:22", "J001", "did you mean tojson?"),
    bad("C-21 tag", "{% fro x in y %}\n", "1:4", "J001", "no tag `fro`"),
    bad("C-21 undefined", "a: {{ values.modle }}\n", "1:14", "J002", "did you mean model?"),
    bad(
        "C-21 undefined in if", "{% if values.modle %}a: b{% endif %}\n", "1:14", "J002", "`modle`"
    ),
    bad("C-21 undefined name", "a: {{ model }}\n", "1:7", "J002", "`model` is not defined"),
    bad(
        "C-22",
        "a: {{ 'a' * 10**9 }}\n",
        "1:4",
        "J007",
        "the result of `*` is too large for a template",
        own=True,
    ),
    bad(
        "C-22 list",
        "a: {{ ([0] * 10**9) | length }}\n",
        "1:4",
        "J007",
        "the result of `*` is too large for a template",
        own=True,
    ),
    bad(
        "C-22 power",
        "a: {{ 9**(9**9) }}\n",
        "1:4",
        "J007",
        "the result of `**` is too large for a template",
        own=True,
    ),
    bad(
        "C-23 nested",
        "{% for i in range(9**5) %}" * 5 + "{% endfor %}" * 5,
        "1",
        "J005",
        own=True,
    ),
    bad(
        "C-23 range",
        "{% for i in range(10**6) %}{% endfor %}",
        "1:13",
        "J005",
        "a range of more than 100000 steps",
        own=True,
    ),
    bad("C-24", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "1:16", "J008", own=True),
    bad(
        "C-25 center",
        "a: {{ 'a' | center(500000000) }}\n",
        "1:4",
        "J006",
        own=True,
        memory=RENDERER,
    ),
    bad("C-25 lipsum", "a: {{ lipsum(n=10**6) }}\n", "1:7", "J002", "`lipsum` is not defined"),
    bad(
        "C-25 output",
        "{% for i in range(99999) %}{{ 'x' * 999 }}{% endfor %}",
        "1:28",
        "J007",
        own=True,
    ),
    Elsewhere("C-26", "does not apply: no filter takes a regular expression"),
    *(
        bad(f"C-27 {id_}", f"a: {{{{ {text} }}}}\n", place, code, said)
        for id_, text, place, code, said in _ESCAPES
    ),
    bad(
        "C-28 absolute",
        "{% include '/etc/passwd' %}\n",
        "1:13",
        "J003",
        "no template `/etc/passwd`",
    ),
    bad("C-28 above", "{% include '../../x' %}\n", "1:13", "J003", "no template `../../x`"),
    bad("C-28 drive", "{% include 'C:/x' %}\n", "1:13", "J003", "no template `C:/x`"),
    bad("C-28 folder", "{% include 'templates' %}\n", "1:13", "J003", "no template `templates`"),
    Case(
        "C-29",
        {
            "templates/bad.yaml.j2": "{% include 'templates/_a.j2' %}\n",
            "templates/_a.j2": "{% include 'templates/_b.j2' %}",
            "templates/_b.j2": "{% include 'templates/_a.j2' %}",
        },
        finding="error[J008]",
        place="templates/bad.yaml.j2:1",
        says=("templates/_a.j2 -> templates/_b.j2 -> templates/_a.j2",),
    ),
    Case(
        "C-29 itself",
        {BAD: "{% include 'environments/prod/bad.yaml.j2' %}\n"},
        finding="error[J008]",
        place=at(BAD, "1"),
    ),
    bad("C-30 random", "a: {{ [1, 2] | random }}\n", "1:16", "J001", "no filter `random`"),
    bad("C-30 now", "a: {{ now() }}\n", "1:7", "J002", "`now` is not defined"),
    bad("C-30 env", "a: {{ env('OPENAI_API_KEY') }}\n", "1:7", "J002", "`env` is not defined"),
    bad(
        "C-30 lookup", "a: {{ lookup('env', 'HOME') }}\n", "1:7", "J002", "`lookup` is not defined"
    ),
    with_finding(
        "C-31 empty",
        "{% if false %}a: b{% endif %}\n",
        "1",
        "notice[M001]",
        "renders no object",
        objects=1,
    ),
    bad(
        "C-31 invalid",
        "{% for x in [1, 2] %}\na: [\n{% endfor %}\n",
        "3",
        "T001",
        "(line 6 of the rendered text)",
    ),
    values(
        "C-32 newline",
        'text: "m\\nspec:\\n  type: mock"\n',
        VALUES,
        "1:7",
        "T003",
        "duplicate key `spec`",
        "(first on line 4)",
    ),
    values(
        "C-32 flow",
        'text: "m, b: {x: 1}"\n',
        BAD,
        "6:10",
        "T001",
        "a key is not expected here",
        f"{VALUES}:1:7",
    ),
    values("C-32 comment", 'text: "m # the rest"\n', VALUES, "1:7", "J010"),
    replace(
        values("C-32 document", 'text: "m\\n---\\na: b"\n', VALUES, "1:7", "J010"),
        more=("OM002", "T001"),
    ),
    Case(
        "C-32 tojson",
        {
            VALUES: 'text: "m\\nspec:\\n  type: mock"\n',
            BAD: PROVIDER.replace(_MODEL, "{{ values.text | tojson }}"),
        },
        0,
        objects=2,
    ),
    Case(
        "C-33",
        {
            f"{PROD}{{x}}.yaml.j2": "a: {{ nothing }}\n",
            f"{PROD}{{{{ 7 * 7 }}}}.yaml.j2": "a: {{ nothing }}\n",
        },
        finding="error[J002]",
        place=f"{PROD}{{x}}.yaml.j2:1:7",
        printed=("{{ 7 * 7 }}.yaml.j2:1:7",),
        unprinted=("49.yaml",),
    ),
    # Whatever fails around a value, the value is not told.
    Case(
        "C-27 value",
        {
            VALUES: f"text: {CANARY}\n",
            BAD: "a: {{ values.text.nothing }}\nb: {{ values.text + 1 }}\n",
        },
        finding="error[J002]",
        place=f"{BAD}:1:19",
        more=("SEC001",),
    ),
    # A mapping has an order, and so has its text: the number is the same each time.
    Case(
        "C-30 order",
        {BAD: PROVIDER.replace(_MODEL, "{{ values | tojson | length }}")},
        finding="error[K8S003]",
        place=f"{VALUES}:1:8",
        says=(f"{BAD}:6:3",),
    ),
)
