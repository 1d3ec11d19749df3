"""Secrets in templates, rendered or not, in values and in environment.yaml; findings never contain the value."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model.environment import Environment, SourceFile
from reconciler.model.finding import Finding, Severity
from reconciler.stages.validate.source_secrets import source_findings
from tests.kinds.manifests import environment
from tests.stages.repositories import CONFIG, judged, places
from tests.text.canaries import ALL, keys, leaked

KEY = keys("anthropic")[0]
PROVIDER = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: gpt, namespace: omnia}
spec:
  type: openai
  model: gpt-5
  credential: {secretRef: {name: openai, key: OPENAI_API_KEY}}
"""


def lines_and_codes(text: str, *reported: Finding) -> list[tuple[int, str]]:
    file = SourceFile("templates/t.yaml.j2", text)
    return [(f.where.line, f.code) for f in source_findings(_with(file), reported)]


def _with(file: SourceFile) -> Environment:
    return replace(environment(), templates=(file,))


@pytest.mark.parametrize(("family", "key"), ALL)
def test_a_key_is_found_at_its_line_and_never_shown(family: str, key: str) -> None:
    file = SourceFile("templates/t.yaml.j2", f"a: 1\n# {family}\nvalue: '{key}'\n")
    (finding,) = source_findings(_with(file), ())

    assert (finding.where.line, finding.code, finding.severity) == (3, "SEC001", Severity.ERROR)
    assert finding.where.length == 0
    assert finding.source == ""
    assert leaked(key, repr(finding)) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"# was {KEY}\n", [(1, "SEC001")]),
        (f"{{# {KEY} #}}\n", [(1, "SEC001")]),
        (f"a: {base64.b64encode(KEY.encode()).decode()}\n", [(1, "SEC001")]),
        ("apiKey: x7Kp2mQ9vL4nR8tW1zB5\n", [(1, "SEC002")]),
        ("a: {token: 'x7Kp2mQ9vL4nR8tW1zB5'}\n", [(1, "SEC002")]),
        ('{% set password = "x7Kp2mQ9vL4nR8tW1zB5" %}\n', [(1, "SEC002")]),
        ("apiKey: {{ values.openai.apiKeyOfProduction }}\n", []),
        ("kind: Secret\nmetadata: {name: a}\nstringData:\n  a: b\n", [(1, "SEC003")]),
        ("a: 1\n---\ndata:\n  a: Yg==\nkind: 'Secret'  # of prod\n", [(5, "SEC003")]),
        ("kind: Secret\nmetadata: {name: a}\n---\nkind: ConfigMap\ndata: {a: b}\n", []),
        ("kind: SealedSecret\ndata: {a: b}\n", []),
        ("secretRef: {name: openai, key: OPENAI_API_KEY}\n", []),
    ],
)
def test_which_lines_contain_secrets(text: str, expected: list[tuple[int, str]]) -> None:
    assert lines_and_codes(text) == expected


def test_every_file_is_searched(tmp_path: Path) -> None:
    templates = {
        "gpt.yaml.j2": PROVIDER + f"  baseURL: https://me:{KEY}@llm.example.com\n",
        "templates/elsewhere.yaml.j2": f"# {KEY}\n",
    }

    findings = judged(tmp_path, templates, f"unused: {KEY}\n", CONFIG + f"# {KEY}\n")

    assert [p for p in places(findings) if "SEC" in p] == [
        "environment.yaml:3 SEC001",
        "gpt.yaml.j2:8 SEC001",
        "values.yaml:1 SEC001",
        "templates/elsewhere.yaml.j2:1 SEC001",
    ]
    assert leaked(KEY, repr(findings)) == ""


def test_a_rendered_secret_is_one_finding_with_its_field(tmp_path: Path) -> None:
    template = PROVIDER + "  headers: {X-Title: {{ values.title | tojson }}}\n"

    findings = judged(tmp_path, {"gpt.yaml.j2": template}, f"title: {KEY}\n")

    (secret,) = [f for f in findings if f.code == "SEC001"]
    assert places((secret,)) == ["values.yaml:1 SEC001"]
    assert secret.path == "spec.headers.X-Title"


def test_a_key_that_an_expression_joins_is_found_in_the_rendered_text(
    tmp_path: Path,
) -> None:
    half, rest = KEY[:20], KEY[20:]
    template = PROVIDER + f"  headers: {{X-Title: {{{{ ('{half}' ~ '{rest}') | tojson }}}}}}\n"

    findings = judged(tmp_path, {"gpt.yaml.j2": template})

    assert "gpt.yaml.j2:8 SEC001" in places(findings)


def test_sources_are_searched_even_if_nothing_can_be_rendered(tmp_path: Path) -> None:
    findings = judged(tmp_path, {"gpt.yaml.j2": "{{ undefined }}\n"}, f"a: {KEY}\n")

    assert places(findings) == ["gpt.yaml.j2:1 J002", "values.yaml:1 SEC001"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("url: https://me:x7Kp2mQ9@example.com", "credentials in a URL in clear text"),
        (f"a: {KEY}", "an Anthropic key in clear text"),
    ],
)
def test_the_message_names_the_kind_of_credential(text: str, message: str) -> None:
    (finding,) = source_findings(_with(SourceFile("templates/t.yaml.j2", text)), ())

    assert finding.message == message
