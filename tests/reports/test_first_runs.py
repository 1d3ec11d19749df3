"""What a report says before the first apply, and without git."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.model.revision import Revision
from reconciler.model.verbs import APPLY, DIFF, DRIFT, Verb
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.folder_world import FolderWorld
from tests.test_pipeline import MOCK


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
