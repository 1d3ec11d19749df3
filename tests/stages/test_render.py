"""Rendered texts become manifests: the origins of their fields, and findings on what cannot be a manifest."""

# ruff: noqa: E501 -- one case of a table is one line
from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.adapters.jinja.quoting import tojson
from reconciler.adapters.jinja.renderer import JinjaRenderer
from reconciler.kinds import KINDS
from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, Severity
from reconciler.model.location import Location
from reconciler.model.manifest import Manifest
from reconciler.model.rendering import Rendered, Rendering, Span, Spelling
from reconciler.stages.render import render
from reconciler.stages.render.findings import RenderFindings
from reconciler.stages.render.injection import check_injection
from reconciler.stages.render.sourcemap import SourceMap
from reconciler.text.yaml import load_documents, load_one
from tests.repository import MINIMAL, environment

TWO = "configVersion: 1\nnamespaces: [llm, omnia]\n"
HEAD = "apiVersion: agent.flokoa.ai/v1alpha1\nkind: ModelProvider\n"
GOOD = HEAD + "metadata: {name: gpt, namespace: llm}\nspec: {}\n"


def rendered(
    root: Path, templates: dict[str, str], values: str = "", config: str = MINIMAL
) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    return render(environment(root, templates, values, config), JinjaRenderer(), KINDS)


def rendered_text(
    root: Path, template: str, values: str = "", config: str = MINIMAL
) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    return rendered(root, {"t.yaml.j2": template}, values, config)


class Fixed:
    """A renderer that returns the text of each template: without a child process, for tables of many cases."""

    def render(self, environment: Environment) -> Rendering:
        files = []
        for file in environment.templates:
            spans: list[Span] = []
            start = 0
            for number, line in enumerate(file.text.splitlines(keepends=True), 1):
                spans.append(Span(start, start + len(line), file.path, number, 1))
                start += len(line)
            files.append(Rendered(file.path, file.text, tuple(spans)))
        return Rendering(tuple(files), ())


def test_a_manifest(tmp_path: Path) -> None:
    (manifest,), findings = rendered_text(tmp_path, GOOD)
    assert findings == ()
    assert str(manifest.ref) == "ModelProvider llm/gpt"
    assert manifest.api_version == "agent.flokoa.ai/v1alpha1"
    assert manifest.document.body()["spec"] == {}


def test_origins_lead_to_template_and_values(tmp_path: Path) -> None:
    template = (
        "{% from 'm.j2' import meta %}\n" + HEAD + "{{ meta(values.name) }}\nspec:\n  openai:\n"
        "    baseURL: {{ values.host | tojson }}\n    note: {{ values.name }}-{{ values.host }}\n"
        "  defaultHeaders: {{ values.headers | toyaml(4) }}\n"
    )
    library = {
        "templates/m.j2": "{% macro meta(name) %}metadata:\n  name: {{ name | tojson }}{% endmacro %}"
    }
    values = "name: gpt\nhost: https://x\nheaders:\n  X-A: one\n"
    (manifest,), findings = rendered(tmp_path, {"t.yaml.j2": template} | library, values)
    assert findings == ()

    def of(*path: str) -> tuple[str, list[str], int]:
        origin = manifest.origin(path)
        return (
            str(origin.template).rpartition("/")[2],
            [str(v).rpartition("/")[2] for v in origin.values],
            origin.best.length,
        )

    assert of("kind") == ("t.yaml.j2:3:1", [], 4)
    assert of("metadata", "name") == ("m.j2:2:3", ["values.yaml:1:7"], 3)
    assert of("spec", "openai", "baseURL") == ("t.yaml.j2:7:5", ["values.yaml:2:7"], 9)
    assert of("spec", "openai", "note") == (
        "t.yaml.j2:8:5",
        ["values.yaml:1:7", "values.yaml:2:7"],
        4,
    )
    assert of("spec", "defaultHeaders") == ("t.yaml.j2:9:3", ["values.yaml:3:1"], 7)
    assert of("spec", "defaultHeaders", "X-A") == ("t.yaml.j2:9:19", ["values.yaml:4:8"], 3)
    assert of("spec", "nowhere", "deep") == ("t.yaml.j2:5:1", [], 4)
    assert of() == ("t.yaml.j2:2:1", [], 0)


def test_lists_are_split_into_their_elements(tmp_path: Path) -> None:
    template = (
        "kind: List\napiVersion: v1\nitems:\n- "
        + GOOD.replace("\n", "\n  ").rstrip()
        + "\n- kind: List\n  items:\n  - kind: Nope\n"
    )
    (manifest,), findings = rendered_text(tmp_path, template)
    assert str(manifest.ref) == "ModelProvider llm/gpt"
    assert str(manifest.origin(("metadata", "name")).template).endswith("t.yaml.j2:6:14")
    assert [(f.code, f.where.line) for f in findings] == [("M003", 10), ("M004", 10)]


def test_the_only_namespace_is_the_default(tmp_path: Path) -> None:
    template = HEAD + "metadata: {name: gpt}\n"
    (manifest,), _ = rendered_text(tmp_path / "a", template)
    assert (manifest.ref.namespace, manifest.document.body()["metadata"]["namespace"]) == (
        "llm",
        "llm",
    )
    (nowhere,), (finding,) = rendered_text(tmp_path / "b", template, config=TWO)
    assert (finding.code, finding.hint) == ("M006", "the environment may write to llm, omnia")
    assert (nowhere.ref.namespace, "namespace" in nowhere.document.body()["metadata"]) == (
        "",
        False,
    )


def meta(text: str) -> str:
    return HEAD + f"metadata: {{name: gpt, namespace: llm, {text}}}\n"


# template, code, line, column, path, a part of the message, a part of the hint
WRONG = {
    "list": ("- a\n", "M002", 1, 1, "", "must be a mapping", ""),
    "text": ("hello\n", "M002", 1, 1, "", "must be a mapping", ""),
    "no-kind": ("apiVersion: v1\nmetadata: {name: a}\n", "M003", 1, 1, "kind", "`kind` is missing", ""),
    "kind-type": ("apiVersion: v1\nkind: [a]\n", "M003", 2, 1, "kind", "`kind` must be a string", ""),
    "version-type": ("apiVersion: 1\nkind: A\n", "M003", 1, 1, "apiVersion", "`apiVersion` must be a string", ""),
    "secret": ("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n", "M009", 2, 1, "kind", "Secret is not a managed kind", "managed kinds: "),
    "role": ("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\n", "M009", 2, 1, "kind", "ClusterRoleBinding.rbac", ""),
    "kind-typo": (GOOD.replace("ModelProvider", "ModelProvidr"), "M009", 2, 1, "kind", "ModelProvidr.agent.flokoa.ai", "did you mean ModelProvider?"),
    "group-typo": (GOOD.replace("flokoa.ai", "floka.ai"), "M009", 1, 1, "apiVersion", "", "did you mean apiVersion agent.flokoa.ai/v1alpha1?"),
    "no-metadata": (HEAD, "M004", 1, 1, "metadata", "`metadata` is missing", ""),
    "metadata-type": (HEAD + "metadata: []\n", "M004", 3, 1, "metadata", "must be a mapping", ""),
    "no-name": (HEAD + "metadata: {namespace: llm}\n", "M004", 3, 1, "metadata.name", "is missing", ""),
    "name-type": (HEAD + "metadata: {name: 5, namespace: llm}\n", "M005", 3, 12, "metadata.name", "must be a string", "quote it"),
    "upper": (GOOD.replace("gpt", "GPT-4_o"), "M005", 3, 12, "metadata.name", "lower case", "did you mean gpt-4-o?"),
    "long": (GOOD.replace("gpt", "x" * 254), "M005", 3, 12, "metadata.name", "at most 253", ""),
    "dots": (GOOD.replace("gpt", "'..'"), "M005", 3, 12, "metadata.name", "", ""),
    "trailing": (GOOD.replace("gpt", "gpt-"), "M005", 3, 12, "metadata.name", "", "did you mean gpt?"),
    "escape": (GOOD.replace("gpt", "a%2fb"), "M005", 3, 12, "metadata.name", "", ""),
    "slash": (GOOD.replace("gpt", "a/b"), "M005", 3, 12, "metadata.name", "", ""),
    "newline": (GOOD.replace("gpt", '"a\\n"'), "M005", 3, 12, "metadata.name", "", ""),
    "foreign-namespace": (GOOD.replace("llm", "lmm"), "M007", 3, 23, "metadata.namespace", "namespace lmm", "did you mean llm?"),
    "system-namespace": (GOOD.replace("llm", "kube-system"), "M007", 3, 23, "metadata.namespace", "", "add it to `namespaces`"),
    "namespace-type": (GOOD.replace("llm", "[a]"), "M006", 3, 23, "metadata.namespace", "must be a string", ""),
    "generate-name": (meta("generateName: a-"), "M008", 3, 39, "metadata.generateName", "does not belong", "every run would create an object"),
    "resource-version": (meta("resourceVersion: '5'"), "M008", 3, 39, "metadata.resourceVersion", "", "remove it"),
    "uid": (meta("uid: abc"), "M008", 3, 39, "metadata.uid", "", ""),
    "managed-fields": (meta("managedFields: []"), "M008", 3, 39, "metadata.managedFields", "", ""),
    "finalizers": (meta("finalizers: [a/b]"), "M008", 3, 39, "metadata.finalizers", "", ""),
    "owners": (meta("ownerReferences: []"), "M008", 3, 39, "metadata.ownerReferences", "", ""),
    "status": (GOOD + "status: {ready: true}\n", "M008", 5, 1, "status", "`status` does not belong", ""),
    "stamp": (meta("annotations: {provider-reconciler/rotated: x}"), "M011", 3, 53, "metadata.annotations[provider-reconciler/rotated]", "", ""),
    "applyset": (meta("labels: {applyset.kubernetes.io/part-of: x}"), "M011", 3, 48, "metadata.labels[applyset.kubernetes.io/part-of]", "", ""),
    "syntax": (HEAD + "metadata: {name: 'a}\n", "T001", 3, 18, "", "a quote is never closed (line 3 of the rendered text)", ""),
    "duplicate-key": (HEAD + "metadata: {name: a, name: b}\n", "T003", 3, 21, "metadata", "duplicate key `name`", ""),
    "alias": (HEAD + "metadata: &m {name: a}\nspec: *m\n", "T005", 4, 7, "spec", "aliases are not allowed", ""),
    "tag": (HEAD + "metadata: {name: !!binary aGk=}\n", "T004", 3, 18, "metadata.name", "tags", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_a_manifest_is_an_error(tmp_path: Path, name: str) -> None:
    template, code, line, column, path, message, hint = WRONG[name]
    manifests, findings = render(environment(tmp_path, {"t.yaml.j2": template}), Fixed(), KINDS)
    first = next(f for f in findings if f.code == code)
    assert first.where == Location("environments/prod/t.yaml.j2", line, column, first.where.length)
    assert first.path == path
    assert message in first.message
    assert hint in first.hint
    assert first.source == template.split("\n")[line - 1]
    assert first.severity is Severity.ERROR
    assert len(manifests) == (code in _JUDGED)


# A wrong name, namespace or field hides no other finding: later stages validate the object.
_JUDGED = ("M004", "M005", "M006", "M007", "M008", "M011")


@pytest.mark.parametrize(
    ("metadata", "ref"),
    [
        ("{name: Claude_Prod}", "llm/Claude_Prod"),
        ("{name: 5, namespace: [a]}", "/"),
        ('{name: "../../x\\u0007", namespace: ".."}', "?/..?..?x?"),
        ("{namespace: lmm}", "lmm/"),
        ("[]", "llm/"),
    ],
)
def test_a_reference_shows_an_invalid_name_without_special_characters(
    tmp_path: Path, metadata: str, ref: str
) -> None:
    template = HEAD + f"metadata: {metadata}\nspec: {{x: 1}}\n"
    (manifest,), findings = render(environment(tmp_path, {"t.yaml.j2": template}), Fixed(), KINDS)
    assert str(manifest.ref) == f"ModelProvider {ref}"
    assert manifest.document.body()["spec"] == {"x": 1}
    assert findings


def test_type_fields_in_another_case_are_reported_and_read(tmp_path: Path) -> None:
    template = GOOD.replace("apiVersion", "apiversion").replace("kind", "Kind")
    (manifest,), findings = rendered_text(tmp_path, template)
    assert str(manifest.ref) == "ModelProvider llm/gpt"
    assert [(f.code, f.where.line, f.path, f.hint) for f in findings] == [
        ("M003", 1, "apiversion", "write apiVersion instead of apiversion"),
        ("M003", 2, "Kind", "write kind instead of Kind"),
    ]


def test_the_hint_on_a_missing_api_version_has_that_of_the_kind(tmp_path: Path) -> None:
    _, (finding,) = rendered_text(tmp_path, GOOD.partition("\n")[2])
    assert (finding.code, finding.hint) == ("M003", "add apiVersion: agent.flokoa.ai/v1alpha1")


def test_objects_in_a_bare_list_are_read_as_well(tmp_path: Path) -> None:
    template = "- " + GOOD.replace("\n", "\n  ").replace("gpt", "GPT").rstrip() + "\n- text\n"
    (manifest,), findings = rendered_text(tmp_path, template)
    assert str(manifest.ref) == "ModelProvider llm/GPT"
    assert [(f.code, f.where.line, f.where.column) for f in findings] == [
        ("M002", 1, 1),
        ("M005", 3, 14),
    ]


def test_the_elements_of_a_list_of_a_kind_need_no_type(tmp_path: Path) -> None:
    template = (
        HEAD.replace("Provider", "ProviderList")
        + "items:\n- metadata: {name: a}\n- {kind: Model, metadata: {name: b}}\n"
    )
    (manifest,), findings = rendered_text(tmp_path, template)
    assert (str(manifest.ref), manifest.api_version) == (
        "ModelProvider llm/a",
        "agent.flokoa.ai/v1alpha1",
    )
    assert [(f.code, f.where.line) for f in findings] == [("M003", 5)]


def test_the_time_for_a_list_grows_linearly_with_its_length(tmp_path: Path) -> None:
    """It was quadratic, and this list took 16 seconds."""
    many = "".join(f"- metadata: {{name: a{n}}}\n  spec: {{a: 1, b: 2}}\n" for n in range(1500))
    template = HEAD.replace("Provider", "ProviderList") + "items:\n" + many
    read = environment(tmp_path, {"t.yaml.j2": template})
    started = time.process_time()
    manifests, _ = render(read, Fixed(), KINDS)
    assert len(manifests) == 1500
    assert time.process_time() - started < 4


def test_warnings_keep_the_manifest(tmp_path: Path) -> None:
    manifests, (finding,) = render(
        environment(tmp_path, {"t.yaml.j2": GOOD + "region: no\n"}), Fixed(), KINDS
    )
    assert len(manifests) == 1
    assert (finding.code, finding.severity, finding.path) == ("T009", Severity.WARNING, "region")


def test_the_finding_on_a_duplicate_names_both_and_both_are_read(tmp_path: Path) -> None:
    templates = {"a.yaml.j2": GOOD, "b.yaml.j2": "\n" + GOOD + "extra: 1\n"}
    (first, second), (finding,) = rendered(tmp_path, templates)
    assert str(finding.where) == "environments/prod/b.yaml.j2:4:12"
    assert [str(w) for w in finding.also] == ["environments/prod/a.yaml.j2:3:12"]
    assert (finding.code, finding.ref) == ("M010", first.ref)
    assert "first at environments/prod/a.yaml.j2:3:12" in finding.message
    assert finding.severity is Severity.ERROR
    assert (second.ref, second.document.body()["extra"]) == (first.ref, 1)


MACRO = {
    "templates/m.j2": "{% macro m(a, b='') %}"
    + HEAD
    + "metadata:\n  name: {{ a }}{{ b }}\n{% endmacro %}"
}


@pytest.mark.parametrize(
    ("first", "second", "where", "before"),
    [
        ("values.one", "values.two", "values.yaml:2:6", "values.yaml:1:6"),
        ("values.one, 'x'", "values.two, 'x'", "values.yaml:2:6", "values.yaml:1:6"),
        ("values.one", "values.one", "b.yaml.j2", "a.yaml.j2"),
    ],
)
def test_two_objects_of_one_macro_have_different_locations(
    tmp_path: Path, first: str, second: str, where: str, before: str
) -> None:
    templates = {
        "a.yaml.j2": "{% from 'm.j2' import m %}{{ m(" + first + ") }}",
        "b.yaml.j2": "{% from 'm.j2' import m %}{{ m(" + second + ") }}",
    }
    _, findings = rendered(tmp_path, templates | MACRO, "one: gpt\ntwo: gpt\n")
    finding = next(f for f in findings if f.code == "M010")
    assert finding.message.endswith(f"(first at environments/prod/{before})")
    assert str(finding.where) == f"environments/prod/{where}"


def test_two_objects_without_a_name_are_not_duplicates(tmp_path: Path) -> None:
    text = HEAD + "metadata: {}\n"
    manifests, findings = rendered_text(tmp_path, f"{text}---\n{text}")
    assert (len(manifests), {f.code for f in findings}) == (2, {"M004"})


@pytest.mark.parametrize(
    "template", ["", "# nothing\n", "---\n---\n", "{% if false %}x{% endif %}\n"]
)
def test_a_template_without_objects_is_a_notice(tmp_path: Path, template: str) -> None:
    manifests, (finding,) = rendered_text(tmp_path, template)
    assert (manifests, finding.code, finding.severity) == ((), "M001", Severity.NOTICE)


def test_one_broken_document_does_not_hide_another(tmp_path: Path) -> None:
    template = (
        HEAD + "metadata: 'x\n---\n" + GOOD + "---\n" + HEAD + "metadata: {name: A, uid: x}\n"
    )
    manifests, findings = rendered(tmp_path, {"a.yaml.j2": template, "b.yaml.j2": "{{ nope }}"})
    assert [str(m.ref) for m in manifests] == ["ModelProvider llm/gpt", "ModelProvider llm/A"]
    assert [(f.code, f.where.path[-9:], f.where.line) for f in findings] == [
        ("T001", "a.yaml.j2", 3),
        ("M005", "a.yaml.j2", 12),
        ("M008", "a.yaml.j2", 12),
        ("J002", "b.yaml.j2", 1),
    ]


def test_a_finding_on_a_value_is_in_the_values_file(tmp_path: Path) -> None:
    template = GOOD.replace("gpt", "{{ values.name | tojson }}")
    _, (finding,) = rendered_text(tmp_path, template, "name: GPT\n")
    assert str(finding.where) == "environments/prod/values.yaml:1:7"
    assert (finding.source, finding.where.length) == ("name: GPT", 3)
    assert [str(w) for w in finding.also] == ["environments/prod/t.yaml.j2:3:12"]


def test_a_source_line_that_may_hold_a_secret_is_not_shown(tmp_path: Path) -> None:
    _, (finding,) = rendered_text(tmp_path, GOOD.replace("gpt", "sk-Abcdefgh12345678"))
    assert (finding.where.line, finding.source) == (3, "")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("  a: {{ values.m | toyaml }}", "write it as `{{ ... | toyaml(4) }}`"),
        ("  a:\n  - k: {{ values.m | toyaml }}", "write it as `{{ ... | toyaml(6) }}`"),
        ("  a: {{ values.l | toyaml }}", "write it as `{{ ... | toyaml(4) }}`"),
        ("  a: {{ values.s }}", "write it as `{{ ... | tojson }}`"),
        ("  a: {b: {{ values.m | toyaml(4) }}}", "write it as `{{ ... | tojson }}`"),
    ],
)
def test_a_syntax_error_by_an_expression_is_a_finding_on_the_template(
    tmp_path: Path, line: str, hint: str
) -> None:
    values = "m: {one: 1, two: 2}\nl: [a, b]\ns: 'a: b'\n"
    _, findings = rendered_text(tmp_path, GOOD.replace("spec: {}", "spec:\n" + line), values)
    finding = next(f for f in findings if f.code == "T001")
    assert finding.where.path == "environments/prod/t.yaml.j2"
    assert finding.source[finding.where.column - 1 :].startswith("{{ values.")
    assert "environments/prod/values.yaml" in {place.path for place in finding.also}
    assert finding.hint == hint


# values.x, how the template writes it, and the code of the finding
INJECTIONS: dict[str, tuple[str, str, str]] = {
    "new-key": ('"a\\nspec: {}"', "note: {{ values.x }}", "J010"),
    "new-document": ('"a\\n---\\nkind: Secret"', "note: {{ values.x }}", "J010"),
    "comment": ('"a # b"', "note: {{ values.x }}", "J010"),
    "flow-mapping": ('"{a: 1}"', "note: {{ values.x }}", "J010"),
    "flow-list": ('"[a]"', "note: {{ values.x }}", "J010"),
    "flow-break": ('"a, b: c"', "note: {k: {{ values.x }}}", "J010"),
    "quote-break": ('\'a", "b": "c\'', 'note: {k: "{{ values.x }}"}', "J010"),
    "folded": ('"a\\n  b"', "note: {{ values.x }}", "J010"),
    "folded-in-quotes": ('"a\\n  b"', 'note: "{{ values.x }}"', "J010"),
    "unescaped": ("'a\\tb'", 'note: "{{ values.x }}"', "J010"),
    "line-separator": ('"a\\u2028spec: {}"', "note: {{ values.x }}", "J010"),
    "anchor": ('"&a b"', "note: {{ values.x }}", "J010"),
    "block-break": ('"a\\nspec: {}"', "note: |\n  {{ values.x }}", "J010"),
    "comment-break": ('"a\\nspec: {}"', "# {{ values.x }}", "J010"),
    "number": ('"1.10"', "note: {{ values.x }}", "J011"),
    "boolean": ('"yes"', "note: {{ values.x }}", "J011"),
    "null": ('"~"', "note: {{ values.x }}", "J011"),
    "joined-number": ('"1"', "note: {{ values.x }}.{{ values.x }}", "J011"),
    "plain": ('"gpt-4o"', "note: {{ values.x }}", "-"),
    "part": ('"gpt"', "note: https://{{ values.x }}/v1?a={{ values.x }}", "-"),
    "quoted": ('"1.10"', "note: '{{ values.x }}'", "-"),
    "spaces": ('" a "', "note: {{ values.x }}", "-"),
    "real-number": ("1.5", "note: {{ values.x }}", "-"),
    "block-text": ('"a\\nb: c"', "note: |\n  {{ values.x | indent(2) }}", "-"),
    "in-comment": ('"a: b"', "note: 1 # {{ values.x }}", "-"),
    "tojson": ('"a\\nspec: {}"', "note: {{ values.x | tojson }}", "-"),
    "toyaml": ('"a\\nspec: {}"', "note: {{ {'k': values.x} | toyaml(2) }}", "-"),
}


@pytest.mark.parametrize("name", INJECTIONS)
def test_a_value_stays_inside_its_field(tmp_path: Path, name: str) -> None:
    value, line, expected = INJECTIONS[name]
    manifests, findings = rendered_text(
        tmp_path, HEAD + "metadata: {name: gpt}\n" + line + "\n", f"x: {value}\n"
    )
    if expected == "-":
        assert findings == ()
        (manifest,) = manifests
        assert set(manifest.document.body()) <= {"apiVersion", "kind", "metadata", "note"}
        return
    finding = next(f for f in findings if f.code == expected)
    assert str(finding.where).startswith("environments/prod/values.yaml:1:")
    assert "tojson" in finding.hint


@pytest.mark.parametrize(
    ("value", "line", "code", "place"),
    [
        ('"a: {b"', "{{ values.x }}: 1", "T001", "t.yaml.j2:4"),
        ('"X-Title"', "note: {{ '{' }}{{ values.x }}: 1}", "J010", "t.yaml.j2:4:7"),
    ],
)
def test_a_key_from_a_value_is_an_error_of_the_template(
    tmp_path: Path, value: str, line: str, code: str, place: str
) -> None:
    template = HEAD + "metadata: {name: gpt}\n" + line + "\n"
    _, (finding,) = rendered_text(tmp_path, template, f"x: {value}\n")
    assert (finding.code, str(finding.where)) == (code, f"environments/prod/{place}")


CONTEXTS = ("note: {{ values.x }}", "note: '{{ values.x }}'", 'note: "{{ values.x }}"', "note: [{{ values.x }}, b]",
            "note: {k: a{{ values.x }}}", "note: |\n  {{ values.x }}\nlast: 1", "{{ values.x }}: note", "# {{ values.x }}")  # fmt: skip


def test_no_text_changes_the_shape_without_an_error(tmp_path: Path) -> None:
    """In every context every text either results in the same shape as a plain word, or is an error."""
    accepted: Counter[str] = Counter()

    @settings(max_examples=200)
    @given(st.text(st.sampled_from("ab:#-{}[],&*!|>'\"%@` \n\r\t\\\u2028\x85?~1"), max_size=8))
    def check(text: str) -> None:
        read = environment(tmp_path, {}, f"x: {tojson(text)}\n")
        for context in CONTEXTS:
            file = _woven("environments/prod/t.yaml.j2", context + "\n", text)
            findings = RenderFindings(read)
            stream = load_documents(file.text)
            check_injection(stream, SourceMap(file, read), findings)
            errors = stream.errors or [
                f for f in findings.collected if f.severity is Severity.ERROR
            ]
            if not errors and text.strip():
                values = [document.value for document in stream.documents]
                plain = load_one(context.replace("{{ values.x }}", "x"), "plain")
                assert _shape(values[0] if values else None, text) == _shape(plain, "x"), file.text
                assert len(values) <= 1
                accepted[context] += 1

    check()
    assert min(accepted[context] for context in CONTEXTS) >= 5, accepted


def _woven(path: str, context: str, value: str) -> Rendered:
    before, _, after = context.partition("{{ values.x }}")
    ends = (len(before), len(before) + len(value), len(before) + len(value) + len(after))
    spans = (
        Span(0, ends[0], path, 1, 1),
        Span(ends[0], ends[1], path, 1, len(before) + 1, (("x",),), Spelling.PLAIN),
        Span(ends[1], ends[2], path, 1, 1),
    )
    return Rendered(path, before + value + after, tuple(s for s in spans if s.start < s.end))


def _shape(value: Any, text: str) -> Any:
    """The keys and the elements of a value, whatever its scalars are."""
    if isinstance(value, dict):
        return [
            (None if str(key).strip() == text.strip() or key == text else key, _shape(v, text))
            for key, v in value.items()
        ]
    return [_shape(v, text) for v in value] if isinstance(value, list) else None


UNREAD = [
    pytest.param("model: {{ values.model }}", "model: a\n", [], id="read"),
    pytest.param("a: {{ values.map | tojson }}", "map: {x: {deep: 1}}\n", [], id="a mapping"),
    pytest.param("a: {{ values.list[0] }}", "list: [1, 2]\n", [], id="an element of a list"),
    pytest.param("a: {% if values.flag == 1 %}1{% endif %}", "flag: 1\n", [], id="by a condition"),
    pytest.param("a: {{ 'x' in values }}", "x: 1\n", [], id="by a test"),
    pytest.param("a: {{ values.regions | list | tojson }}", "regions: {eu: {}}\n", [], id="its keys"),
    pytest.param("a: {{ values.get('x') }}", "x: 1\n", [], id="get"),
    pytest.param("a: {% for k, v in values.m.items() %}{{ v.a }}{% endfor %}", "m: {x: {a: 1}}\n", [], id="by a loop"),
    pytest.param("a: {{ values.model }}", "model: a\nmodle: b\n", [("values.modle", "did you mean model?", 2)], id="typo"),
    pytest.param("a: {{ values.size | default(3) }}", "sise: 4\n", [("values.sise", "did you mean size?", 1)], id="typo of a default"),
    pytest.param("a: {{ values.m.x }}", "m: {x: 1, sise: {deep: {er: 1}}}\n", [("values.m.sise", "use it in a template, or remove it", 1)], id="an unread mapping"),
    pytest.param("a: {% if values.m %}1{% endif %}", "m: {x: 1}\n", [], id="fields of a condition"),
    pytest.param("a: {% if values.m.flag %}{{ values.m.x }}{% endif %}", "m: {x: 1, flag: false}\n", [], id="a toggle"),
    pytest.param("a: {{ values.one or values.other }}", "one: 1\nother: 2\n", [], id="a short circuit"),
    pytest.param("a: {{ values.sizes[values.size] }}", "size: small\nsizes: {small: 1, large: 2}\n", [], id="a table"),
    pytest.param("a: {{ values.b.c }}", "x-c: &c {c: 1}\nb: *c\n", [], id="an anchor"),
    pytest.param("a: {{ values.m | length }}", "m: {x: 1, y-z: 2}\n", [], id="by its length"),
    pytest.param("a: {{ values.nope }}", "x: 1\n", [], id="unknown if a template fails"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "values", "expected"), UNREAD)
def test_values_that_no_template_reads(
    tmp_path: Path, line: str, values: str, expected: list[tuple[str, str, int]]
) -> None:
    _, findings = rendered_text(tmp_path, line + "\n", values)
    unread = [f for f in findings if f.code == "J014"]
    assert [(f.message.rpartition(" ")[2], f.hint, f.where.line) for f in unread] == expected
    assert all(
        f.severity is (Severity.WARNING if "mean" in f.hint else Severity.NOTICE) for f in unread
    )


def test_an_unread_value_of_a_shared_layer_is_no_finding(tmp_path: Path) -> None:
    (tmp_path / "environments/base").mkdir(parents=True)
    (tmp_path / "environments/base/values.yaml").write_text("elsewhere: 1\nmodel: a\n")
    config = MINIMAL + "extends: [base]\n"
    _, findings = rendered_text(tmp_path, "a: {{ values.model }}\n", "model: b\n", config)
    assert "J014" not in {f.code for f in findings}
