"""The flows for GitLab and Tekton that `init` writes: their YAML, and their shell run for real."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.cli.starter.texts import UNKNOWN_IMAGE, Choice, starter_texts
from tests.adapters.forge.issue_server import TRACKERS
from tests.adapters.forge.server import Forge, serve
from tests.adapters.forge.test_forges import TOKEN, GitLab
from tests.cli.test_notify import Receiver
from tests.cli.test_notify import serve as receive
from tests.interpreters.warm import programs
from tests.workflows.reading import Step
from tests.workflows.runner import Runner

ENVIRONMENTS = ("staging", "prod")
TASKS = ("review", "preview", "change", "watch")
SECRET = (
    "apiVersion: v1\nkind: Secret\nmetadata: {name: openai, namespace: omnia}\n"
    "data: {OPENAI_API_KEY: c2stY2FuYXJ5LXRoYXQtaXMta2VwdA==}\n"
)


@cache
def written(forge: str) -> dict[str, Any]:
    """The files of a forge as values, by path."""
    choice = Choice(("omnia",), ("openai",), ENVIRONMENTS, forge=forge, branch="trunk")
    texts = starter_texts(choice)
    return {
        name: yaml.safe_load(text)  # noqa: TID251 -- our own files
        for name, text in texts.items()
        if name.startswith((".gitlab", "tekton/")) and "triggers/" not in name
    }


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A configuration repository, and a folder as the cluster."""
    runner = Runner(tmp_path)
    for name, text in starter_texts(Choice(("omnia",), ("openai",), ENVIRONMENTS)).items():
        (runner.workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (runner.workspace / name).write_text(text)
    (tmp_path / "cluster/omnia/secrets").mkdir(parents=True)
    (tmp_path / "cluster/omnia/secrets/openai.yaml").write_text(SECRET)
    runner.git("init", "--quiet", "--initial-branch=trunk")
    runner.commit("First")
    return runner


# GitLab

GITLAB: dict[str, Any] = written("gitlab")[".gitlab-ci.yml"]
WORDS = {"stages", "image", "workflow"}
JOBS = {name: job for name, job in GITLAB.items() if name not in WORDS}


@dataclass(frozen=True)
class Job:
    """A job of GitLab as its runner has it."""

    runner: Runner
    name: str

    @property
    def content(self) -> dict[str, Any]:
        job: dict[str, Any] = GITLAB[self.name]
        return {**GITLAB[job["extends"]], **job} if "extends" in job else job

    def run(self, section: str = "script", **variables: str) -> subprocess.CompletedProcess[str]:
        commit = self.runner.git("rev-parse", "trunk")
        matrix = self.content.get("parallel", {"matrix": [{}]})["matrix"][0]
        predefined = {
            "GITLAB_CI": "true",
            "CI_PROJECT_PATH": "acme/llm/config",
            "CI_COMMIT_SHA": commit,
            "GITLAB_TOKEN": TOKEN,
            **{name: str(value) for name, value in self.content.get("variables", {}).items()},
            **({"ENVIRONMENT": matrix["ENVIRONMENT"][-1]} if matrix else {}),
        }
        script = "\n".join(self.content[section])
        step = Step("gitlab", self.name, section, "", script, predefined | variables, {})
        return self.runner.run(step)


def test_gitlab_runs_the_life_of_a_merge_request(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = runner.git("rev-parse", "trunk")
    monkeypatch.setattr("tests.adapters.forge.test_forges.COMMIT", commit)
    review = Job(runner, "review").run()
    assert review.returncode == 0, review.stderr
    assert (runner.workspace / "junit.xml").read_text().startswith("<?xml")
    assert json.loads((runner.workspace / "quality.json").read_text()) == []
    with serve(GitLab()) as forge:
        forge.pulls = [{"iid": 42, "state": "merged", "merge_commit_sha": commit}]
        runner.variables["CI_API_V4_URL"] = f"{forge.url}/api/v4"
        preview = {"PREVIEW_NUMBER": "42", "PREVIEW_COMMIT": commit, "PREVIEW_SOURCE": ""}
        for name, word in (("diff", "NEW"), ("change-prod", "CREATED")):
            job = Job(runner, name)
            done = job.run(**preview)
            assert done.returncode == 0, done.stdout + done.stderr
            assert word in done.stdout
            after = job.run("after_script", **preview)
            assert after.returncode == 0, after.stderr
            assert TOKEN not in after.stdout + after.stderr
        assert len(forge.comments) == 1
        assert "created" in forge.comments[0]["body"]
    watch = Job(runner, "watch").run()
    assert watch.returncode == 0, watch.stdout + watch.stderr
    assert json.loads((runner.workspace / "report.json").read_text())["recorded"] is True


HOOK = "notify: {issue: {forge: FORGE, repository: a/b}, webhook: {variable: RECONCILER_OPS}}\n"


def test_gitlab_tells_what_is_new_in_a_watch_and_remembers_it(runner: Runner) -> None:
    assert Job(runner, "change-prod").run().returncode == 0
    job = Job(runner, "watch")
    untold = job.run()
    assert untold.returncode == 0, untold.stderr
    assert "nobody to notify" in untold.stdout
    notify(runner, "gitlab")
    assert job.content["cache"]["key"] == "news-$ENVIRONMENT"
    assert job.content["cache"]["when"] == "always"
    (live,) = (runner.home / "cluster/omnia/providers.omnia.altairalabs.ai").glob("*.yaml")
    as_applied = live.read_text()
    with serve(TRACKERS["gitlab"]()) as forge, receive(Receiver()) as hook:
        variables = {"CI_API_V4_URL": forge.url, "RECONCILER_OPS": hook.url}
        live.unlink()
        for _ in range(2):
            watch = job.run(**variables)
            assert watch.returncode == 1, watch.stdout + watch.stderr
            assert TOKEN not in watch.stdout + watch.stderr
            assert [issue["state"] for issue in forge.issues] == ["opened"]
            assert len(hook.bodies) == 1
            (runner.workspace / "report.json").unlink()
        assert job.content["cache"]["paths"] == ["news.json"]
        assert (runner.workspace / "news.json").exists()
        hook.faults = [410] * 9
        live.write_text(as_applied)
        watch = job.run(**variables)
        assert watch.returncode == 9, "nobody would look at a channel that gets nothing"
        hook.faults = []
        assert job.run(**variables).returncode == 0
        assert [issue["state"] for issue in forge.issues] == ["closed"]
        assert len(hook.bodies) == 2
    no_report = Job(runner, "watch").run(ENVIRONMENT="nope")
    assert no_report.returncode == 2
    assert "report.json" not in no_report.stderr


def notify(runner: Runner, forge: str) -> str:
    """Destinations in environment.yaml, in a commit."""
    file = runner.workspace / "environments/prod/environment.yaml"
    file.write_text(file.read_text() + HOOK.replace("FORGE", forge))
    return runner.commit("Destinations")


def test_gitlab_reads_the_merge_request_from_the_history(runner: Runner) -> None:
    base = runner.git("rev-parse", "trunk")
    (runner.workspace / "environments/prod/broken.yaml.j2").write_text("spec: {a: 1, a: 2}\n")
    broken = runner.commit("Broken")
    runner.git("reset", "--quiet", "--hard", base)
    job = Job(runner, "diff")
    assert job.run(PREVIEW_COMMIT=broken, PREVIEW_SOURCE="").returncode == 3
    # The commit of merged results is in no branch: that of the source branch is read.
    assert job.run(PREVIEW_COMMIT=base, PREVIEW_SOURCE=broken).returncode == 3
    hostile = '"; touch pwned; $(touch pwned) `touch pwned` #'
    assert job.run(PREVIEW_COMMIT=hostile, PREVIEW_SOURCE="").returncode != 0
    assert job.run("after_script", PREVIEW_NUMBER=hostile).returncode != 0
    assert not list(runner.home.rglob("pwned"))


def test_gitlab_lets_a_merge_request_into_no_environment() -> None:
    for name, job in JOBS.items():
        rules = [rule["if"] for rule in Job(Runner(Path()), name).content.get("rules", [])]
        if any("merge_request_event" in rule for rule in rules):
            assert "environment" not in job, name
            assert len(rules) == 1
        assert rules, name
    trigger = GITLAB["preview"]
    assert "script" not in trigger
    assert trigger["trigger"] == {"project": "$CI_PROJECT_PATH", "branch": "$CI_DEFAULT_BRANCH"}
    assert "CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in trigger["rules"][0]["if"]
    assert '--trust "$CI_COMMIT_SHA"' in GITLAB["diff"]["script"][0]


def test_gitlab_applies_one_environment_after_the_other() -> None:
    changes = {name: job for name, job in JOBS.items() if name.startswith("change-")}
    assert list(changes) == ["change-staging", "change-prod"]
    assert [job["needs"] for job in changes.values()] == [[], ["change-staging"]]
    for name, job in changes.items():
        assert job["extends"] == ".change"
        assert job["environment"] == {"name": name.removeprefix("change-")}
        assert job["variables"]["ENVIRONMENT"] == name.removeprefix("change-")
    for name in (".change", "watch"):
        assert GITLAB[name]["resource_group"] == "apply-$ENVIRONMENT"
        assert GITLAB[name]["interruptible"] is False
    assert {job["stage"] for job in JOBS.values() if "stage" in job} == set(GITLAB["stages"])
    assert GITLAB["image"] == {"name": UNKNOWN_IMAGE, "entrypoint": [""]}


# Tekton


def task(name: str) -> dict[str, Any]:
    document: dict[str, Any] = written("tekton")[f"tekton/{name}.yaml"]
    return document


@dataclass
class TaskRun:
    """A run of a task: Tekton fills `$(...)` in, and keeps the exit code of each step."""

    runner: Runner
    name: str
    params: dict[str, str]
    workspaces: dict[str, str] = field(default_factory=dict)

    def filled(self, text: str) -> str:
        defaults = {p["name"]: p["default"] for p in task(self.name)["spec"]["params"] if "default" in p}  # fmt: skip
        words = {f"params.{name}": value for name, value in (defaults | self.params).items()}
        mounted = {"git": "", "news": "", "kubeconfig": ""} | self.workspaces
        words |= {f"workspaces.{name}.path": path for name, path in mounted.items()}
        codes = r"steps\.step-(\w+)\.exitCode\.path"
        text = re.sub(rf"\$\({codes}\)", lambda match: str(self.runner.home / match[1]), text)
        return re.sub(r"\$\(([a-z.-]+)\)", lambda match: words[match[1]], text)

    def run(self) -> subprocess.CompletedProcess[str]:
        """The last step that ran."""
        spec = task(self.name)["spec"]
        for step in spec["steps"]:
            variables = (*spec["stepTemplate"]["env"], *step["env"])
            env = {each["name"]: self.filled(each["value"]) for each in variables}
            script = self.runner.home / "script"
            script.write_text(self.filled(step["script"]))
            script.chmod(0o700)
            paths = {"PATH": f"{programs()}:/usr/bin:/bin", "HOME": str(self.runner.home)}
            done = subprocess.run(
                [script], cwd=self.runner.workspace, env=paths | self.runner.variables | env,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            (self.runner.home / step["name"]).write_text(f"{done.returncode}")
            if done.returncode and step.get("onError") != "continue":
                break
        return done


@pytest.fixture
def cluster(runner: Runner) -> Runner:
    runner.variables["RECONCILER_CLUSTER"] = f"directory:{runner.home / 'cluster'}"
    return runner


def test_tekton_runs_the_life_of_a_pull_request(cluster: Runner) -> None:
    commit = cluster.git("rev-parse", "trunk")
    params = {"repository": str(cluster.workspace), "revision": commit}
    more = params | {"environment": "prod", "project": "acme/llm"}
    assert TaskRun(cluster, "review", params).run().returncode == 0
    with serve(Forge()) as forge:
        forge.pulls = [{"number": 42, "merged_at": "2026-07-24T00:00:00Z", "merge_commit_sha": commit}]  # fmt: skip
        cluster.variables |= {"GITHUB_API_URL": forge.url, "GITHUB_TOKEN": "ghs_canary"}
        preview = TaskRun(cluster, "preview", more | {"number": "42", "base": "trunk"}).run()
        assert preview.returncode == 0, preview.stdout + preview.stderr
        change = TaskRun(cluster, "change", more).run()
        assert change.returncode == 0, change.stdout + change.stderr
        assert len(forge.comments) == 1
        assert "created" in forge.comments[0]["body"]
    watch = TaskRun(cluster, "watch", more).run()
    assert watch.returncode == 0, watch.stdout + watch.stderr


def test_tekton_ends_as_the_run_did_and_comments_all_the_same(cluster: Runner) -> None:
    (cluster.workspace / "environments/prod/broken.yaml.j2").write_text("spec: {a: 1, a: 2}\n")
    params = {"repository": str(cluster.workspace), "revision": cluster.commit("Broken")}
    more = params | {"environment": "prod", "project": "acme/llm", "number": "42", "base": "trunk"}
    assert TaskRun(cluster, "review", params).run().returncode == 3
    with serve(Forge()) as forge:
        cluster.variables |= {"GITHUB_API_URL": forge.url, "GITHUB_TOKEN": "ghs_canary"}
        assert TaskRun(cluster, "preview", more).run().returncode == 3
        assert "broken.yaml.j2" in forge.comments[0]["body"]


def test_tekton_tells_what_is_new_in_a_watch_and_remembers_it(cluster: Runner) -> None:
    commit = cluster.git("rev-parse", "trunk")
    params = {"repository": str(cluster.workspace), "environment": "prod"}
    more = params | {"revision": commit, "project": "acme/llm"}
    with serve(Forge()) as forge:
        cluster.variables |= {"GITHUB_API_URL": forge.url, "GITHUB_TOKEN": "ghs_canary"}
        assert TaskRun(cluster, "change", more).run().returncode == 0
    untold = TaskRun(cluster, "watch", params).run()
    assert untold.returncode == 0, untold.stderr
    assert "nobody to notify" in untold.stdout
    notify(cluster, "github")
    (cluster.home / "volume").mkdir()
    watch = TaskRun(cluster, "watch", params, {"news": str(cluster.home / "volume")})
    (live,) = (cluster.home / "cluster/omnia/providers.omnia.altairalabs.ai").glob("*.yaml")
    live.unlink()
    with serve(TRACKERS["github"]()) as tracker, receive(Receiver()) as hook:
        cluster.variables |= {"GITHUB_API_URL": tracker.url, "RECONCILER_OPS": hook.url}
        for _ in range(2):
            done = watch.run()
            assert done.returncode == 1, done.stdout + done.stderr
            assert [issue["state"] for issue in tracker.issues] == ["open"]
            assert len(hook.bodies) == 1, "the volume remembers it"
        hook.faults = [410] * 9
        live.write_text("")  # other news
        assert watch.run().returncode == 9
        assert "--state" in TaskRun(cluster, "watch", params).run().stderr
    (cluster.workspace / "report.json").unlink()
    no_report = TaskRun(cluster, "watch", params | {"environment": "nope"}).run()
    assert (no_report.returncode, no_report.stderr) == (2, "")


@pytest.mark.parametrize("name", ["preview", "change", "watch"])
def test_a_task_uses_the_kubeconfig_and_the_token_that_are_mounted(
    cluster: Runner, name: str
) -> None:
    stub = cluster.home / "reconciler"
    stub.write_text(
        '#!/bin/sh\necho "$1 $KUBECONFIG $RECONCILER_GIT_TOKEN_FILE" >> ../calls\n> report.json\n'
    )
    stub.chmod(0o700)
    cluster.variables["PATH"] = f"{cluster.home}:/usr/bin:/bin"
    (cluster.home / "token").touch()
    (cluster.home / "kubeconfig").touch()
    names = ("repository", "revision", "environment", "number", "base", "project")
    mounted = {"git": str(cluster.home), "kubeconfig": str(cluster.home)}
    assert TaskRun(cluster, name, dict.fromkeys(names, "a"), mounted).run().returncode == 0
    first, second = (cluster.home / "calls").read_text().splitlines()
    given = f"{cluster.home}/kubeconfig {cluster.home}/token"
    assert first.endswith(f" {given}")
    assert second == (f"notify {given}" if name == "watch" else "comment  ")


def test_a_parameter_of_tekton_is_a_word_and_nothing_else(cluster: Runner) -> None:
    hostile = '"; touch pwned; $(touch pwned) `touch pwned` #'
    params = dict.fromkeys(("repository", "revision", "environment", "number", "base", "project"), hostile)  # fmt: skip
    for name in TASKS:
        assert TaskRun(cluster, name, params).run().returncode != 0
    assert not list(cluster.home.rglob("pwned"))


@pytest.mark.parametrize("name", TASKS)
def test_a_task_pastes_no_parameter_into_its_shell_and_runs_without_rights(name: str) -> None:
    spec = task(name)["spec"]
    for step in spec["steps"]:
        assert "$(params" not in step["script"]
        assert "$(workspaces" not in step["script"]
    security = spec["stepTemplate"]["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    used = set(re.findall(r"\$\(params\.([a-z-]+)\)", str(spec)))
    assert used == {param["name"] for param in spec["params"]}
    assert spec["stepTemplate"]["image"] == UNKNOWN_IMAGE
    # The token of the forge and the run are in different steps.
    tokens = [step["name"] for step in spec["steps"] if "envFrom" in step]
    last = {"preview": ["comment"], "change": ["comment"], "watch": ["notify"]}
    assert tokens == last.get(name, [])
