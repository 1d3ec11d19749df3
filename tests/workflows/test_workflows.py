"""What every workflow promises, read from its YAML."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from reconciler.cli.starter.texts import UNKNOWN_ACTION, Choice, starter_texts
from tests.workflows.reading import ROOT, WORKFLOWS, Step, jobs, load, steps

every_workflow = pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
OWN = "./ # zizmor: ignore[self-repository] actionlint knows this form"
WRITES = {
    "preview/diff": {"pull-requests"},
    "change/apply": {"pull-requests"},
    "watch/drift": {"issues"},
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
        if "uses:" in line and not line.endswith(f"uses: {OWN}"):
            assert re.search(
                r"uses: [a-z-]+(/[a-z-]+){1,2}@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line
            ), line


@every_workflow
def test_one_action_has_one_version_everywhere(file: Path) -> None:
    known = {u for f in WORKFLOWS for u in re.findall(r"uses: (\S+)", f.read_text())} - {"./"}
    versions = {(*u.partition("@")[0].split("/")[:2], u.partition("@")[2]) for u in known}
    assert len({version[:2] for version in versions}) == len(versions)
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


@pytest.mark.parametrize("name", ["review", "preview", "change", "watch"])
def test_the_flows_here_are_those_of_init_with_the_action_of_this_checkout(name: str) -> None:
    """So what test_action.py says of them holds here: no job builds anything, or runs what a pull request brings."""
    choice = Choice("omnia", ("openai",), ("staging", "prod"), forge="github")
    written = starter_texts(choice)[f".github/workflows/{name}.yml"]
    own = (ROOT / f".github/workflows/{name}.yml").read_text()
    assert own == written.replace(f"{UNKNOWN_ACTION} # the commit of a release", OWN)


def secrets_of(step: Step) -> set[str]:
    return set(re.findall(r"secrets\.\w+|github\.token", str(step.env)))


@every_workflow
def test_the_token_and_the_kubeconfig_never_meet_in_one_step(file: Path) -> None:
    for step in steps(file):
        assert len(secrets_of(step)) <= 1
    for job in jobs(file).values():
        assert not re.search(r"secrets\.|github\.token", str(job.get("env", "")))


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
