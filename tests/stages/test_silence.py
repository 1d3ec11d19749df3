"""Silences: where the comment may be, what it must contain, and the findings on malformed and unused ones."""

# ruff: noqa: E501 -- one case of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.model.finding import Severity
from tests.stages.repositories import CONFIG, judged, places

HEAD = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: qwen, namespace: omnia}
spec:
  type: vllm
  model: qwen3
"""
URL = "  baseURL: http://llm.example.com\n"
WHY = "-- a test network"
VALUE = "  baseURL: {{ values.url | tojson }}\n"

# The text after the head, the values, and the findings that remain.
CASES: dict[str, tuple[str, str, list[str]]] = {
    "nothing": (URL, "", ["t.yaml.j2:7 OM051"]),
    "on the line": (URL[:-1] + f"  # reconciler: ignore OM051 {WHY}\n", "", []),
    "above": (f"  # reconciler: ignore OM051 {WHY}\n" + URL, "", []),
    "above, with other comments": (f"# reconciler: ignore OM051 {WHY}\n\n  # the url\n{{# more\n of it #}}\n" + URL, "", []),
    "in Jinja, on the line": (URL[:-1] + f" {{# reconciler: ignore OM051 {WHY} #}}\n", "", []),
    "in Jinja, above": (f"  {{#- reconciler: ignore OM051 {WHY} +#}}\n" + URL, "", []),
    "several codes": (f"# reconciler: ignore OM051, OM031 {WHY}\n" + URL, "", ["t.yaml.j2:7 IGN002"]),
    "two comments": (f"# reconciler: ignore OM051 {WHY}\n" + URL[:-1] + f" # reconciler: ignore OM051 {WHY}\n", "", []),
    "at the value": (VALUE, f"url: http://llm.example.com # reconciler: ignore OM051 {WHY}\n", []),
    "at the template of the value": (f"# reconciler: ignore OM051 {WHY}\n" + VALUE, "url: http://llm.example.com\n", []),
    "at another line": (f"# reconciler: ignore OM051 {WHY}\n  role: llm\n" + URL, "", ["t.yaml.j2:7 IGN002", "t.yaml.j2:9 OM051"]),
    "of another rule": (f"# reconciler: ignore OM031 {WHY}\n" + URL, "", ["t.yaml.j2:7 IGN002", "t.yaml.j2:8 OM051"]),
    "without a reason": ("# reconciler: ignore OM051\n" + URL, "", ["t.yaml.j2:7 IGN001", "t.yaml.j2:8 OM051"]),
    "with dashes and no reason": ("# reconciler: ignore OM051 -- \n" + URL, "", ["t.yaml.j2:7 IGN001", "t.yaml.j2:8 OM051"]),
    "without a code": (f"# reconciler: ignore {WHY}\n" + URL, "", ["t.yaml.j2:7 IGN001", "t.yaml.j2:8 OM051"]),
    "of an unknown rule": (f"# reconciler: ignore OM999 {WHY}\n" + URL, "", ["t.yaml.j2:7 IGN001", "t.yaml.j2:8 OM051"]),
    "of an error of the CRD": (URL.replace("http:", "https:") + f"  # reconciler: ignore K8S002 {WHY}\n  modle: m\n", "", ["t.yaml.j2:8 IGN003", "t.yaml.j2:9 K8S002"]),
    "of a rule of the CRD": (URL.replace("http:", "https:") + f"  # reconciler: ignore OM019 {WHY}\n  platform: {{type: azure, endpoint: https://x.example}}\n  auth: {{type: workloadIdentity}}\n", "", ["t.yaml.j2:8 IGN003", "t.yaml.j2:9 OM019"]),
    "of an error of the contract": (f"  credential: {{filePath: x}}  # reconciler: ignore OM013 {WHY}\n  baseURL: https://x.example\n", "", ["t.yaml.j2:7 K8S005"]),
    "in quotes": (URL.rstrip() + ' \n  headers: {X-A: " # reconciler: ignore OM051, OM030 -- x"}\n', "", ["t.yaml.j2:7 OM051", "t.yaml.j2:8 OM030"]),
    "in quotes, on the line": ('  baseURL: "http://llm.example.com/ # reconciler: ignore OM051 -- x"\n', "", ["t.yaml.j2:7 OM051"]),
    "in a text": ("  baseURL: https://x.example/#reconciler:ignore\n", "", ["t.yaml.j2:7 OM056"]),
    "where nothing is rendered": ("{{ nothing }}\n" + f"# reconciler: ignore OM051 {WHY}\n", "", ["t.yaml.j2:7 J002"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_silences(tmp_path: Path, name: str) -> None:
    text, values, expected = CASES[name]

    findings = judged(tmp_path, {"t.yaml.j2": HEAD + text}, values)

    assert places(findings) == expected


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ("plainHttp: forbid", "OM051"),
        ("allowedHosts: [api.openai.com]", "POL001"),
        ("severity: {OM051: error}, allowedHosts: []", "POL001"),
    ],
)
def test_no_comment_silences_what_the_policy_forbids(
    tmp_path: Path, policy: str, code: str
) -> None:
    comment = f"  # reconciler: ignore {code}, OM051 {WHY}\n"
    config = f"{CONFIG}policy: {{{policy}}}\n"
    findings = judged(tmp_path, {"t.yaml.j2": HEAD + comment + URL}, config=config)
    assert {f.code for f in findings if f.severity is Severity.ERROR} == {code}
    (on_comment,) = [f for f in findings if f.code == "IGN003"]
    assert on_comment.message == (
        f"{code} cannot be silenced here: the policy in environment.yaml forbids it"
    )


@pytest.mark.parametrize("policy", ["", "policy: {allowedHosts: ['*.amazonaws.com']}\n"])
def test_a_region_with_a_host_can_be_silenced_only_where_every_host_is_allowed(
    tmp_path: Path, policy: str
) -> None:
    comment = f"  # reconciler: ignore OM061 {WHY}\n"
    platform = (
        "  platform: {type: bedrock, region: evil.test/#}\n  auth: {type: workloadIdentity}\n"
    )
    head = HEAD.replace("type: vllm", "type: claude")
    findings = judged(tmp_path, {"t.yaml.j2": head + comment + platform}, config=CONFIG + policy)
    errors = {f.code for f in findings if f.severity is Severity.ERROR}
    assert errors == ({"OM061"} if policy else set())


def test_a_rule_that_the_environment_makes_an_error_can_be_silenced(
    tmp_path: Path,
) -> None:
    comment = f"  # reconciler: ignore OM051 {WHY}\n"
    config = f"{CONFIG}policy: {{severity: {{OM051: error}}}}\n"
    assert judged(tmp_path, {"t.yaml.j2": HEAD + comment + URL}, config=config) == ()


def test_findings_on_malformed_and_unused_silences(tmp_path: Path) -> None:
    text = f"# reconciler: ignore OM051\n# reconciler: ignore OM05 {WHY}\n# reconciler: ignore OM031 {WHY}\n"

    reason, unknown, unused = judged(
        tmp_path, {"t.yaml.j2": HEAD + text + URL.replace("http:", "https:")}
    )

    assert reason.message == "this comment has no reason, so it silences nothing"
    assert reason.hint == "write `# reconciler: ignore CODE -- why this is intended`"
    assert unknown.hint.startswith("did you mean OM0")
    assert (unused.message, unused.severity) == ("OM031 does not occur here", Severity.WARNING)
    assert unused.source == f"# reconciler: ignore OM031 {WHY}"
    assert (unused.where.column, unused.where.length) == (1, len(unused.source))


@pytest.mark.parametrize("comment", ["- why", "— why", ": why", "because it is so", "why not"])
def test_the_hint_on_a_reason_without_dashes_shows_the_form(tmp_path: Path, comment: str) -> None:
    text = f"# reconciler: ignore OM051 {comment}\n" + URL.replace("http:", "https:")

    (finding,) = judged(tmp_path, {"t.yaml.j2": HEAD + text})

    assert finding.code == "IGN001"
    assert finding.message == "this comment has no `--` before its reason, so it silences nothing"
    assert finding.hint == "write `# reconciler: ignore CODE -- why this is intended`"


def test_an_unused_silence_in_a_shared_file_is_a_notice(tmp_path: Path) -> None:
    templates = {
        "templates/used.yaml.j2": HEAD + f"# reconciler: ignore OM031 {WHY}\n  role: llm\n",
        "templates/unused.yaml.j2": f"# reconciler: ignore OM031 {WHY}\n",
    }
    config = CONFIG + "manifests: [templates/used.yaml.j2]\n"

    findings = judged(tmp_path, templates, "", config)

    assert [(f.where.path, f.code, f.severity) for f in findings if f.code == "IGN002"] == [
        ("templates/used.yaml.j2", "IGN002", Severity.NOTICE)
    ]


def test_a_finding_on_a_secret_can_be_silenced(tmp_path: Path) -> None:
    values = f"token: x7Kp2mQ9vL4nR8tW1zB5  # reconciler: ignore SEC002 {WHY}\n"

    assert judged(tmp_path, {}, values) == ()


def test_the_policy_sets_the_severity_of_findings_on_silences(tmp_path: Path) -> None:
    config = CONFIG + "policy: {severity: {IGN001: error, M001: off}}\n"

    (finding,) = judged(tmp_path, {"t.yaml.j2": "# reconciler: ignore OM051\n"}, "", config)

    assert (finding.code, finding.severity) == ("IGN001", Severity.ERROR)
