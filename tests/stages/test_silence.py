"""Silences: where the comment may stand, what it must say, and what is told of one that does nothing."""

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

# What stands behind the head, the values, and what is left to be told.
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
    "of no rule": (f"# reconciler: ignore OM999 {WHY}\n" + URL, "", ["t.yaml.j2:7 IGN001", "t.yaml.j2:8 OM051"]),
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

    found = judged(tmp_path, {"t.yaml.j2": HEAD + text}, values)

    assert places(found) == expected


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ("plainHttp: forbid", "OM051"),
        ("allowedHosts: [api.openai.com]", "POL001"),
        ("severity: {OM051: error}, allowedHosts: []", "POL001"),
    ],
)
def test_what_the_policy_forbids_no_comment_elsewhere_allows(
    tmp_path: Path, policy: str, code: str
) -> None:
    comment = f"  # reconciler: ignore {code}, OM051 {WHY}\n"
    config = f"{CONFIG}policy: {{{policy}}}\n"
    found = judged(tmp_path, {"t.yaml.j2": HEAD + comment + URL}, config=config)
    assert {d.code for d in found if d.severity is Severity.ERROR} == {code}
    (told,) = [d for d in found if d.code == "IGN003"]
    assert told.message == (
        f"{code} cannot be silenced here: the policy in environment.yaml forbids what it tells of"
    )


def test_a_rule_that_an_environment_finds_severe_can_be_silenced_with_a_reason(
    tmp_path: Path,
) -> None:
    comment = f"  # reconciler: ignore OM051 {WHY}\n"
    config = f"{CONFIG}policy: {{severity: {{OM051: error}}}}\n"
    assert judged(tmp_path, {"t.yaml.j2": HEAD + comment + URL}, config=config) == ()


def test_what_is_told_of_them(tmp_path: Path) -> None:
    text = f"# reconciler: ignore OM051\n# reconciler: ignore OM05 {WHY}\n# reconciler: ignore OM031 {WHY}\n"

    reason, unknown, nothing = judged(
        tmp_path, {"t.yaml.j2": HEAD + text + URL.replace("http:", "https:")}
    )

    assert reason.message == "this comment gives no reason, so it silences nothing"
    assert reason.hint == "write `# reconciler: ignore CODE -- why this is meant`"
    assert unknown.hint.startswith("did you mean OM0")
    assert (nothing.message, nothing.severity) == ("OM031 is not found here", Severity.WARNING)
    assert nothing.source == f"# reconciler: ignore OM031 {WHY}"
    assert (nothing.where.column, nothing.where.length) == (1, len(nothing.source))


@pytest.mark.parametrize("comment", ["- why", "— why", ": why", "because it is so", "why not"])
def test_a_reason_without_its_dashes_is_told_how_to_write_it(tmp_path: Path, comment: str) -> None:
    text = f"# reconciler: ignore OM051 {comment}\n" + URL.replace("http:", "https:")

    (found,) = judged(tmp_path, {"t.yaml.j2": HEAD + text})

    assert found.code == "IGN001"
    assert found.message == "before its reason this comment has no `--`, so it silences nothing"
    assert found.hint == "write `# reconciler: ignore CODE -- why this is meant`"


def test_a_file_that_environments_share_may_need_it_for_another_one(tmp_path: Path) -> None:
    templates = {
        "templates/used.yaml.j2": HEAD + f"# reconciler: ignore OM031 {WHY}\n  role: llm\n",
        "templates/unused.yaml.j2": f"# reconciler: ignore OM031 {WHY}\n",
    }
    config = CONFIG + "manifests: [templates/used.yaml.j2]\n"

    found = judged(tmp_path, templates, "", config)

    assert [(d.where.path, d.code, d.severity) for d in found if d.code == "IGN002"] == [
        ("templates/used.yaml.j2", "IGN002", Severity.NOTICE)
    ]


def test_a_secret_that_is_none_can_be_silenced(tmp_path: Path) -> None:
    values = f"token: x7Kp2mQ9vL4nR8tW1zB5  # reconciler: ignore SEC002 {WHY}\n"

    assert judged(tmp_path, {}, values) == ()


def test_the_policy_may_want_to_hear_of_them(tmp_path: Path) -> None:
    config = CONFIG + "policy: {severity: {IGN001: error, M001: off}}\n"

    (found,) = judged(tmp_path, {"t.yaml.j2": "# reconciler: ignore OM051\n"}, "", config)

    assert (found.code, found.severity) == ("IGN001", Severity.ERROR)
