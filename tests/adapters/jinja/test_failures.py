"""Errors of templates: each one is a finding with a location, and the other templates still render."""

# ruff: noqa: E501 -- one case of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.adapters.jinja.limits import Limits
from reconciler.adapters.jinja.renderer import JinjaRenderer
from reconciler.model.finding import Finding
from tests.repository import environment, write

VALUES = "name: gpt\nmodels:\n  gpt: {model: gpt-5, key: sk-canary}\nlist: [a, b]\nempty: {}\n"
GOOD = {"good.yaml.j2": "name: {{ values.name }}\n"}

# template, code, line, column, a part of the message, a part of the hint
WRONG = {
    "undefined": ("\n{{ foo }}", "J002", 2, 4, "`foo` is not defined", "`values` and `environment`"),
    "undefined-in-if": ("{% if foo %}x{% endif %}", "J002", 1, 7, "`foo`", ""),
    "misspelt-root": ("{{ value.name }}", "J002", 1, 4, "`value`", "did you mean values?"),
    "misspelt-key": ("a: {{ values.nmae }}", "J002", 1, 14, "`values` has no `nmae`", "did you mean name?"),
    "misspelt-nested": ("{{ values.models.gtp.model }}", "J002", 1, 18, "`values.models` has no `gtp`", "did you mean gpt?"),
    "key-of-text": ("{{ values.name.foo }}", "J002", 1, 16, "`values.name` is not a mapping, so it has no `foo`", "environments/prod/values.yaml:1 sets it, and layers merge only mappings"),
    "key-of-list": ("{{ values.list.foo }}", "J002", 1, 16, "`values.list` is not a mapping, so it has no `foo`", "sets it, and layers"),
    "in-for": ("{% for x in values.nope %}{% endfor %}", "J002", 1, 20, "`nope`", ""),
    "in-set": ("{% set x = values.nope %}{{ x }}", "J002", 1, 19, "`nope`", ""),
    "attribute-filter": ("{{ values.models.values() | map(attribute='nope') | list | tojson }}", "J002", 1, 44, "`nope`", ""),
    "key-of-its-own-loop": ("{% for c in values.models.c %}{{ c }}{% endfor %}", "J002", 1, 27, "`values.models` has no `c`", ""),
    "key-in-brackets": ("{% for nope in values['nope'] %}{% endfor %}", "J002", 1, 24, "`values` has no `nope`", ""),
    "key-of-the-right-owner": ("{% if values.gtp is defined or values.models.gtp == 1 %}{% endif %}", "J002", 1, 46, "no `gtp`", ""),
    "name-behind-a-key": ("{% if 'a' in values.list and list1 %}{% endif %}", "J002", 1, 30, "`list1`", ""),
    "syntax": ("a\n{{ 'x' }", "J001", 2, 8, "unexpected `}`", "`{{ ... }}`"),
    "syntax-second": ("{{ environment }} {{ values.name } }}", "J001", 1, 34, "unexpected `}`", "`{{ ... }}`"),
    "syntax-word": ("{{ values.a nope }}", "J001", 1, 13, "expected token `}}`, got `nope`", "`{{ ... }}`"),
    "syntax-which": ("{{ values.a a }}", "J001", 1, 0, "got `a`", ""),
    "syntax-quote": ("{{ 'abc }}", "J001", 1, 4, "a quote is never closed", ""),
    "syntax-and": ("{% if true && true %}{% endif %}", "J001", 1, 12, "unexpected `&`", "write `and`"),
    "unclosed-expression": ("a\n{{ values.name\n", "J001", 2, 1, "this expression is never closed", "`{{ ... }}`"),
    "unclosed-comment": ("a\n {# b\nc", "J001", 2, 2, "this comment is never closed", "{# ... #}"),
    "unclosed-raw": ("a\n{% raw %}b\nc", "J001", 2, 1, "this `raw` is never closed", "{% endraw %}"),
    "unclosed-block": ("\n{% if true %}\n{% set x = 1 %}{% for y in [1] %}{% endfor %}\na\n", "J001", 2, 1, "this `if` is never closed", "add `{% endif %}`"),
    "crossed-blocks": ("{% for x in [1] %}\n{% if x %}\n{% endfor %}", "J001", 3, 4, "`endfor` does not belong to the `if` of line 2", "{% endif %}"),
    "end-without-a-block": ("{% endfor %}", "J001", 1, 4, "`endfor` without an open block", ""),
    "tag-typo": ("{% iff true %}{% endif %}", "J001", 1, 4, "no tag `iff`", "did you mean if?"),
    "unknown-tag": ("{% foo %}", "J001", 1, 4, "no tag `foo`", ""),
    "unknown-filter": ("{{ 'x' | tojsno }}", "J001", 1, 10, "no filter `tojsno`", "did you mean tojson?"),
    "no-random": ("{{ [1] | random }}", "J001", 1, 10, "no filter `random`", ""),
    "no-lipsum": ("{{ lipsum() }}", "J002", 1, 4, "`lipsum`", ""),
    "no-clock": ("{{ now() }}", "J002", 1, 4, "`now`", ""),
    "missing-include": ("{% include 'macro.j2' %}", "J003", 1, 13, "no template `macro.j2`", "did you mean macros.j2?"),
    "absolute-include": ("{% include '/etc/passwd' %}", "J003", 1, 13, "`/etc/passwd`", ""),
    "relative-include": ("{% include '../../../etc/passwd' %}", "J003", 1, 13, "", ""),
    "drive-include": ("{% include 'C:\\\\x' %}", "J003", 1, 0, "", ""),
    "missing-macro": ("{% from 'macros.j2' import foo %}{{ foo() }}", "J002", 1, 37, "has no `foo`", ""),
    "class": ("{{ ''.__class__ }}", "J004", 1, 7, "`__class__`", ""),
    "mro": ("{{ values.__class__.__mro__ }}", "J004", 1, 11, "`__class__`", ""),
    "globals": ("{{ cycler.__init__.__globals__.os }}", "J004", 1, 11, "`__init__`", ""),
    "format": ("{{ '{0.__class__}'.format(1) }}", "J004", 1, 8, "`__class__`", ""),
    "stored-format": ("{% set f = '{0.__class__}'.format %}{{ f(1) }}", "J004", 1, 16, "`__class__`", ""),
    "format-map": ("{{ '{x.__class__}'.format_map({'x': 1}) }}", "J004", 1, 0, "", ""),
    "attr-filter": ("{{ '' | attr('__class__') }}", "J001", 1, 9, "no filter `attr`", ""),
    "map-attribute": ("{{ ['']|map(attribute='__class__')|list|tojson }}", "J004", 1, 24, "`__class__`", ""),
    "self": ("{{ self.__init__ }}", "J004", 1, 9, "`__init__`", ""),
    "macro-internals": ("{% macro m() %}{% endmacro %}{{ m._func }}", "J004", 1, 35, "`_func`", ""),
    "frozen-list": ("{{ [1].append(2) }}", "J004", 1, 8, "`append`", ""),
    "too-long-range": ("{% for i in range(10**6) %}{% endfor %}", "J005", 1, 13, "100000", ""),
    "repeat": ("a\n{{ 'a' * 10**9 }}", "J007", 2, 1, "`*`", ""),
    "power": ("{{ 9 ** (9 ** 9) }}", "J007", 1, 1, "`**`", ""),
    "center": ("{{ 'a' | center(50000000) }}", "J007", 1, 0, "output", ""),
    "macro-recursion": ("{% macro m() %}{{ m() }}{% endmacro %}\n{{ m() }}", "J008", 2, 0, "endlessly", ""),
    "deep": ("{{ " + "(" * 3000 + ")" * 3000 + " }}", "J008", 0, 0, "nested too deep", ""),
    "division": ("{{ 1 / 0 }}", "J009", 1, 1, "division by zero", ""),
    "types": ("{{ values.name + 1 }}", "J009", 1, 1, "wrong type", ""),
    "arguments": ("{{ 'x' | tojson(1, 2) }}", "J009", 1, 1, "arguments", ""),
    "mapping": ("a: {{ values.models }}", "J012", 1, 4, "a mapping", "toyaml"),
    "list": ("a: {{ values.list }}", "J012", 1, 4, "a list", "tojson"),
    "null": ("a: {{ none }}", "J012", 1, 4, "null", "tojson"),
    "function": ("a: {{ range }}", "J012", 1, 4, "not a value", ""),
    "function-as-text": ("a: {{ range | string }}", "J012", 1, 4, "address", ""),
    "joiner-as-text": ("a: {{ [joiner()] | string }}", "J012", 1, 4, "address", ""),
    "part-of-an-address": ("a: {{ (cycler(1) | string)[-4:] }}", "J012", 1, 4, "address", ""),
    "joined": ("a: {{ 'x' ~ range }}", "J012", 1, 4, "address", ""),
    "formatted": ("a: {{ '%s' | format(joiner()) }}", "J012", 1, 4, "address", ""),
    "formatted-as-json": ("a: {{ '%s' % range | string | tojson }}", "J012", 1, 4, "address", ""),
    "upper": ("a: {{ 'x'.upper | string }}", "J012", 1, 4, "address", ""),
    "generator": ("a: {{ [1] | map('string') | string }}", "J012", 1, 4, "address", ""),
    "function-as-json": ("a: {{ range | tojson }}", "J012", 1, 4, "cannot be written as YAML", ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    """The findings on all wrong templates, rendered once in one environment."""
    templates = {f"{name}.yaml.j2": text for name, (text, *_) in WRONG.items()}
    library = {"templates/macros.j2": "{% macro ok() %}{% endmacro %}"}
    rendering = JinjaRenderer().render(
        environment(tmp_path_factory.mktemp("repo"), templates | GOOD | library, VALUES)
    )
    assert [(f.template, f.text) for f in rendering.files] == [
        ("environments/prod/good.yaml.j2", "name: gpt\n")
    ]
    assert len(rendering.findings) == len(WRONG)
    by_template = {d.where.path: d for d in rendering.findings}
    return {name: by_template[f"environments/prod/{name}.yaml.j2"] for name in WRONG}


@pytest.mark.parametrize("name", WRONG)
def test_an_error_is_one_finding_with_a_location(name: str, findings: dict[str, Finding]) -> None:
    text, code, line, column, message, hint = WRONG[name]
    finding = findings[name]
    assert (finding.code, finding.where.line) == (code, line)
    if column:
        assert finding.where.column == column
    assert message in finding.message
    assert hint in finding.hint
    assert finding.source == (text.split("\n")[line - 1] if line else "")
    assert "canary" not in finding.message + finding.hint
    assert "<" not in finding.message
    assert " object at " not in finding.message


def test_an_undefined_key_refers_to_the_values_file(findings: dict[str, Finding]) -> None:
    (where,) = findings["misspelt-nested"].also
    assert str(where) == "environments/prod/values.yaml:2:1"


def test_a_removed_value_refers_to_the_layer_that_removes_it(tmp_path: Path) -> None:
    write(tmp_path, {"environments/base/values.yaml": "m: {model: a, size: 1}\n"})
    config = "configVersion: 1\nnamespaces: [llm]\nextends: [base]\n"
    values = "m:\n  # which one?\n  model:\n  size: 2\n"
    prod = environment(tmp_path, {"a.yaml.j2": "{{ values.m.model }}"}, values, config)
    (finding,) = JinjaRenderer().render(prod).findings
    assert finding.message == "`values.m` has no `model`"
    assert finding.hint.startswith("environments/prod/values.yaml:3 removes it")
    assert [str(w) for w in finding.also] == [
        "environments/prod/values.yaml:3:3",
        "environments/prod/values.yaml:1:1",
    ]


# A template, and the lines and names of the findings after the first.
FURTHER = {
    "others": ("{{ values.nope }}\na: {{ values.models.gtp.model }}\nb: {{ values['lst'] | tojson }}", [(2, "gtp"), (3, "lst")]),
    "condition": ("{{ values.nope }}\n{% if values.flag %}{{ values.x }}{% endif %}", [(2, "flag")]),
    "loop": ("{{ values.nope }}\n{% for x in values.xs %}{{ values.y }}{% endfor %}", [(2, "xs")]),
    "loop-over-items": ("{{ values.nope }}\n{% for x in values.models.x.items() %}{% endfor %}", [(2, "x")]),
    "loop-over-existing-values": ("{{ values.nope }}\n{% for k, m in values.models.items() %}{{ m.model }}{{ m.modle }}{% if k %}{{ m.x }}{% endif %}{% endfor %}", [(2, "modle")]),
    "loop-in-order": ("{{ values.nope }}\n{% for k, m in values.models | dictsort %}\n{% for v in m.list %}{% endfor %}{% endfor %}", [(3, "list")]),
    "loop-with-a-condition": ("{{ values.nope }}{% for k, m in values.models.items() if k == 'x' %}{{ m.x }}{% endfor %}", []),
    "loop-over-nothing": ("{{ values.nope }}{% for m in values.empty.values() %}{{ m.x }}{% endfor %}", []),
    "loop-over-texts": ("{{ values.nope }}{% for m in values.list %}{{ m.x }}{% endfor %}", []),
    "loop-variable-set": ("{{ values.nope }}{% for m in values.models.values() %}{% set m = {'x': 1} %}{{ m.x }}{% endfor %}", []),
    "twice": ("{{ values.nope }}\n{{ values.nope }}\n{{ values.xs }}{{ values.xs }}", [(2, "nope"), (3, "xs")]),
    "below-a-default": ("{{ values.nope }}{{ values.x.y | default(1) }}", [(1, "x")]),
    "in-an-expression": ("{{ values.nope }}{{ 'a' ~ values.b ~ (values.c + 1) }}", [(1, "b"), (1, "c")]),
    "default": ("{{ values.nope }}{{ values.x | default(1) }}{{ values.y | d }}", []),
    "defined": ("{{ values.nope }}{% if values.x is defined and values.y %}{% endif %}", []),
    "lazy": ("{{ values.nope }}{% set x = values.y %}{{ [values.z] | length }}{{ 1 if true else values.q }}", []),
    "argument": ("{{ values.nope }}{{ values.get('x', values.y) }}{{ dict(a=values.z) | length }}", []),
    "macro": ("{% macro m(a) %}{{ values.x }}{% endmacro %}{{ values.nope }}", []),
    "shadowed": ("{% macro m(values) %}{% endmacro %}{{ environment.nope }}{{ values.x }}", []),
    "inherited": ("{% extends 'base.j2' %}{% block b %}{{ values.x }}{{ values.y }}{% endblock %}", []),
    "methods": ("{{ values.nope }}{{ values.items() | list | length }}{{ values.name.upper() }}{{ values.list.x }}", []),
    "undefined-root": ("{{ nope }}\n{{ values.x }}", [(2, "x")]),
}  # fmt: skip


@pytest.mark.parametrize("name", FURTHER)
def test_further_missing_values_are_reported(tmp_path: Path, name: str) -> None:
    template, expected = FURTHER[name]
    templates = {"a.yaml.j2": template, "templates/base.j2": "{% block b %}{% endblock %}"}
    _, *others = JinjaRenderer().render(environment(tmp_path, templates, VALUES)).findings
    assert [(d.where.line, d.message.split("`")[3]) for d in others] == expected
    lines = template.split("\n")
    for finding, (line, word) in zip(others, expected, strict=True):
        assert finding.code == "J002"
        at = finding.where.column - 1
        assert lines[line - 1][at : at + finding.where.length] == word


def test_further_findings_look_like_the_first(tmp_path: Path) -> None:
    templates = {"a.yaml.j2": "{{ values.models.gtp }}{{ values.models.gpt5.model }}"}
    first, other = JinjaRenderer().render(environment(tmp_path, templates, VALUES)).findings
    assert (first.hint, other.hint) == ("did you mean gpt?", "did you mean gpt?")
    assert (first.also, first.source) == (other.also, other.source)


def test_a_finding_in_an_include_has_the_chain_of_callers(tmp_path: Path) -> None:
    templates = {
        "a.yaml.j2": "x\n{% include 'b.j2' %}",
        "templates/b.j2": "{% from 'c.j2' import m %}\n\n{{ m() }}",
        "templates/c.j2": "{% macro m() %}\n{{ nope }}\n{% endmacro %}",
    }
    (finding,) = JinjaRenderer().render(environment(tmp_path, templates)).findings
    assert str(finding.where) == "templates/c.j2:2:4"
    assert [str(w) for w in finding.also] == ["templates/b.j2:3", "environments/prod/a.yaml.j2:2"]


def test_an_unclosed_comment_in_an_include_has_its_own_location(tmp_path: Path) -> None:
    templates = {"a.yaml.j2": "x\n{% include 'b.j2' %}", "templates/b.j2": "\n\n{# c"}
    (finding,) = JinjaRenderer().render(environment(tmp_path, templates)).findings
    assert str(finding.where) == "templates/b.j2:3:1"


def test_an_include_cycle_is_shown(tmp_path: Path) -> None:
    templates = {
        "a.yaml.j2": "{% include 'b.j2' %}",
        "templates/b.j2": "{% include 'c.j2' %}",
        "templates/c.j2": "{% include 'b.j2' %}",
    }
    (finding,) = JinjaRenderer().render(environment(tmp_path, templates)).findings
    assert finding.code == "J008"
    assert "templates/b.j2 -> templates/c.j2 -> templates/b.j2" in finding.message


def test_a_limit_stops_only_one_template(tmp_path: Path) -> None:
    loop = "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}"
    grow = "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}"
    templates = GOOD | {
        "a.yaml.j2": loop,
        "b.yaml.j2": grow,
        "c.yaml.j2": "{{ '%2000000000d' | format(1) }}",
        "d.yaml.j2": "{% for i in range(2000) %}{{ 'x' * 10000 }}{% endfor %}",
    }
    rendering = JinjaRenderer(Limits(seconds=3, memory=1 << 28)).render(
        environment(tmp_path, templates, VALUES)
    )
    assert [d.code for d in rendering.findings] == ["J005", "J006", "J006", "J007"]
    assert all(d.where.line == 1 for d in rendering.findings)
    assert [f.text for f in rendering.files] == ["name: gpt\n"]


def test_a_template_that_ends_the_child_does_not_stop_the_others(tmp_path: Path) -> None:
    # One call into C, which no signal handler can interrupt: the parent has to kill the child.
    stuck = "{% set a = 10 ** 60 %}" + "{% set a = a * a %}" * 21 + "{{ (a | string) | length }}"
    templates = {"a.yaml.j2": "first\n", "b.yaml.j2": stuck, "c.yaml.j2": "last\n"}
    rendering = JinjaRenderer(Limits(seconds=3, memory=1 << 29)).render(
        environment(tmp_path, templates)
    )
    assert [f.text for f in rendering.files] == ["first\n", "last\n"]
    (finding,) = rendering.findings
    assert finding.where.path == "environments/prod/b.yaml.j2"
    assert finding.code == "J005"


def test_limits_of_the_environment(tmp_path: Path) -> None:
    templates = {f"{n}.yaml.j2": "x" * 60 for n in "abc"}
    rendering = JinjaRenderer(Limits(total_output=100)).render(environment(tmp_path, templates))
    assert [f.template[-9:] for f in rendering.files] == ["a.yaml.j2", "b.yaml.j2"]
    assert [(d.code, d.where.path[-9:]) for d in rendering.findings] == [("J007", "c.yaml.j2")]
    assert (
        JinjaRenderer(Limits(total_seconds=0))
        .render(environment(tmp_path, templates))
        .findings[0]
        .code
        == "J005"
    )
    small = JinjaRenderer(Limits(message=50)).render(environment(tmp_path, templates))
    assert {d.code for d in small.findings} == {"J007"}


def test_a_template_name_is_never_a_format_string(tmp_path: Path) -> None:
    templates = {"{x}.yaml.j2": "{{ foo }}", "%s {0.__class__}.yaml.j2": "ok"}
    rendering = JinjaRenderer().render(environment(tmp_path, templates))
    assert [d.where.path for d in rendering.findings] == ["environments/prod/{x}.yaml.j2"]
    assert [f.text for f in rendering.files] == ["ok"]


def test_a_source_line_that_may_hold_a_secret_is_not_shown(tmp_path: Path) -> None:
    (finding,) = (
        JinjaRenderer()
        .render(environment(tmp_path, {"a.yaml.j2": "k: sk-abcdefgh12345 {{ nope }}"}))
        .findings
    )
    assert (finding.where.line, finding.source) == (1, "")


def test_an_environment_without_templates(tmp_path: Path) -> None:
    assert JinjaRenderer().render(environment(tmp_path, {})).files == ()
