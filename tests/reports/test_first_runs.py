"""What a report says before the first apply, and without git."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from reconciler.adapters.directory.cluster import DirectoryCluster
from reconciler.adapters.sources.worktree import Worktree
from reconciler.model.applyset import parent_name
from reconciler.model.change import State
from reconciler.model.revision import Revision
from reconciler.model.verbs import APPLY, DIFF, DRIFT, Verb
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.folder_world import CONFIG, FolderWorld
from tests.stages.live import HOME
from tests.test_pipeline import MOCK


class SharedWorld(FolderWorld):
    """All environments are on one cluster."""

    def cluster(self, name: str = "prod") -> DirectoryCluster:  # noqa: ARG002
        return super().cluster("prod")


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    root = tmp_path / "config"
    root.mkdir()
    world = FolderWorld(root, revision=Revision())
    objects = {f"m{n}": MOCK.replace("name: mock", f"name: m{n}") for n in range(9)}
    world.write("prod", **objects)
    return world


def text(world: FolderWorld, verb: Verb) -> str:
    return FORMATS["text"].render(world.run(verb, "prod"), Style())


def test_a_report_that_lists_no_new_objects_does_not_offer_to_show_their_fields(
    world: FolderWorld,
) -> None:
    assert "-v shows their fields" in text(world, DIFF)
    assert "-v shows" not in text(world, DRIFT)


def test_what_was_applied_without_git_is_said_in_words(world: FolderWorld) -> None:
    world.run(APPLY, "prod")
    assert text(world, DIFF).startswith("prod  no git, applied without git ")
    assert text(world, DRIFT).startswith("prod  applied without git, ")
    world.revision = Revision("a" * 40)
    assert text(world, DIFF).startswith("prod  aaaaaaa, applied without git ")


@pytest.mark.parametrize("verb", [DIFF, DRIFT])
def test_where_only_another_environment_was_applied_nothing_is_lost(
    tmp_path: Path, verb: Verb
) -> None:
    (tmp_path / "config").mkdir()
    world = SharedWorld(tmp_path / "config", revision=Revision())
    world.write("prod", "staging", mock=MOCK)
    world.run(APPLY, "prod")
    run = world.run(verb, "staging")
    (environment,) = run.environments
    (change,) = environment.changes
    said = FORMATS["text"].render(run, Style())
    assert change.state is State.FOREIGN
    assert change.reason.startswith("it belongs to the environment prod, by its label ")
    assert "staging  no git, never applied before" in said
    assert "is lost" not in said
    assert "record lost" not in environment.exit_reasons
    # The one that applied it, and lost its record, still says so.
    (world.root.parent / f"live/prod/{HOME}/configmaps/{parent_name('prod')}.yaml").unlink()
    assert "the record of the last apply is lost" in text(world, verb)


def test_a_home_that_moved_away_from_its_record_says_that_it_is_lost(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    world = FolderWorld(tmp_path / "config", revision=Revision())
    world.write("prod", config=CONFIG.replace(HOME, "omnia"), mock=MOCK)
    world.run(APPLY, "prod")
    world.write("prod", mock=MOCK)
    assert "the record of the last apply is lost" in text(world, DIFF)


def test_an_object_of_a_set_that_no_environment_has_names_none(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    world = SharedWorld(tmp_path / "config", revision=Revision())
    world.write("prod", "staging", mock=MOCK)
    world.run(APPLY, "prod")
    (world.root / "environments/prod/environment.yaml").unlink()
    (change,) = world.run(DIFF, "staging").environments[0].changes
    assert change.reason.startswith("it belongs to another ApplySet, ")


class ReadingWorld(SharedWorld):
    """Knows which files were read."""

    def repository(self) -> Worktree:
        return ReadingWorktree(self.root)


class ReadingWorktree(Worktree):
    paths: ClassVar[list[str]] = []

    def read(self, path: str) -> str | None:
        self.paths.append(path)
        return super().read(path)


def test_only_an_object_of_another_set_makes_it_read_the_other_environments(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    world = ReadingWorld(tmp_path / "config")
    world.write("prod", "staging", mock=MOCK)
    ReadingWorktree.paths.clear()
    for verb in (APPLY, DIFF):
        world.run(verb, "prod")
        assert "environments/staging/environment.yaml" not in ReadingWorktree.paths
    ReadingWorktree.paths.clear()
    world.run(DIFF, "staging")
    assert "environments/prod/environment.yaml" in ReadingWorktree.paths
