"""`snapshot` and `diff --against` on the command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.directory.snapshot import read_snapshot
from reconciler.errors import UsageError
from tests.cli.test_plans import CONFIG, HEADER, TEMPLATE, commit, ran
from tests.interpreters.warm import Ended
from tests.repository import write
from tests.stages.live import HOME

FOLDER = "environments/prod"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Committed, applied, and its snapshot written to `snapshot` beside it."""
    root = tmp_path / "config"
    write(root, {f"{FOLDER}/environment.yaml": CONFIG, f"{FOLDER}/claude.yaml.j2": TEMPLATE})
    (root / "live" / HOME).mkdir(parents=True)
    (root / "live/omnia").mkdir()
    commit(root)
    assert ran("apply", "prod", "-C", root).code == 6  # its Secret does not exist
    done = ran("snapshot", "prod", tmp_path / "snapshot", "-C", root)
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"prod: 1 object in {tmp_path / 'snapshot'}, compared with ")
    return root


def against(repository: Path, *more: str | Path) -> Ended:
    return ran("diff", "prod", "-C", repository, "--against", repository.parent / "snapshot", *more)


def change(repository: Path, old: str, new: str) -> None:
    template = repository / FOLDER / "claude.yaml.j2"
    assert old in template.read_text()
    template.write_text(template.read_text().replace(old, new))


def changes(repository: Path, *more: str | Path) -> Any:
    """What a diff says of the objects, without what depends on the cluster's presence."""
    report = repository.parent / "report.json"
    ran("diff", "prod", "-C", repository, "-o", f"json={report}", *more)
    (environment,) = json.loads(report.read_text())["environments"]
    for each in environment["changes"]:
        del each["warnings"], each["content"]
    return environment["changes"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("model: one", "model: two"), (HEADER, "another"), ("name: claude\nspec", "name: new\nspec")],
)
def test_the_plan_is_that_of_the_cluster_without_one(repository: Path, old: str, new: str) -> None:
    change(repository, old, new)
    commit(repository)
    expected = changes(repository)
    (repository / "live").rename(repository.parent / "elsewhere")
    assert changes(repository, "--against", repository.parent / "snapshot") == expected
    assert {each["state"] for each in expected} & {"changed", "new"}


def test_what_a_snapshot_cannot_tell_is_said(repository: Path) -> None:
    done = against(repository)
    assert "prod: nothing to change" in done.stdout
    assert "not checked: what changed since 20" in done.stdout
    assert (
        "not checked: Secrets, consumers and permissions, which a snapshot does not" in done.stdout
    )
    assert "which has them" not in done.stdout


def test_it_has_no_value_and_comes_from_git(repository: Path, tmp_path: Path) -> None:
    texts = [path.read_text() for path in (tmp_path / "snapshot").rglob("*.json")]
    assert not any(HEADER in text for text in texts)
    assert any("(as in git)" in text for text in texts)
    live = repository / "live/omnia/providers.omnia.altairalabs.ai/claude.yaml"
    live.write_text(live.read_text().replace(HEADER, "of-somebody-else"))
    ran("snapshot", "prod", tmp_path / "snapshot", "-C", repository)
    done = against(repository)
    assert "~ spec.headers.X-Gate" in done.stdout
    assert (
        "not checked: 1 hidden value in the snapshot: it differs from the one that git had"
        in done.stdout
    )


def test_a_clone_without_the_commit_says_so(repository: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    commit(change_and_return(repository))
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{repository}", shallow], check=True
    )
    done = ran("diff", "prod", "-C", shallow, "--against", tmp_path / "snapshot")
    assert "which has them, is not in this clone" in done.stdout
    assert "~ spec.model" in done.stdout
    assert "spec.headers" not in done.stdout


def change_and_return(repository: Path) -> Path:
    change(repository, "model: one", "model: two")
    return repository


def test_nothing_is_deleted_since_nobody_knows_who_uses_it(
    repository: Path, tmp_path: Path
) -> None:
    change(repository, "name: claude\nspec", "name: new\nspec")
    commit(repository)
    ran("snapshot", "prod", tmp_path / "snapshot", "-C", repository)
    done = against(repository, "--prune", "--prune-limit", "5")
    assert "consumers may use it that could not be listed: all of them, since" in done.stdout


def test_its_plan_can_be_applied(repository: Path, tmp_path: Path) -> None:
    change(repository, "model: one", "model: two")
    commit(repository)
    plan = tmp_path / "plan.json"
    assert against(repository, "--out", plan).code == 1
    done = ran("apply", "--plan", plan, "-C", repository)
    assert "CONFIGURED  Provider omnia/claude" in done.stdout, done.stdout


def test_an_older_snapshot_is_replaced_and_nothing_else(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "snapshot"
    write(folder, {"objects/omnia/gone/old.json": "{}", "README.md": "mine"})
    assert ran("snapshot", "prod", folder, "-C", repository).code == 0
    assert not (folder / "objects/omnia/gone").exists()
    assert (folder / "README.md").read_text() == "mine"


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ({"environment": "dev"}, "it contains a snapshot of another environment than prod"),
        ({"clusterUid": "another"}, "it has a snapshot of prod in another cluster"),
        ({"environment": None}, "it contains a snapshot of another environment than prod"),
        ({"schemaVersion": "1"}, ""),
        ({"clusterUid": ""}, ""),
    ],
)
def test_the_snapshot_of_another_environment_or_cluster_stays(
    repository: Path, tmp_path: Path, head: dict[str, str], message: str
) -> None:
    path = tmp_path / "snapshot/snapshot.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | head))
    before = path.read_text()
    done = ran("snapshot", "prod", path.parent, "-C", repository)
    assert (done.code == 2, path.read_text() == before) == (bool(message), bool(message))
    assert message in done.stderr
    assert ("name another folder, or remove" in done.stderr) is bool(message)
    assert len(list(path.parent.rglob("claude.json"))) == 1


def test_a_file_that_says_nothing_is_no_older_snapshot(repository: Path, tmp_path: Path) -> None:
    path = tmp_path / "snapshot/snapshot.json"
    for text in ("[]", "mine"):
        path.write_text(text)
        assert ran("snapshot", "prod", path.parent, "-C", repository).code == 2
        assert path.read_text() == text


@pytest.mark.parametrize("place", ["file", "full", "link"])
def test_a_folder_that_is_not_for_a_snapshot(repository: Path, tmp_path: Path, place: str) -> None:
    target = repository / place
    match place:
        case "file":
            target.write_text("mine")
        case "full":
            write(target, {"a.txt": "mine"})
        case "link":
            target.symlink_to(tmp_path / "snapshot")
    before = sorted(tmp_path.rglob("*"))
    done = ran("snapshot", "prod", target, "-C", repository)
    assert done.code in (2, 9)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("diff", "--against", "{tmp}/snapshot"), "a snapshot is of one environment"),
        (
            ("diff", "prod", "--against", "{tmp}/snapshot", "--context", "a"),
            "--against and --context exclude each other",
        ),
        (("diff", "prod", "--against", ""), "it is empty"),
        (("snapshot", "nope", "{tmp}/new"), "nope cannot be read"),
    ],
)
def test_a_mistake_is_said(
    repository: Path, tmp_path: Path, args: tuple[str, ...], message: str
) -> None:
    done = ran(*(word.format(tmp=tmp_path) for word in args), "-C", repository)
    assert (done.code, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_cluster_of_a_variable_is_named_as_what_is_in_the_way(repository: Path) -> None:
    words = ("--against", repository.parent / "snapshot")
    done = ran("diff", "prod", "-C", repository, *words, RECONCILER_CLUSTER="directory:live")
    assert done.code == 2
    assert "--against and --cluster exclude each other" in done.stderr
    assert "RECONCILER_CLUSTER" in done.stderr


@pytest.mark.parametrize("what", ["missing", "foreign", "another environment"])
def test_a_folder_that_is_no_snapshot_of_it(repository: Path, tmp_path: Path, what: str) -> None:
    folder = tmp_path / "snapshot"
    match what:
        case "missing":
            (folder / "snapshot.json").unlink()
        case "foreign":
            (folder / "snapshot.json").write_text('{"sk-ant-api03-0123456789abcdef": 1}')
        case "another environment":
            head = json.loads((folder / "snapshot.json").read_text())
            (folder / "snapshot.json").write_text(json.dumps(head | {"environment": "dev"}))
    done = against(repository)
    assert done.code == 2
    assert "STOPPED     prod" in done.stdout
    assert "0123456789abcdef" not in done.output


def test_an_object_that_no_server_stores_makes_it_no_snapshot(
    repository: Path, tmp_path: Path
) -> None:
    del repository
    (file,) = (tmp_path / "snapshot/objects/omnia").glob("provider.*/*.json")
    body = json.loads(file.read_text())
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    entry = body["metadata"]["managedFields"][0]
    for metadata in (
        {"generation": "../../x"},
        {"generation": [1]},
        {"labels": {"a": 1}},
        {"namespace": None},
        {"managedFields": 5},
        {"managedFields": [None]},
        {"managedFields": [entry | {"fieldsType": "x"}]},
        {"managedFields": [entry | {"fieldsV1": {"f:metadata": 5}}]},
        {"annotations": {"a": "\ud800"}},
        {"finalizers": deep},
        {"finalizers": [{}]},
        {"deletionTimestamp": 5},
        {"ownerReferences": [5]},
        {"resourceVersion": []},
        {"managedFields": [entry | {"time": []}]},
    ):
        file.write_text(json.dumps(body | {"metadata": body["metadata"] | metadata}))
        with pytest.raises(UsageError, match="snapshot"):
            read_snapshot(tmp_path / "snapshot")
    file.write_text(json.dumps(body))
    assert read_snapshot(tmp_path / "snapshot").objects
