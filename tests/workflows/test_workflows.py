"""What every workflow promises, read from its YAML."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.workflows.reading import ROOT, WORKFLOWS, Step, jobs, load, steps

every_workflow = pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
WRITES = {
    "preview/diff": {"pull-requests"},
    "change/apply": {"pull-requests"},
    "release/package": {"id-token", "attestations"},
    "release/image": {"id-token", "attestations", "packages"},
}


def test_they_are_all_here() -> None:
    assert {file.stem for file in WORKFLOWS} == {
        "review",
        "preview",
        "change",
        "watch",
        "project",
        "edge",
        "release",
    }


@every_workflow
def test_nothing_is_permitted_but_what_a_job_names(file: Path) -> None:
    assert load(file)["permissions"] == {}
    for name, job in jobs(file).items():
        permissions = job["permissions"]
        writes = {scope for scope, access in permissions.items() if access != "read"}
        assert writes == WRITES.get(f"{file.stem}/{name}", set())
        assert permissions["contents"] == "read"


@every_workflow
def test_actions_are_pinned_by_their_whole_commit(file: Path) -> None:
    for line in file.read_text().splitlines():
        if "uses:" in line:
            assert re.search(r"uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@every_workflow
def test_one_action_has_one_version_everywhere(file: Path) -> None:
    known = {u for f in WORKFLOWS for u in re.findall(r"uses: (\S+)", f.read_text())}
    assert len({u.partition("@")[0] for u in known}) == len(known)
    assert re.search("uses: ", file.read_text())


@every_workflow
def test_no_expression_is_pasted_into_a_shell(file: Path) -> None:
    for step in steps(file):
        assert "${{" not in step.run, step


@every_workflow
def test_no_shell_is_more_than_a_few_lines_around_one_command(file: Path) -> None:
    for step in steps(file):
        assert len(step.run.strip().splitlines()) <= 6
        assert len(re.findall(r"^\s*reconciler ", step.run, re.MULTILINE)) <= 1


@every_workflow
def test_a_checkout_leaves_no_token_behind(file: Path) -> None:
    for step in steps(file):
        if step.uses.startswith("actions/checkout@"):
            assert step.inputs["persist-credentials"] is False


@every_workflow
def test_every_job_ends(file: Path) -> None:
    for job in jobs(file).values():
        assert job["timeout-minutes"] <= 60


CREDENTIALED = [("preview", "diff"), ("change", "apply"), ("watch", "drift")]


@every_workflow
def test_no_workflow_lends_its_rights_to_a_pull_request(file: Path) -> None:
    """`workflow_run` has rights of its own, but GitHub takes it from the default branch and runs that branch."""
    events = set(load(file)["on"])
    assert not {"pull_request_target", "issue_comment"} & events
    assert ("workflow_run" in events) == (file.stem == "preview")
    for job in jobs(file).values():
        if "pull_request" in events:
            assert "environment" not in job
            assert not re.search(r"secrets\.|github\.token", str(job))


@pytest.mark.parametrize(("name", "job"), CREDENTIALED)
def test_a_job_with_a_credential_builds_nothing_and_installs_by_hash(name: str, job: str) -> None:
    """Its wheel comes from a job of the same run that has no credential; no source distribution can run code."""
    all_jobs = jobs(Path(f".github/workflows/{name}.yml"))
    assert all_jobs[job]["needs"] == "build"
    assert "environment" not in all_jobs["build"]
    assert not re.search(r"secrets\.|github\.token", str(all_jobs["build"]))
    runs = [step.get("run", "") for step in all_jobs[job]["steps"]]
    assert not [run for run in runs if re.search(r"\bmake\b|\buv\b|setup\.py", run)]
    (install,) = (step["run"] for step in all_jobs[job]["steps"] if step.get("name") == "Install")
    assert "--only-binary :all: --require-hashes" in install
    assert "--no-deps --no-index" in install


@pytest.mark.parametrize(("name", "job"), CREDENTIALED)
def test_a_credential_is_in_an_environment_whose_rules_are_documented(name: str, job: str) -> None:
    environment = jobs(Path(f".github/workflows/{name}.yml"))[job]["environment"]
    shown = environment.replace("${{ matrix.environment }}", "<environment>")
    security = (ROOT / "docs/security.md").read_text()
    (row,) = [line for line in security.splitlines() if line.startswith(f"| `{shown}` |")]
    assert "the default branch only" in row


def test_the_job_for_anybodys_code_has_no_secret_and_no_environment() -> None:
    job = jobs(Path(".github/workflows/review.yml"))["validate"]
    assert job["permissions"] == {"contents": "read"}
    assert "environment" not in job
    assert not re.search(r"secrets\.|github\.token", str(job))


def test_the_preview_reads_the_pull_request_as_data() -> None:
    file = Path(".github/workflows/preview.yml")
    assert load(file)["on"] == {"workflow_run": {"workflows": ["review"], "types": ["completed"]}}
    all_jobs = jobs(file)
    conditions = {
        "github.event.workflow_run.event == 'pull_request'",
        "github.event.workflow_run.conclusion == 'success'",
        "github.event.workflow_run.head_repository.full_name == github.repository",
    }
    assert {part.strip() for part in all_jobs["build"]["if"].split("&&")} == conditions
    for job in all_jobs.values():
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert "ref" not in step["with"], "the default branch"
    diff = next(step for step in all_jobs["diff"]["steps"] if step.get("name") == "Diff")
    assert diff["env"]["HEAD"] == "${{ github.event.workflow_run.head_sha }}"
    assert '--revision "$HEAD" --trust "$GITHUB_SHA"' in diff["run"]


def secrets_of(step: Step) -> set[str]:
    return set(re.findall(r"secrets\.\w+|github\.token", str(step.env)))


@every_workflow
def test_the_token_and_the_kubeconfig_never_meet_in_one_step(file: Path) -> None:
    for step in steps(file):
        assert len(secrets_of(step)) <= 1
    for job in jobs(file).values():
        assert not re.search(r"secrets\.|github\.token", str(job.get("env", "")))


@pytest.mark.parametrize(("name", "job"), [("change", "apply"), ("watch", "drift")])
def test_whatever_writes_takes_turns_and_is_never_cut_off(name: str, job: str) -> None:
    concurrency = jobs(Path(f".github/workflows/{name}.yml"))[job]["concurrency"]
    assert concurrency == {"group": "apply-${{ matrix.environment }}", "cancel-in-progress": False}


@pytest.mark.parametrize("name", ["project", "edge"])
def test_the_project_is_checked_as_on_a_laptop(name: str) -> None:
    runs = {step.run.strip() for step in steps(Path(f".github/workflows/{name}.yml"))} - {""}
    assert runs - {"make fuzz SECONDS=300", "make actionlint"} == {"make check", ".ci/run"}
    assert ("make actionlint" in runs) == (name == "project")


def test_every_python_that_the_package_names_runs_every_test() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [c.rpartition(" ")[2] for c in project["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert jobs(Path(".github/workflows/project.yml"))["test"]["strategy"]["matrix"] == {
        "python": named
    }
    assert project["requires-python"] == f">={named[0]}"


def test_the_edge_of_the_ranges_is_tested_every_week_with_a_fresh_seed() -> None:
    file = Path(".github/workflows/edge.yml")
    assert load(file)["on"]["schedule"]
    assert jobs(file)["check"]["env"] == {"RESOLUTION": "highest"}
    test = jobs(file)["test"]
    assert test["env"] == {
        "RESOLUTION": "${{ matrix.resolution }}",
        "ARGS": "--fresh-seed",
        "KILLS": "all",
        "STORIES": "60",
    }
    resolutions = [row["resolution"] for row in test["strategy"]["matrix"]["include"]]
    assert resolutions == ["highest", "lowest-direct"]


def test_the_code_of_a_pull_request_is_installed_from_the_lock() -> None:
    for job in jobs(Path(".github/workflows/review.yml")).values():
        (install,) = (step["run"] for step in job["steps"] if step.get("name") == "Install")
        assert install.splitlines() == ["make install", 'echo "$PWD/.venv/bin" >> "$GITHUB_PATH"']
