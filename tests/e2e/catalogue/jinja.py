"""Rows C-21 to C-33: Jinja."""

from __future__ import annotations

from tests.e2e.catalogue.case import (
    BAD,
    BASE,
    CANARY,
    CONFIG,
    PROVIDER,
    VALUES,
    Case,
    Elsewhere,
    bad,
    provider,
)

_MODEL = "claude-sonnet-4-5"
_ESCAPES = {
    "class": "''.__class__",
    "mro": "''['__class__']['__mro__']",
    "attr": "values|attr('__class__')",
    "format": "'{0.__class__.__init__.__globals__}'.format(values)",
    "format_map": "'{a.__class__}'.format_map({'a': values})",
    "percent": "('%s' % values.__class__)",
    "cycler": "cycler.__init__.__globals__.os.popen('touch pwned').read()",
    "joiner": "joiner.__init__.__globals__",
    "self": "self.__init__.__globals__",
    "lipsum": "lipsum.__globals__['os'].environ",
    "map": "[values]|map(attribute='__class__')|list",
    "generator": "(x for x in [1]).gi_frame",
    "function": "namespace.__init__.__globals__",
}


def values(id_: str, text: str, line: str, *says: str) -> Case:
    """A text of the values where a template writes it as it is."""
    template = PROVIDER.replace(_MODEL, "{{ values.text }}")
    return Case(id_, {VALUES: text, BAD: template}, place=line, says=says)


CASES: tuple[Case | Elsewhere, ...] = (
    bad("C-21 syntax", "a: {{ values.\n", "1", "[J001]"),
    bad("C-21 block", "{% if true %}\na: b\n", "1", "[J001]"),
    bad("C-21 filter", "a: {{ values.model | tojsn }}\n", "1:", "[J001]", "did you mean tojson?"),
    bad("C-21 tag", "{% fro x in y %}\n", "1:", "[J001]", "fro"),
    bad("C-21 undefined", "a: {{ values.modle }}\n", "1:", "[J002]", "did you mean model?"),
    bad("C-21 undefined in if", "{% if values.modle %}a: b{% endif %}\n", "1:", "[J002]", "model"),
    bad("C-21 undefined name", "a: {{ model }}\n", "1:", "[J002]"),
    bad("C-22", "a: {{ 'a' * 10**9 }}\n", "1:", "error[J0"),
    bad("C-22 list", "a: {{ ([0] * 10**9) | length }}\n", "1:", "error[J0"),
    bad("C-22 power", "a: {{ 9**9**9 }}\n", "1:", "error["),
    bad("C-23 nested", "{% for i in range(9**5) %}" * 5 + "x" + "{% endfor %}" * 5, "", "[J005]"),
    bad("C-23 range", "{% for i in range(10**6) %}{% endfor %}", "1:", "[J005]", "range"),
    bad("C-24", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "1", "[J008]"),
    bad("C-25 center", "a: {{ 'a' | center(500000000) }}\n", "1:", "error[J0"),
    bad("C-25 lipsum", "a: {{ lipsum(n=10**6) }}\n", "1:", "error[J0"),
    bad("C-25 output", "{% for i in range(99999) %}{{ 'x' * 999 }}{% endfor %}", "1:", "[J007]"),
    Elsewhere("C-26", "does not apply: no filter takes a regular expression"),
    *(
        bad(f"C-27 {name}", f"a: {{{{ {text} }}}}\n", "1", "error[J0")
        for name, text in _ESCAPES.items()
    ),
    bad("C-28 absolute", "{% include '/etc/passwd' %}\n", "1:", "[J003]"),
    bad("C-28 above", "{% include '../../x' %}\n", "1:", "[J003]"),
    bad("C-28 drive", "{% include 'C:/x' %}\n", "1:", "[J003]"),
    bad("C-28 folder", "{% include 'templates' %}\n", "1:", "[J003]"),
    Case(
        "C-29",
        {
            BAD: "{% include 'templates/_a.j2' %}\n",
            "templates/_a.j2": "{% include 'templates/_b.j2' %}",
            "templates/_b.j2": "{% include 'templates/_a.j2' %}",
        },
        place="templates/_",
        says=("[J008]", "templates/_a.j2", "templates/_b.j2", " -> "),
    ),
    bad("C-30 random", "a: {{ [1, 2] | random }}\n", "1:", "[J001]", "random"),
    bad("C-30 now", "a: {{ now() }}\n", "1:", "[J002]", "now"),
    bad("C-30 env", "a: {{ env('OPENAI_API_KEY') }}\n", "1:", "[J002]"),
    bad("C-30 shuffle", "a: {{ lookup('env', 'HOME') }}\n", "1:", "[J002]"),
    bad("C-31 empty", "{% if false %}a: b{% endif %}\n", "1", "renders to no object", code=0),
    Case(
        "C-31 invalid",
        {BAD: "{% for x in [1, 2] %}\na: [\n{% endfor %}\n"},
        place=f"{BAD}:",
        says=("[T001]", "of the rendered text"),
    ),
    values(
        "C-32 newline", 'text: "m\\nspec:\\n  type: mock"\n', f"{VALUES}:1", "[T003]", "second time"
    ),
    values("C-32 flow", 'text: "m, b: {x: 1}"\n', "", "error["),
    values("C-32 comment", 'text: "m # the rest"\n', f"{VALUES}:1", "[J010]"),
    values("C-32 document", 'text: "m\\n---\\na: b"\n', f"{VALUES}:1", "[J010]"),
    Case(
        "C-32 tojson",
        {
            VALUES: 'text: "m\\nspec:\\n  type: mock"\n',
            BAD: PROVIDER.replace(_MODEL, "{{ values.text | tojson }}"),
        },
        code=0,
    ),
    Case(
        "C-33",
        {
            "templates/{x}.yaml.j2": "a: {{ nothing }}\n",
            "templates/{{ 7 * 7 }}.yaml.j2": "a: {{ nothing }}\n",
        },
        place="templates/{x}.yaml.j2:1:",
        says=("templates/{{ 7 * 7 }}.yaml.j2:1:",),
        unsaid=("49.yaml",),
    ),
    # Whatever fails around a value, the value is not told.
    Case(
        "C-27 value",
        {
            VALUES: f"text: {CANARY}\n",
            BAD: "a: {{ values.text.nothing }}\nb: {{ values.text + 1 }}\n",
            CONFIG: BASE[CONFIG],
        },
        place=f"{BAD}:1:",
        says=("[J002]",),
    ),
    provider("C-30 twice", _MODEL, "{{ values | tojson | length }}", "6:", "[K8S003]"),
)
