"""`validate FILE...`, `explain` and `schema`, by the installed command: no environment, no cluster."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.kinds import KINDS
from reconciler.text.yaml import load_one
from tests.interpreters.warm import Ended, command
from tests.repository import write

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PROVIDER = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: claude}
spec:
  type: claude
  model: claude-sonnet-4-5
  credential: {secretRef: {name: claude, key: ANTHROPIC_API_KEY}}
"""
WRONG = PROVIDER.replace("type: claude", "type: claudius")
MODEL = """\
apiVersion: agent.flokoa.ai/v1alpha1
kind: Model
metadata: {name: fast}
spec: {model: gpt-5-mini, providerRef: {name: NAME}}
---
apiVersion: agent.flokoa.ai/v1alpha1
kind: ModelProvider
metadata: {name: openai}
spec: {openai: {}, apiKeySecretRef: {name: openai, key: api-key}}
"""
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
OLD_CRD = ROOT / "reconciler/crds/omnia/providers.2026-02-07.72655cd0.yaml"


def reconciler(root: Path, *args: str, stdin: str = "") -> Ended:
    ended = command(*args, cwd=root, stdin=stdin)
    assert "Traceback" not in ended.stderr
    return ended


def test_a_file_is_checked_where_it_stands(tmp_path: Path) -> None:
    write(tmp_path, {"good.yaml": PROVIDER, "wrong.yaml": WRONG})
    assert reconciler(tmp_path, "validate", "good.yaml").code == 0
    ran = reconciler(tmp_path, "validate", "good.yaml", "wrong.yaml")
    assert ran.code == 3
    assert ran.stdout.startswith("wrong.yaml:5:3: error[K8S004] ")
    assert "files: 1 error in 2 objects (2 files)" in ran.stdout


def test_stdin_is_a_file(tmp_path: Path) -> None:
    ran = reconciler(tmp_path, "validate", "-", stdin=WRONG)
    assert ran.code == 3
    assert ran.stdout.startswith("<stdin>:5:3: error[K8S004] ")


def test_the_json_report_is_the_same_as_for_environments(tmp_path: Path) -> None:
    ran = reconciler(tmp_path, "validate", "-", "-o", "json", stdin=WRONG)
    report = json.loads(ran.stdout)
    schema = json.loads((ROOT / "reconciler/reports/report.schema.json").read_text())
    assert list(Draft202012Validator(schema).iter_errors(report)) == []
    (environment,) = report["environments"][0]["diagnostics"]
    assert (environment["code"], environment["where"]["line"], environment["path"]) == (
        "K8S004",
        5,
        "spec.type",
    )


def test_a_folder_may_hold_anything(tmp_path: Path) -> None:
    files = {
        "deploy/wrong.yml": WRONG,
        "deploy/web.yaml": DEPLOYMENT + "---\n" + DEPLOYMENT.replace("Deployment", "Service"),
        "deploy/list.json": '{"apiVersion": "v1", "kind": "List", "items": []}',
        "chart/templates/web.yaml": "{{ if .Values.web }}\na: b\n{{ end }}\n",
        "chart/values.yaml": "a: 1\na: 2\n",
        "templates/claude.yaml.j2": "{{ values.nothing }}",
        ".github/broken.yaml": "a: [\nomnia.altairalabs.ai",
        "utf16.yaml": DEPLOYMENT.encode("utf-16"),
        "note.txt": WRONG,
    }
    write(tmp_path, files)
    (tmp_path / "link.yaml").symlink_to("/etc/passwd")
    ran = reconciler(tmp_path, "validate", ".")
    assert ran.code == 3
    assert re.findall(r"^(\S+): \w+\[(\w+)\]", ran.stdout, re.MULTILINE) == [
        ("deploy/wrong.yml:5:3", "K8S004")
    ]
    assert "2 objects of other kinds (Deployment 1, Service 1)" in ran.stdout
    assert "1 template (only an environment gives them values" in ran.stdout
    assert "not valid YAML" in ran.stdout
    assert "not UTF-8 (utf16.yaml)" in ran.stdout


def test_a_file_that_names_a_managed_kind_has_to_be_readable(tmp_path: Path) -> None:
    files = {"a.yaml": PROVIDER + "a: [\n", "b.yaml": PROVIDER.encode("utf-16"), "c.yaml": WRONG}
    write(tmp_path, files)
    ran = reconciler(tmp_path, "validate", ".")
    assert ran.code == 3
    for place in ("a.yaml:8: error[T001]", "b.yaml:1: error[T002]", "c.yaml:5:3: error[K8S004]"):
        assert place in ran.stdout


@pytest.mark.parametrize(
    ("old", "new", "code", "hint"),
    [
        ("omnia.altairalabs.ai", "omnia.altairalab.ai", 0, "omnia.altairalabs.ai/v1alpha1?"),
        ("kind: Provider", "kind: Providr", 3, "did you mean Provider?"),
    ],
)
def test_nearly_a_managed_kind_is_told(
    tmp_path: Path, old: str, new: str, code: int, hint: str
) -> None:
    """Of a managed group a kind that is no other one is refused by every cluster; a group may be another one."""
    ran = reconciler(tmp_path, "validate", "-", stdin=PROVIDER.replace(old, new))
    assert ran.code == code
    assert f"{'error' if code else 'warning'}[M009]" in ran.stdout
    assert hint in ran.stdout


def test_kinds_that_others_serve_in_a_managed_group_are_no_typos(tmp_path: Path) -> None:
    kinds = ("AgentRuntime", "Agent", "PromptPack", "ToolRegistry", "SkillSource", "AgentPolicy")
    text = "---\n".join(PROVIDER.replace("Provider", kind) for kind in kinds)
    ran = reconciler(tmp_path, "validate", "-", stdin=text)
    assert (ran.code, "M009" in ran.stdout) == (0, False)
    assert "6 objects of other kinds" in ran.stdout


LIST = "apiVersion: omnia.altairalabs.ai/v1alpha1\nkind: ProviderList\nitems:\n"


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        (WRONG.partition("\n")[2], ["M003"]),
        (WRONG.replace("apiVersion", "apiversion"), ["M003", "K8S004"]),
        (WRONG.replace("kind", "Kind"), ["M003", "K8S004"]),
        ("- " + WRONG.replace("\n", "\n  ").rstrip(), ["M002", "K8S004"]),
        (json.dumps([load_one(WRONG, "")]), ["M002", "K8S004"]),
        (LIST + "- metadata: {name: a}\n  spec: {type: claudius}\n", ["K8S004"]),
        (WRONG.replace("name: claude", "name: Claude_X", 1), ["M005", "K8S004"]),
        (WRONG.replace("{name: claude}", "{}", 1), ["M004", "K8S004"]),
        (WRONG.replace("metadata: {name: claude}\n", "", 1), ["M004", "K8S004"]),
    ],
)  # fmt: skip
def test_nothing_that_is_meant_as_an_object_is_left_alone(
    tmp_path: Path, text: str, reported: list[str]
) -> None:
    ran = reconciler(tmp_path, "validate", "-", stdin=text)
    assert ran.code == 3
    assert set(reported) <= set(re.findall(r"error\[(\w+)\]", ran.stdout))


@pytest.mark.parametrize(
    "text",
    [
        "image: x\nspec: {}\n",
        "- a\n",
        "kind: Provider\n",
        "[1]",
        "text\n",
        "kind: Model\nname: x\n",
    ],
)
def test_what_is_no_manifest_is_left_alone_and_said_so(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"values.yaml": text})
    ran = reconciler(tmp_path, "validate", "values.yaml")
    assert ran.stdout.splitlines() == [
        "not checked: 1 file without any object (values.yaml)",
        "files: no findings in 0 objects",
    ]
    assert ran.code == 0


def test_another_provider_of_the_world_is_not_ours(tmp_path: Path) -> None:
    foreign = PROVIDER.replace("omnia.altairalabs.ai", "notification.toolkit.fluxcd.io")
    ran = reconciler(tmp_path, "validate", "-", stdin=foreign)
    assert (
        ran.code,
        "1 object of another kind (Provider.notification.toolkit.fluxcd.io)" in ran.stdout,
    ) == (0, True)
    assert "M009" not in ran.stdout


def test_overlays_may_hold_one_object_twice(tmp_path: Path) -> None:
    write(tmp_path, {"dev/claude.yaml": PROVIDER, "prod/claude.yaml": PROVIDER})
    ran = reconciler(tmp_path, "validate", ".")
    assert "no findings in 2 objects" in ran.stdout
    assert "whether 1 object is in several files on purpose (Provider default/claude)" in ran.stdout


def test_the_second_of_two_in_one_file_is_judged_as_well(tmp_path: Path) -> None:
    """kubectl would apply one over the other, in silence."""
    ran = reconciler(tmp_path, "validate", "-", stdin=f"{PROVIDER}---\n{WRONG}")
    assert ran.code == 3
    assert re.findall(r"^<stdin>:(\d+):\d+: error\[(\w+)\]", ran.stdout, re.MULTILINE) == [
        ("11", "M010"),
        ("13", "K8S004"),
    ]
    assert "2 errors in 2 objects" in ran.stdout


def test_two_of_one_in_an_environment_come_to_no_cluster(tmp_path: Path) -> None:
    twice = f"{PROVIDER}---\n{WRONG}---\n{PROVIDER.replace('name: claude', 'name: A', 1)}"
    files = {
        "environments/prod/environment.yaml": "configVersion: 1\nnamespaces: [llm]\n",
        "environments/prod/a.yaml.j2": twice,
    }
    write(tmp_path, files)
    ran = reconciler(tmp_path, "apply", "prod")
    assert ran.code == 3
    assert set(re.findall(r"error\[(\w+)\]", ran.stdout)) == {"M010", "K8S004", "M005"}
    assert not (tmp_path / ".clusters").exists()


def test_lines_that_only_yaml_counts_move_no_place(tmp_path: Path) -> None:
    text = PROVIDER.replace("spec:", "x: 'a\rb\rc\u2028d'\r\nspec:") + "  y: [{\n"
    write(tmp_path, {"claude.yaml": text.encode()})
    assert reconciler(tmp_path, "validate", "claude.yaml").code == 3


def test_a_template_of_another_tool_is_told_once(tmp_path: Path) -> None:
    chart = (
        PROVIDER.replace("name: claude", "name: {{ .Values.name }}", 1) + "  {{- include 'x' . }}\n"
    )
    write(tmp_path, {"claude.yaml": chart + "---\n" + chart, "wrong.yaml": WRONG})
    ran = reconciler(tmp_path, "validate", ".")
    assert re.findall(r"error\[(\w+)\]", ran.stdout) == ["T001", "K8S004"]
    assert "claude.yaml:3:19: error[T001] this is a template" in ran.stdout
    assert "helm template . | reconciler validate -" in ran.stdout


def test_a_reference_beyond_the_files_is_nobodys_mistake(tmp_path: Path) -> None:
    for name, reported in (("openai", False), ("elsewhere", False), ("opnai", True)):
        ran = reconciler(tmp_path, "validate", "-", stdin=MODEL.replace("NAME", name))
        assert ran.code == 0
        assert ("did you mean openai?" in ran.stdout) is reported
        assert ("REF" in ran.stdout) is reported


def test_another_crd_judges(tmp_path: Path) -> None:
    write(tmp_path, {"claude.yaml": PROVIDER + "  role: llm\n"})
    assert reconciler(tmp_path, "validate", "claude.yaml").code == 0
    ran = reconciler(tmp_path, "validate", "claude.yaml", "--crds", str(OLD_CRD))
    assert ran.code == 3
    assert "unknown field spec.role" in ran.stdout
    assert OLD_CRD.name in ran.stdout
    both = reconciler(tmp_path, "validate", "claude.yaml", "--crds", str(OLD_CRD.parent))
    assert (both.code, "name only one of the two files" in both.stderr) == (2, True)
    none = reconciler(tmp_path, "validate", "claude.yaml", "--crds", ".")
    assert (none.code, "no CRD of a managed kind" in none.stderr) == (2, True)


@pytest.mark.parametrize(
    ("severity", "code", "reason"),
    [("error", 0, ""), ("warning", 3, "warnings"), ("notice", 3, "warnings")],
)
def test_the_severity_that_fails(tmp_path: Path, severity: str, code: int, reason: str) -> None:
    plain = f"{PROVIDER}  baseURL: http://llm.example.com\n"
    ran = reconciler(tmp_path, "validate", "-", "--severity", severity, stdin=plain)
    assert ran.code == code
    assert reason in ran.stdout


def test_what_a_server_wrote_is_a_notice(tmp_path: Path) -> None:
    """An export of `kubectl get -o yaml` works, as it is."""
    stored = f"{PROVIDER}status: {{}}\n".replace("claude}", "claude, uid: a, finalizers: [a/b]}")
    ran = reconciler(tmp_path, "validate", "-", "--severity", "warning", stdin=stored)
    assert (ran.code, "notice[M008]" in ran.stdout) == (0, True)


def test_an_environment_is_meant_before_a_folder_of_its_name(tmp_path: Path) -> None:
    files = {
        "environments/prod/environment.yaml": "configVersion: 1\nnamespaces: [llm]\n",
        "prod/wrong.yaml": WRONG,
    }
    write(tmp_path, files)
    assert reconciler(tmp_path, "validate", "prod").stdout.startswith("prod: no findings")
    assert reconciler(tmp_path, "validate", "./prod").code == 3
    mixed = reconciler(tmp_path, "validate", "prod", "prod/wrong.yaml")
    assert (mixed.code, "validate them separately" in mixed.stderr) == (2, True)
    revision = reconciler(tmp_path, "validate", "./prod", "--revision", "main")
    assert (revision.code, "--revision" in revision.stderr) == (2, True)


@pytest.mark.parametrize(
    ("argument", "says", "hint"),
    [
        ("environments/prod/", "is an environment", "reconciler validate prod"),
        ("environments/prod", "is an environment", "reconciler validate prod"),
        ("environments/prod/values.yaml", "is an environment", "reconciler validate prod"),
        ("./environments/prod/environment.yaml", "is an environment", "reconciler validate prod"),
        ("environments/base/values.yaml", "is a values layer", "reconciler validate"),
        ("environments", "is the folder of all environments", "reconciler validate"),
    ],
)
def test_the_path_of_an_environment_is_not_its_name(
    tmp_path: Path, argument: str, says: str, hint: str
) -> None:
    files = {
        "environments/prod/environment.yaml": "configVersion: 1\nnamespaces: [llm]\n",
        "environments/prod/values.yaml": "a: 1\n",
        "environments/base/values.yaml": "a: 1\n",
        "environments/prod/plain.yaml": PROVIDER,
    }
    write(tmp_path / "repo", files)
    here = reconciler(tmp_path / "repo", "validate", argument)
    assert (here.code, here.stdout) == (2, "")
    assert f"{argument} {says}" in here.stderr
    assert f"{hint}\n" in here.stderr
    elsewhere = reconciler(tmp_path, "validate", f"repo/{argument}")
    assert (elsewhere.code, f"{hint} -C {tmp_path}/repo\n" in elsewhere.stderr) == (2, True)
    assert reconciler(tmp_path / "repo", "validate", "environments/prod/plain.yaml").code == 0


def test_one_finding_of_several_environments_is_printed_once(tmp_path: Path) -> None:
    config = "configVersion: 1\nnamespaces: [llm]\nmanifests: [templates/*.yaml.j2]\n"
    names = ("dev", "prod", "staging")
    files = {f"environments/{name}/environment.yaml": config for name in names}
    write(tmp_path, {**files, "templates/claude.yaml.j2": WRONG})
    ran = reconciler(tmp_path, "validate")
    assert ran.stdout.count("K8S004") == 1
    assert "in: dev, prod, staging" in ran.stdout


def test_the_readme_shows_what_is_printed(tmp_path: Path) -> None:
    manifest = re.search(r"```yaml\n(# manifests/claude\.yaml\n.*?)```", README, re.DOTALL)
    shown = re.search(r"<!-- plain -->\n```console\n\$ (.*?)\n(.*?)```", README, re.DOTALL)
    assert manifest is not None
    assert shown is not None
    write(tmp_path, {"manifests/claude.yaml": manifest[1], "manifests/web.yaml": DEPLOYMENT})
    ran = reconciler(tmp_path, *shown[1].split()[1:])
    assert (ran.code, ran.stdout) == (3, shown[2])


def test_explain_tells_a_rule(tmp_path: Path) -> None:
    ran = reconciler(tmp_path, "explain", "k8s002")
    assert ran.code == 0
    assert ran.stdout.startswith("K8S002: ")
    listed = reconciler(tmp_path, "explain").stdout.splitlines()
    assert {"T001", "K8S002", "OM017", "FL001"} <= {line.split()[0] for line in listed}
    unknown = reconciler(tmp_path, "explain", "OM17")
    assert (unknown.code, "did you mean OM017?" in unknown.stderr) == (2, True)


def test_schemas_are_written_for_editors(tmp_path: Path) -> None:
    ran = reconciler(tmp_path, "schema", "--out", "schemas")
    endpoints = [kind.endpoint for kind in KINDS.values()]
    assert ran.stdout.splitlines() == [
        "schemas/environment.json",
        *(f"schemas/{e.group}/{e.kind.lower()}_{e.version}.json" for e in endpoints),
    ]
    for path in ran.stdout.splitlines():
        Draft202012Validator.check_schema(json.loads((tmp_path / path).read_text()))
    own = json.loads((ROOT / "environments/environment.schema.json").read_text())
    assert json.loads(reconciler(tmp_path, "schema").stdout) == own


def test_a_schema_of_an_older_crd(tmp_path: Path) -> None:
    newest = json.loads(reconciler(tmp_path, "schema", "Provider").stdout)
    older = json.loads(reconciler(tmp_path, "schema", "provider", "--era", "2026-02-07").stdout)
    assert "role" in newest["properties"]["spec"]["properties"]
    assert newest["properties"]["spec"]["properties"]["role"]["description"]
    assert "role" not in older["properties"]["spec"]["properties"]
    given = reconciler(tmp_path, "schema", "provider", "--crds", str(OLD_CRD))
    assert json.loads(given.stdout) == older


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("providr",), "did you mean provider?"),
        (("provider", "--era", "2020-01-01"), "2026-02-07"),
        (("--era", "2026-02-07"), "the date of one CRD"),
    ],
)
def test_a_schema_that_is_not_there(tmp_path: Path, args: tuple[str, ...], words: str) -> None:
    ran = reconciler(tmp_path, "schema", *args)
    assert (ran.code, words in ran.stderr) == (2, True)


@pytest.mark.parametrize(
    "args",
    [
        ("--help",),
        ("validate", "--help"),
        ("validate",),
        ("validate", "claude.yaml"),
        ("render",),
        ("schema", "provider"),
        ("explain", "K8S002"),
    ],
    ids=" ".join,
)
def test_what_needs_no_cluster_never_loads_its_client(
    tmp_path: Path, args: tuple[str, ...]
) -> None:
    files = {
        "environments/prod/environment.yaml": "configVersion: 1\nnamespaces: [llm]\n",
        "environments/prod/claude.yaml.j2": PROVIDER,
        "claude.yaml": PROVIDER,
    }
    write(tmp_path, files)
    code = (
        "import sys; from reconciler.cli import main; code = main(sys.argv[1:]); "
        "print(sorted({'kubernetes', 'tenacity', 'urllib3'} & sys.modules.keys()), file=sys.stderr); "
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args], cwd=tmp_path, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == "[]"
