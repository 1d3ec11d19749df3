"""What starts the tasks of Tekton: which events do, what they can decide, and that everything named exists."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.cli.starter.texts import UNKNOWN_PROJECT, Choice, starter_texts
from reconciler.semantics.validation.cel import Bindings
from tests.adapters.forge.server import Forge, serve
from tests.controlplane.plane import ControlPlane
from tests.workflows.runner import Runner
from tests.workflows.test_other_forges import ENVIRONMENTS, TaskRun, cluster, runner, task

__all__ = ["cluster", "runner"]  # fixtures

Document = dict[str, Any]
FOLDER = "tekton/triggers/"
HOME = "omnia"
PROJECT = "acme/llm"
COMMIT = "5" * 40
PULL_REQUEST: Document = {
    "action": "opened",
    "number": 42,
    "repository": {"full_name": PROJECT},
    "pull_request": {
        "number": 42,
        "head": {"sha": COMMIT, "repo": {"full_name": PROJECT}},
        "base": {"ref": "trunk"},
    },
}
PUSH: Document = {
    "ref": "refs/heads/trunk",
    "after": COMMIT,
    "deleted": False,
    "repository": {"full_name": PROJECT},
}
MERGE_REQUEST: Document = {
    "project": {"path_with_namespace": PROJECT},
    "object_attributes": {
        "iid": 42,
        "action": "open",
        "source_project_id": 7,
        "target_project_id": 7,
        "target_branch": "trunk",
        "last_commit": {"id": COMMIT},
    },
}
ANOTHER_PUSH = MERGE_REQUEST["object_attributes"] | {"action": "update", "oldrev": COMMIT}
PUSHED: Document = {
    "ref": "refs/heads/trunk",
    "checkout_sha": COMMIT,
    "project": {"path_with_namespace": PROJECT},
}
EVENTS = {
    ("github", "pull_request"): PULL_REQUEST,
    ("github", "push"): PUSH,
    ("gitlab", "Merge Request Hook"): MERGE_REQUEST,
    ("gitlab", "Push Hook"): PUSHED,
}
REVIEWED, CHANGED = ["review", "preview"], ["change"]


@cache
def documents(
    environments: tuple[str, ...] = ENVIRONMENTS, branch: str = "trunk"
) -> list[Document]:
    choice = Choice(("omnia",), ("openai",), environments, forge="tekton", branch=branch)
    return [
        document
        for name, text in starter_texts(choice).items()
        if name.startswith(FOLDER)
        for document in yaml.safe_load_all(text.replace(UNKNOWN_PROJECT, PROJECT))
    ]


def of_kind(kind: str) -> dict[str, Document]:
    return {each["metadata"]["name"]: each for each in documents() if each["kind"] == kind}


def fires(trigger: Document, event: str, body: Document) -> bool:
    signature, condition = trigger["interceptors"]
    params = {each["name"]: each["value"] for each in signature["params"]}
    assert params["secretRef"] == {"secretName": "reconciler-webhook", "secretKey": "token"}
    (expression,) = condition["params"]
    if event not in params["eventTypes"]:
        return False
    result = Bindings({"body": body}).evaluate(expression["value"])
    assert not result.unknown
    return result.value is True


def bound(trigger: Document, body: Document) -> dict[str, str]:
    """The parameters that an event gives."""
    params: dict[str, str] = {}
    for binding in trigger["bindings"]:
        ref = binding.get("ref")
        each = of_kind("TriggerBinding")[ref]["spec"]["params"] if ref else [binding]
        params |= {param["name"]: filled(param["value"], body) for param in each}
    return params


def filled(value: str, body: Document) -> str:
    return re.sub(r"\$\(body\.(.+?)\)", lambda match: at(body, match[1]), value)


def at(body: Any, path: str) -> str:
    for step in path.split("."):
        body = body[step]
    return str(body)


def started(forge: str, event: str, body: Document) -> Iterator[tuple[str, list[Document]]]:
    """The triggers that fire, and the runs that they make."""
    for trigger in of_kind("EventListener")[f"reconciler-{forge}"]["spec"]["triggers"]:
        if fires(trigger, event, body):
            params = bound(trigger, body)
            template = of_kind("TriggerTemplate")[trigger["template"]["ref"]]["spec"]
            declared = {param["name"] for param in template["params"]}
            assert declared <= params.keys()
            text = json.dumps(template["resourcetemplates"])
            for name, value in params.items():
                text = text.replace(f"$(tt.params.{name})", value)
            yield trigger["name"], json.loads(text)


def changed(body: Document, path: str, value: object) -> Document:
    body = deepcopy(body)
    *folders, last = path.split(".")
    place = body
    for folder in folders:
        place = place[folder]
    place[last] = value
    return body


@pytest.mark.parametrize(
    ("forge", "event", "path", "value", "expected"),
    [
        ("github", "pull_request", "action", "opened", REVIEWED),
        ("github", "pull_request", "action", "synchronize", REVIEWED),
        ("github", "pull_request", "action", "labeled", []),
        ("github", "pull_request", "repository.full_name", "a/b", []),
        ("github", "pull_request", "pull_request.head.repo.full_name", "fork/b", ["review"]),
        ("github", "pull_request", "pull_request.base.ref", "other", ["review"]),
        ("github", "push", "deleted", False, CHANGED),
        ("github", "push", "deleted", True, []),
        ("github", "push", "ref", "refs/heads/other", []),
        ("github", "push", "ref", "refs/tags/trunk", []),
        ("github", "push", "repository.full_name", "a/b", []),
        ("github", "issues", "action", "opened", []),
        ("gitlab", "Merge Request Hook", "object_attributes.action", "open", REVIEWED),
        ("gitlab", "Merge Request Hook", "object_attributes.action", "update", []),
        ("gitlab", "Merge Request Hook", "object_attributes", ANOTHER_PUSH, REVIEWED),
        ("gitlab", "Merge Request Hook", "object_attributes.action", "merge", []),
        ("gitlab", "Merge Request Hook", "object_attributes.source_project_id", 8, ["review"]),
        ("gitlab", "Merge Request Hook", "object_attributes.target_branch", "other", ["review"]),
        ("gitlab", "Merge Request Hook", "project.path_with_namespace", "a/b", []),
        ("gitlab", "Push Hook", "ref", "refs/heads/trunk", CHANGED),
        ("gitlab", "Push Hook", "ref", "refs/heads/other", []),
        ("gitlab", "Push Hook", "checkout_sha", None, []),
        ("gitlab", "Push Hook", "project.path_with_namespace", "a/b", []),
    ],
)  # fmt: skip
def test_an_event_starts_what_it_should_and_nothing_else(
    forge: str, event: str, path: str, value: object, expected: list[str]
) -> None:
    body = changed(EVENTS.get((forge, event), PULL_REQUEST), path, value)
    assert [name for name, _ in started(forge, event, body)] == expected


def steps_of(run: Document) -> list[Document]:
    """The tasks that a run names, in their order."""
    if run["kind"] == "TaskRun":
        return [run["spec"]]
    tasks: list[Document] = run["spec"]["pipelineSpec"]["tasks"]
    earlier = [[], *([each["name"]] for each in tasks[:-1])]
    assert [each["runAfter"] for each in tasks] == earlier
    return tasks


def account_of(run: Document) -> str:
    spec = run["spec"].get("taskRunTemplate", run["spec"])
    return str(spec.get("serviceAccountName", ""))


ACCOUNTS = {"review": "", "preview": "reconciler-review"}


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_every_run_names_what_exists(forge: str) -> None:
    (config,) = of_kind("ConfigMap").values()
    every = [yaml.safe_load(text) for text in config["data"].values()]  # noqa: TID251 -- our own files
    for (of, event), body in EVENTS.items():
        every += [run for _, made in started(of, event, body) if of == forge for run in made]
    for run in every:
        assert account_of(run) in {*of_kind("ServiceAccount"), ""}
        for step in steps_of(run):
            flow = step["taskRef"]["name"].removeprefix("reconciler-")
            spec = task(flow)["spec"]
            assert account_of(run) == ACCOUNTS.get(flow, f"reconciler-{flow}")
            params = {param["name"] for param in step["params"]}
            needed = {param["name"] for param in spec["params"] if "default" not in param}
            assert needed <= params <= {param["name"] for param in spec["params"]}
            spaces = [space["name"] for space in step["workspaces"]]
            assert spaces == [space["name"] for space in spec["workspaces"]]
    environments = [
        param["value"]
        for run in every
        for step in steps_of(run)
        for param in step["params"]
        if param["name"] == "environment"
    ]
    assert environments == [*ENVIRONMENTS] * 3
    claims = {v for text in config["data"].values() for v in re.findall(r"claimName: (\S+)}", text)}
    assert claims == set(of_kind("PersistentVolumeClaim"))


@pytest.mark.parametrize("environments", [("prod",), ENVIRONMENTS])
def test_two_environments_are_never_written_to_one_cluster_for_want_of_a_secret(
    environments: tuple[str, ...],
) -> None:
    text = json.dumps(documents(environments))
    for name in environments:
        for flow in ("review", "change", "watch"):
            (optional,) = re.findall(
                rf'reconciler-{name}-{flow}"?, "?optional"?: (true|false)', text
            )
            assert optional == ("true" if len(environments) == 1 else "false")


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_an_event_decides_a_commit_and_a_number_and_no_more(forge: str) -> None:
    for trigger in of_kind("EventListener")[f"reconciler-{forge}"]["spec"]["triggers"]:
        own = {binding["name"] for binding in trigger["bindings"] if "name" in binding}
        assert own == ({"revision", "number"} if trigger["name"] == "preview" else {"revision"})
    fixed = of_kind("TriggerBinding")[f"reconciler-{forge}"]["spec"]["params"]
    assert {param["name"] for param in fixed} == {"repository", "forge", "project"}
    assert "$(" not in json.dumps(fixed)
    for template in of_kind("TriggerTemplate").values():
        text = json.dumps(template["spec"]["resourcetemplates"])
        assert '"script"' not in text
        values = re.findall(r'"value": "\$\(tt\.params\.\w+\)"', text)
        assert len(values) == text.count("$(tt.params")


@pytest.mark.parametrize("branch", ["release/1", 'a" || true || "', "true", "it's"])
def test_the_branch_is_a_text_in_every_condition(branch: str) -> None:
    choice = Choice(("omnia",), ("openai",), forge="tekton", branch=branch)
    preview = yaml.safe_load(starter_texts(choice)["tekton/preview.yaml"])  # noqa: TID251 -- our own files
    assert [p["default"] for p in preview["spec"]["params"] if p["name"] == "base"] == [branch]
    listeners = [d for d in documents(ENVIRONMENTS, branch) if d["kind"] == "EventListener"]
    for listener in listeners:
        push = listener["spec"]["triggers"][-1]
        event = "push" if listener["metadata"]["name"].endswith("hub") else "Push Hook"
        body = PUSH | PUSHED
        assert not fires(push, event, body)
        assert fires(push, event, body | {"ref": f"refs/heads/{branch}"})


def test_the_life_of_a_pull_request(cluster: Runner) -> None:
    commit = cluster.git("rev-parse", "trunk")
    opened = changed(PULL_REQUEST, "pull_request.head.sha", commit)
    with serve(Forge()) as forge:
        forge.pulls = [{"number": 42, "merged_at": "2026-07-24T00:00:00Z", "merge_commit_sha": commit}]  # fmt: skip
        cluster.variables |= {"GITHUB_API_URL": forge.url, "GITHUB_TOKEN": "ghs_canary"}
        every = [
            *started("github", "pull_request", opened),
            *started("github", "push", changed(PUSH, "after", commit)),
        ]
        for _, made in every:
            for run in made:
                for step in steps_of(run):
                    params = {param["name"]: param["value"] for param in step["params"]}
                    assert params["repository"] == f"https://github.com/{PROJECT}.git"
                    params["repository"] = str(cluster.workspace)
                    folder = cluster.home / params.get("environment", "none")
                    shutil.copytree(cluster.home / "cluster", folder, dirs_exist_ok=True)
                    cluster.variables["RECONCILER_CLUSTER"] = f"directory:{folder}"
                    flow = step["taskRef"]["name"].removeprefix("reconciler-")
                    done = TaskRun(cluster, flow, params).run()
                    assert done.returncode == 0, done.stdout + done.stderr
    assert len(forge.comments) == len(ENVIRONMENTS)
    for name in ENVIRONMENTS:
        assert (cluster.home / name / "omnia/providers.omnia.altairalabs.ai/openai.yaml").exists()


_TASKRUNS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: taskruns.tekton.dev}
spec:
  group: tekton.dev
  scope: Namespaced
  names: {kind: TaskRun, listKind: TaskRunList, plural: taskruns, singular: taskrun}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""


def test_the_schedule_starts_a_task_of_each_environment(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    """What the CronJob runs, by the account that it has, on a folder as the kubelet mounts it."""
    (tmp_path / "crd.yaml").write_text(_TASKRUNS)
    control_plane.install_crds([tmp_path / "crd.yaml"])
    own = {"CronJob", "ConfigMap", "ServiceAccount", "Role", "RoleBinding", "PersistentVolumeClaim"}
    core = [deepcopy(each) for each in documents() if each["kind"] in own]
    for each in core:
        for subject in each.get("subjects", []):
            assert subject["namespace"] == HOME
            subject["namespace"] = namespace
    body = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    control_plane.kubectl("patch", "namespace", namespace, "-p", json.dumps(body))
    bundle = json.dumps({"apiVersion": "v1", "kind": "List", "items": core})
    applied = control_plane.apply(bundle, "-n", namespace)
    assert applied.stderr == "", "Pod Security warns of a template that it would refuse"
    (job,) = of_kind("CronJob").values()
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    answer = control_plane.request(
        "POST", f"/api/v1/namespaces/{namespace}/pods?dryRun=All",
        json={"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "run"}, "spec": pod},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    (container,) = pod["containers"]
    mounted = tmp_path / "runs"
    (mounted / "..2026").mkdir(parents=True)
    (mounted / "..data").symlink_to("..2026")
    (config,) = of_kind("ConfigMap").values()
    for name, text in config["data"].items():
        (mounted / "..2026" / name).write_text(text)
        (mounted / name).symlink_to(f"..data/{name}")
    words = [str(mounted) if word == "/runs" else word for word in container["args"]]
    account = f"system:serviceaccount:{namespace}:{pod['serviceAccountName']}"
    control_plane.kubectl(*words, "-n", namespace, "--as", account)
    listed = control_plane.kubectl("get", "taskruns", "-n", namespace, "-o", "json").stdout
    items = json.loads(listed)["items"]
    names = sorted(item["metadata"]["name"].rpartition("-")[0] for item in items)
    assert names == [f"reconciler-watch-{name}" for name in sorted(ENVIRONMENTS)]
