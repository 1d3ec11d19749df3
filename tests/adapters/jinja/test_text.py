"""What templates can do (values, filters, macros), and the origin of every piece of the text."""

# ruff: noqa: E501 -- one case of a table is one line
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.adapters.jinja.quoting import tojson, toyaml
from reconciler.adapters.jinja.renderer import JinjaRenderer
from reconciler.adapters.jinja.values import Reads, TrackedMapping
from reconciler.model.rendering import Rendered, Span, Spelling
from reconciler.text.yaml import load_one
from tests.repository import environment

VALUES = """\
name: gpt
count: 3
on: true
ratio: 0.5
items: a key that is a method as well
headers: {X-Title: a b, X-Nested: {deep: [1, "2"]}}
models:
  - {name: one, size: 1}
  - {name: two, size: 2}
""".replace("on: true", "flag: true")


def text(tmp_path: Path, template: str, values: str = VALUES, **library: str) -> Rendered:
    shared = {f"templates/{name}.j2": content for name, content in library.items()}
    rendering = JinjaRenderer().render(
        environment(tmp_path, {"t.yaml.j2": template} | shared, values)
    )
    assert rendering.findings == ()
    return next(f for f in rendering.files if f.template.endswith("t.yaml.j2"))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ environment }}", "prod"),
        ("{{ values.name | upper }}-{{ values.count + 1 }}-{{ values.ratio }}", "GPT-4-0.5"),
        ("{{ values.flag }}", "true"),
        ("{{ values['name'] }}{{ values.get('nope', 'x') }}{{ values.nope | default('y') }}", "gptxy"),
        ("{{ values.items }}", "a key that is a method as well"),
        ("{{ values.headers.items() | list | length }}", "2"),
        ("{% for k, v in values.headers | dictsort %}{{ k }} {% endfor %}", "X-Nested X-Title "),
        ("{% if 'name' in values and values.name is string %}y{% endif %}", "y"),
        ("{{ values.models | map(attribute='name') | join(',') }}", "one,two"),
        ("{{ (values.models | selectattr('size', 'gt', 1) | first).name }}", "two"),
        ("{{ (values.models + [1]) | length }}{{ values.models[-1].name }}", "3two"),
        ("{{ values.models[0:1] | length }}{{ values.models is sequence }}", "1true"),
        ("{{ values.headers is mapping }}{{ dict(values.headers, a=1) | length }}", "true3"),
        ("{% set ns = namespace(n=0) %}{% for m in values.models %}{% set ns.n = ns.n + m.size %}{% endfor %}{{ ns.n }}", "3"),
        ("{{ '%s-%d' | format(values.name, values.count) }}", "gpt-3"),
        ("{% raw %}{{ x }}{% endraw %}\n", "{{ x }}\n"),
        ("a\r\nb\r\n", "a\nb\n"),
    ],
)  # fmt: skip
def test_expressions(tmp_path: Path, template: str, expected: str) -> None:
    assert text(tmp_path, template).text == expected


def test_tojson_and_toyaml(tmp_path: Path) -> None:
    rendered = text(
        tmp_path,
        "a: {{ values.headers | tojson }}\nb: {{ values.headers | toyaml(2) }}\nc:\n  {{ values.headers | toyaml | indent(2) }}\n"
        "d: {{ [] | toyaml(2) }}\ne: {{ 'x: y' | toyaml(2) }}\nf: {{ values.models | toyaml(2) }}\n",
    )
    value = load_one(rendered.text, "t")
    headers = {"X-Title": "a b", "X-Nested": {"deep": [1, "2"]}}
    assert value["a"] == value["b"] == value["c"] == headers
    assert (value["d"], value["e"]) == ([], "x: y")
    assert value["f"] == [{"name": "one", "size": 1}, {"name": "two", "size": 2}]
    assert "a: {" in rendered.text
    assert "\n  X-Title: " in rendered.text


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))
    | st.sampled_from(["a\nspec: x", "a\u2028b: c", "y", "1:30", "#", "- x", "{{ x }}", "'", '"', "\\", "\x85", "\ufeff"]),
    lambda c: st.lists(c, max_size=3)
    | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00")), c, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_quoted_values_read_back_unchanged(value: Any) -> None:
    tracked = TrackedMapping({"v": value}, (), Reads())["v"]
    for text in (
        f"key: {tojson(tracked)}\nnext: 1\n",
        f"key: {toyaml(tracked, 4)}\nnext: 1\n",
        f"outer:\n  key: {toyaml(value, 4)}\nnext: 1\n",
    ):
        document = load_one(text, "t")
        key = document["outer"]["key"] if "outer" in document else document["key"]
        assert json.dumps(key, sort_keys=True) == json.dumps(_as_kubectl(value), sort_keys=True)
        assert document["next"] == 1


def _as_kubectl(value: Any) -> Any:
    """Kubernetes reads integral floats as integers."""
    if isinstance(value, dict):
        return {key: _as_kubectl(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_as_kubectl(child) for child in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    return value


def spans(rendered: Rendered) -> list[tuple[str, str, int, int, tuple[Any, ...]]]:
    """Text, template, line, column and reads of each span."""
    return [
        (rendered.text[s.start : s.end], s.template.rpartition("/")[2], s.line, s.column, s.reads)
        for s in rendered.spans
    ]


def test_spans_of_text_and_expressions(tmp_path: Path) -> None:
    rendered = text(
        tmp_path,
        "a: 1\nb: {{ values.name }}-{{ values.count }} # {{ 'x' }}\nc: {{ values.nope | default(4) }}\n",
    )
    assert spans(rendered) == [
        ("a: 1\n", "t.yaml.j2", 1, 1, ()),
        ("b: ", "t.yaml.j2", 2, 1, ()),
        ("gpt", "t.yaml.j2", 2, 4, (("name",),)),
        ("-", "t.yaml.j2", 2, 21, ()),
        ("3", "t.yaml.j2", 2, 22, (("count",),)),
        (" # ", "t.yaml.j2", 2, 40, ()),
        ("x", "t.yaml.j2", 2, 43, ()),
        ("\n", "t.yaml.j2", 2, 52, ()),
        ("c: ", "t.yaml.j2", 3, 1, ()),
        ("4", "t.yaml.j2", 3, 4, ()),
        ("\n", "t.yaml.j2", 3, 34, ()),
    ]
    plain = {rendered.text[s.start : s.end] for s in rendered.spans if s.spelling is Spelling.PLAIN}
    assert plain == {"gpt", "x"}


def test_spans_through_loops_macros_and_includes(tmp_path: Path) -> None:
    rendered = text(
        tmp_path,
        "{%- from 'lib.j2' import m -%}\n{% for x in values.models -%}\n{{ m(x.name, x) }}\n{% endfor %}{% include 'inc.j2' %}",
        lib="{% macro m(name, model) %}n: {{ name | tojson }}\ns: {{ model.size }}{% endmacro %}",
        inc="{% set q %}<{{ values.name }}>{% endset %}i: {{ q | tojson }}\n",
    )
    assert rendered.text == 'n: "one"\ns: 1\nn: "two"\ns: 2\ni: "<gpt>"\n'
    in_macro = [
        (text, line, reads)
        for text, template, line, _, reads in spans(rendered)
        if template == "lib.j2"
    ]
    assert ('"two"', 1, (("models", 1, "name"),)) in in_macro
    assert ("2", 2, (("models", 1, "size"),)) in in_macro
    assert ("\n", 1, ()) in in_macro
    assert [(t, r) for t, template, _, _, r in spans(rendered) if template == "inc.j2"][1] == (
        '"<gpt>"',
        (),
    )


def test_every_line_of_toyaml_has_its_own_reads(tmp_path: Path) -> None:
    rendered = text(tmp_path, "h: {{ values.headers | toyaml(2) }}\n")
    reads = {t: r for t, _, _, _, r in spans(rendered)}
    assert reads['"a b"'] == (("headers", "X-Title"),)
    assert reads['"2"'] == (("headers", "X-Nested", "deep", 1),)


def test_a_literal_argument_has_the_location_of_the_call(tmp_path: Path) -> None:
    rendered = text(
        tmp_path,
        "{% from 'lib.j2' import m %}\n\n{{ m('Bad') }}\n",
        lib="{% macro m(n) %}name: {{ n }}{% endmacro %}",
    )
    assert [s[1:4] for s in spans(rendered) if s[0] == "Bad"] == [("t.yaml.j2", 3, 1)]


def test_the_text_of_a_filter_block_has_a_line(tmp_path: Path) -> None:
    rendered = text(
        tmp_path, "a\n{% filter upper %}b{% endfilter %}\n{% filter indent(2) %}c{% endfilter %}"
    )
    assert [s[:4] for s in spans(rendered)][1] == ("B", "t.yaml.j2", 2, 0)
    assert [s[:4] for s in spans(rendered)][-1] == ("c", "t.yaml.j2", 3, 23)


TEMPLATES = st.lists(
    st.sampled_from(
        ["a: 1\n", "{{ values.name }}", "  {%- if true -%} \n x {%- endif %}\n", "{# c \n #}", "{{- values.count -}}\n\n",
         "{% raw -%}\n {{ {%- endraw %}", "é😀\t", "\n", "{% for i in [1, 2] %}\n{{ i }}{% endfor %}", "{% set x = 1 -%}  "]
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(TEMPLATES)
def test_spans_cover_the_text_with_exact_columns(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    template = "".join(parts)
    rendered = text(tmp_path_factory.mktemp("t"), template)
    lines = template.split("\n")
    assert "".join(rendered.text[s.start : s.end] for s in rendered.spans) == rendered.text
    for span in rendered.spans:
        _check_column(span, rendered, lines)


def _check_column(span: Span, rendered: Rendered, lines: list[str]) -> None:
    line = lines[span.line - 1] + "\n"
    rest = line[span.column - 1 :]
    if span.spelling is Spelling.TEXT:
        assert rest.startswith(rendered.text[span.start : span.end])
    else:
        assert rest.startswith("{{")


def test_rendering_is_deterministic(tmp_path: Path) -> None:
    """Each rendering runs in a Python of its own, with another seed of its hashes."""
    template = "{% for k in values.headers %}{{ k }}{% endfor %}{{ values.headers | tojson }}{{ values.headers | unique | join }}"
    first, second = text(tmp_path, template), text(tmp_path, template)
    assert (
        first.text
        == 'X-NestedX-Title{"X-Nested": {"deep": [1, "2"]}, "X-Title": "a b"}X-NestedX-Title'
    )
    assert second == first
