"""No value adds a path outside of its own node, whatever the template does with it: 2,000 templates and values."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from reconciler.adapters.jinja.renderer import JinjaRenderer
from reconciler.kinds import KINDS
from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, Severity
from reconciler.model.path import FieldPath
from reconciler.ports import Rendering
from reconciler.stages.render import render
from tests.repository import environment
from tests.stages.repositories import CONFIG, judged

NUMBER = 2000
HEAD = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: gpt, namespace: omnia}
spec:
  type: mock
"""
TAIL = "  last: 1\n"
NOTE = ("spec", "note")


@dataclass(frozen=True)
class Context:
    """Lines of a template.

    Attributes:
        lines: `@` is where the value goes.
        neutral: what is there in the neutral template.
        node: the node in which the value begins: only this one and what is below it is the value's.
    """

    lines: str
    neutral: str
    node: FieldPath


SCALARS = [
    Context("  note: @\n", "x", NOTE),
    Context("  note: '@'\n", "x", NOTE),
    Context('  note: "@"\n', "x", NOTE),
    Context("  note: a @ b\n", "x", NOTE),
    Context("  note: a\n    @\n", "x", NOTE),
    Context("  note: {k: @, l: 1}\n", "x", (*NOTE, "k")),
    Context("  note: {k: 'a @ b', l: 1}\n", "x", (*NOTE, "k")),
    Context('  note: {k: "@", l: 1}\n', "x", (*NOTE, "k")),
    Context("  note: {k: a @, l: 1}\n", "x", (*NOTE, "k")),
    Context("  note: ['@', 1]\n", "x", (*NOTE, 0)),
    Context("  note: [\"#\", '@']\n", "x", (*NOTE, 1)),
    Context("  note:\n  - '@'\n  - 1\n", "x", (*NOTE, 0)),
    Context("  note: |\n    a\n    @\n", "x", NOTE),
    Context("  note: >-\n    @\n", "x", NOTE),
    Context("  # @\n  note: 1\n", "x", NOTE),
    Context("  note: 1 # @\n", "x", NOTE),
    Context("  note: '1' # '@'\n", "x", NOTE),
]


def blocks() -> list[Context]:
    contexts = []
    for indent in range(9):
        block, hand = f"@({indent})", f"@|indent({indent})"
        contexts += [
            Context(f"  note: {block}\n", "{}", NOTE),
            Context(f"  note: {block}\n    k: 1\n", "\n    j: 1", NOTE),
            Context(f"  note:\n    {block}\n", "{}", NOTE),
            Context(f"  note:\n    {hand}\n", "{}", NOTE),
            Context(f"  note:\n    k: 1\n    {hand}\n", "", NOTE),
            Context(f"  note:\n  - {block}\n  - 1\n", "{}", (*NOTE, 0)),
            Context(f"  note:\n  - k: {block}\n    l: 1\n", "{}", (*NOTE, 0, "k")),
            Context(f"  # {block}\n  note: 1\n", "", NOTE),
            Context(f"  note: 1 {block}\n", "", NOTE),
            Context(f"  note: {{k: {block}, l: 1}}\n", "{}", (*NOTE, "k")),
            Context(f"  note: [{block}]\n", "{}", (*NOTE, 0)),
            Context(f"  note: |\n    a {block}\n", "", NOTE),
            Context(f"  note: '{block}'\n", "", NOTE),
        ]
    return contexts


TOKENS = ("a", "b", " ", "'", '"', "', evil: '", '", "evil": "', ", evil: ", ": ", " #", "\n", "{", "}", "[", "]", ",",
          "- ", "|", "\u2028", "---", "&a ", "*a", "!t ", "\\", "#", "? ")  # fmt: skip


def text(draw: random.Random) -> str:
    return "".join(draw.choice(TOKENS) for _ in range(draw.randrange(1, 6)))


def container(draw: random.Random, depth: int = 0) -> object:
    size = draw.randrange(1, 4)

    def child() -> object:
        return container(draw, depth + 1) if depth < 2 and draw.random() < 0.3 else text(draw)

    if draw.random() < 0.3:
        return [child() for _ in range(size)]
    return {draw.choice(["evil", "type", "last", text(draw)]): child() for _ in range(size)}


@dataclass(frozen=True)
class Case:
    context: Context
    value: object
    filter: str

    def template(self, number: int) -> str:
        name, _, rest = self.filter.partition("@")
        lines = self.context.lines
        if name == "tojson":
            return HEAD + lines.replace("@", f"{{{{ values.v[{number}] | tojson }}}}") + TAIL
        before, _, after = lines.partition("@")
        end = after.index(")") + 1
        call = after[:end] if after.startswith("(") else f" {after[:end]}"
        return f"{HEAD}{before}{{{{ values.v[{number}] | toyaml{call}{rest} }}}}{after[end:]}{TAIL}"

    @property
    def neutral(self) -> str:
        before, _, after = self.context.lines.partition("@")
        if self.filter == "toyaml":
            after = after[after.index(")") + 1 :]
        return HEAD + before + self.context.neutral + after + TAIL


def cases(seed: int) -> list[Case]:
    draw = random.Random(seed)
    wrong = blocks()
    drawn = []
    for number in range(NUMBER):
        if number % 2:
            value = text(draw) if draw.random() < 0.8 else container(draw)
            drawn.append(Case(draw.choice(SCALARS), value, "tojson"))
        else:
            drawn.append(Case(draw.choice(wrong), container(draw), "toyaml"))
    return drawn


@dataclass(frozen=True)
class Once:
    """`ports.Renderer`: what another one has rendered."""

    rendering: Rendering

    def render(self, _: Environment) -> Rendering:
        return self.rendering


def paths(value: object, above: FieldPath = ()) -> set[FieldPath]:
    all_paths = {above}
    if isinstance(value, dict):
        for key, child in value.items():
            all_paths |= paths(child, (*above, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            all_paths |= paths(child, (*above, index))
    return all_paths


def outside(value: object, node: FieldPath) -> set[FieldPath]:
    return {path for path in paths(value) if path[: len(node)] != node}


@cache
def loaded(text: str) -> object:
    return next(yaml.load_all(text, Loader=yaml.CSafeLoader))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [20261129])
def test_no_value_adds_a_path_outside_of_its_node(tmp_path: Path, seed: int) -> None:
    drawn = cases(seed)
    templates = {f"t{n:04}.yaml.j2": case.template(n) for n, case in enumerate(drawn)}
    values = json.dumps({"v": [case.value for case in drawn]})
    rendered_from = environment(tmp_path, templates, values, CONFIG)
    once = Once(JinjaRenderer().render(rendered_from))
    _, findings = render(rendered_from, once, KINDS)
    codes_by_name: dict[str, set[str]] = {}
    for finding in findings:
        if finding.severity is Severity.ERROR:
            for place in (finding.where, *finding.also):
                codes_by_name.setdefault(place.path.rpartition("/")[2], set()).add(finding.code)
    unnoticed, needless, noticed = [], [], 0
    for rendered in once.rendering.files:
        name = rendered.template.rpartition("/")[2]
        case = drawn[int(name[1:5])]
        before = loaded(case.neutral)
        try:
            after = list(yaml.load_all(rendered.text, Loader=yaml.CSafeLoader))
        except (yaml.YAMLError, ValueError, TypeError):
            continue  # no reader takes it
        differs = [outside(body, case.context.node) for body in after] != [
            outside(before, case.context.node)
        ]
        codes = codes_by_name.get(name, set()) & {"J010", "T001", "T003", "T005", "T007"}
        noticed += differs
        if differs and not codes:
            unnoticed.append((rendered.text, case))
        elif not differs and codes == {"J010"} and case.context in SCALARS[:1]:
            needless.append((rendered.text, case))
    assert unnoticed == []
    assert needless == []
    assert noticed > NUMBER / 100, "some values do break out"


# values.x, the lines of the template, and whether the value breaks out
QUOTED: dict[str, tuple[str, str, bool]] = {
    "in single quotes": ("{x: \"a', evil: '\"}", "  note: {k: '{{ values.x | tojson }}'}", True),
    "harmless in single quotes": ("{x: a}", "  note: '{{ values.x | tojson }}'", False),
    "a longer scalar": ("{x: 'a #b'}", "  note: hello {{ values.x | tojson }}", True),
    "a harmless longer scalar": ("{x: a}", "  note: hello {{ values.x | tojson }}", False),
    "a flow mapping": ("{x: 'a, evil: b'}", "  note: {k: a {{ values.x | tojson }}}", True),
    "a comment sign in a string": (
        "{x: \"', evil: '\"}",
        "  note: {'#': '{{ values.x | tojson }}'}",
        True,
    ),
    "one key beside its parent": ("{x: {a: 1}}", "  note: {{ values.x | toyaml(2) }}", True),
    "keys beside their parent": ("{x: {a: 1, b: 2}}", "  note: {{ values.x | toyaml(2) }}", True),
    "keys above their parent": ("{x: {a: 1}}", "  note: {{ values.x | toyaml(0) }}", True),
    "the right indent": ("{x: {a: 1, b: {c: 2}}}", "  note: {{ values.x | toyaml(4) }}", False),
    "a deeper indent": ("{x: {a: 1, b: {c: 2}}}", "  note: {{ values.x | toyaml(6) }}", False),
    "half an indent": (
        "{x: {a: 1, b: 2}}",
        "  note:\n    {{ values.x | toyaml | indent(2) }}",
        True,
    ),
    "an indent by hand": (
        "{x: {a: 1, b: 2}}",
        "  note:\n    {{ values.x | toyaml | indent(4) }}",
        False,
    ),
    "keys beside others": (
        "{x: {a: 1, b: 2}}",
        "  note:\n    k: 1\n    {{ values.x | toyaml | indent(4) }}",
        False,
    ),
    "a list": ("{x: [1, {a: b}]}", "  note: {{ values.x | toyaml(2) }}", False),
    "a list beside elements": ("{x: [1]}", "  note:\n  - 0\n  {{ values.x | toyaml | indent(2) }}", False),
    "lines below a comment": ("{x: {evil: 1}}", "  # {{ values.x | toyaml(2) }}", True),
    "a block in a comment": ("{x: {evil: 1}}", "  note: # {{ values.x | toyaml(4) }}", True),
    "keys below an empty key": (
        "{x: {evil: 1}}",
        "  note:\n  {{ values.x | toyaml | indent(2) }}",
        True,
    ),
    "a comment": ("{x: {evil: 1}}", "  # {{ values.x | tojson }}", False),
    "a line below a value": ("{x: {evil: 1}}", "  note: 1 {{ values.x | toyaml(2) }}", True),
    "a key": ("{x: 'a: b'}", "  {{ values.x | tojson }}: 1", False),
    "the keys of a loop": (
        "{x: {'a: b': 'c #'}}",
        "  note:\n{% for k, v in values.x | items %}    {{ k | tojson }}: {{ v | tojson }}\n{% endfor %}",
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", QUOTED)
def test_what_a_filter_wrote(tmp_path: Path, name: str) -> None:
    value, lines, breaks = QUOTED[name]
    findings = rendered(tmp_path, f"{HEAD}{lines}\n", value)
    assert [f.code for f in findings if f.code.startswith(("J", "T"))] == ["J010"] * breaks
    for finding in findings:
        if finding.code == "J010":
            assert finding.hint
            assert "t.yaml.j2" in str([finding.where, *finding.also])


def rendered(root: Path, template: str, values: str) -> tuple[Finding, ...]:
    return judged(root, {"t.yaml.j2": template}, values)


def test_the_hint_for_a_wrong_indent_has_the_right_one(tmp_path: Path) -> None:
    template = f"{HEAD}  note: {{{{ values.x | toyaml(2) }}}}\n"
    (finding,) = (f for f in rendered(tmp_path, template, "x: {a: b}\n") if f.code == "J010")
    assert finding.hint == "write it as `{{ ... | toyaml(4) }}`"
