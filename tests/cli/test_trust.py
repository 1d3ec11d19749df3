"""`--trust`: a branch that changes the settings is compared with the cluster of its base."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.sources.test_worktree import git
from tests.interpreters.warm import Ended, command
from tests.repository import write

CONFIG = "configVersion: 1\nnamespaces: [omnia]\ncluster: {type: directory, path: live/base}\n"
MOCK = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata:
  name: mock
  namespace: omnia
spec:
  type: mock
  model: small
  baseURL: http://gateway.example.com/v1
"""
FORBIDS = "policy: {plainHttp: forbid}\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """`main` forbids plain http; the branch `theirs` allows it, goes to another cluster, and adds an environment."""
    root = tmp_path / "config"
    root.mkdir()
    git(root, "init", "-q")
    mine = {"environments/prod/environment.yaml": CONFIG + FORBIDS}
    write(root, mine | {"environments/prod/mock.yaml.j2": MOCK.replace("http:", "https:")})
    commit(root)
    git(root, "checkout", "-q", "-b", "theirs")
    theirs = CONFIG.replace("live/base", "live/other").replace("[omnia]", "[omnia, kube-system]")
    write(
        root,
        {
            "environments/prod/environment.yaml": theirs,
            "environments/prod/mock.yaml.j2": MOCK,
            "environments/lab/environment.yaml": theirs,
            "environments/lab/mock.yaml.j2": MOCK,
        },
    )
    commit(root)
    git(root, "checkout", "-q", "main")
    return root


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")


def diff(root: Path, *words: str) -> tuple[Ended, dict[str, Any]]:
    done = command("diff", *words, "-o", "json=report.json", "-o", "text", cwd=root)
    report: dict[str, Any] = json.loads((root / "report.json").read_text())
    return done, {each["name"]: each for each in report["environments"]}


def test_the_base_decides_where_the_diff_looks_and_what_is_allowed(clone: Path) -> None:
    done, environments = diff(clone, "--revision", "theirs", "--trust", "main")
    prod = environments["prod"]
    assert done.code == 3, "the base forbids plain http"
    assert prod["cluster"]["name"] == "directory:live/base"
    assert {change["key"] for change in prod["trust"]["ignored"]} == {
        "cluster.path",
        "namespaces",
        "policy.plainHttp",
    }
    assert not (clone / "live/other").exists()
    first = done.stdout.index("SETTINGS")
    assert '"live/base" -> here "live/other"' in done.stdout
    assert first < done.stdout.index("prod: ")


def test_a_new_environment_is_validated_and_no_cluster_is_asked(clone: Path) -> None:
    done, environments = diff(clone, "lab", "--revision", "theirs", "--trust", "main")
    lab = environments["lab"]
    assert (done.code, lab["trust"]["isNew"], lab["cluster"]) == (0, True, None)
    assert "a new environment, only validated: 1 warning" in done.stdout
    assert not (clone / "live").exists()


def test_without_trust_a_foreign_revision_says_that_its_settings_are_its_own(clone: Path) -> None:
    done, _ = diff(clone, "prod", "--revision", "theirs")
    assert "its own environment.yaml decides both" in done.stdout
    assert "--trust BASE" in done.stdout
    for ref in ("main", "HEAD"):
        done, environments = diff(clone, "prod", "--revision", ref)
        assert environments["prod"]["notes"] == []


def test_an_ancestor_has_been_approved(clone: Path) -> None:
    git(clone, "checkout", "-q", "theirs")
    _, environments = diff(clone, "prod", "--revision", "main")
    assert environments["prod"]["notes"] == []


def test_a_base_that_does_not_exist_is_an_error(clone: Path) -> None:
    done = command("diff", "--revision", "theirs", "--trust", "nowhere", cwd=clone)
    assert done.code == 9
    assert "nowhere" in done.stderr
