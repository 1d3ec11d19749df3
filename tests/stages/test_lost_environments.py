"""A folder that is meant to be an environment, but has no environment.yaml, is an error and not left out in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interpreters.warm import Ended, command
from tests.repository import MINIMAL, write
from tests.stages.test_unrendered import FORGOTTEN, REPOSITORY

PROD = {"environments/prod/environment.yaml": MINIMAL}


def validated(root: Path, files: dict[str, str], *words: str) -> Ended:
    return command("validate", *words, "-C", write(root, files))


@pytest.mark.parametrize(
    ("path", "help_"),
    [
        ("staging/environment.yml", "did you mean environment.yaml?"),
        ("staging/enviroment.yaml", "did you mean environment.yaml?"),
        ("staging/environment.yaml.j2", "did you mean environment.yaml?"),
        ("staging/eu/environment.yaml", "move it to environments/staging-eu/environment.yaml"),
    ],
)
@pytest.mark.parametrize("words", [(), ("staging",)])
def test_it_fails_alone_and_among_all(
    tmp_path: Path, path: str, help_: str, words: tuple[str, ...]
) -> None:
    ended = validated(tmp_path, PROD | {f"environments/{path}": MINIMAL}, *words)

    assert ended.code == 2, ended.output
    assert f"environments/{path}: error[E009] nothing reads this file\n" in ended.stdout
    assert help_ in ended.stdout
    assert ("prod: no findings" in ended.stdout) == (not words)


def test_alone_in_a_repository_it_is_named(tmp_path: Path) -> None:
    assert "[E009]" in validated(tmp_path, {"environments/prod/environment.yml": MINIMAL}).stdout


@pytest.mark.parametrize(
    "path",
    ["base/environment.yaml.bak", "base/values.yaml", "base/more.yaml", "environment.schema.json"],
)
def test_a_values_layer_is_no_environment(tmp_path: Path, path: str) -> None:
    ended = validated(tmp_path, PROD | {f"environments/{path}": "a: 1\n"})
    assert ended.code == 0, ended.output


def test_a_trusted_revision_that_lost_it_does_not_refuse_the_correction(tmp_path: Path) -> None:
    from reconciler.adapters.sources.worktree import Worktree
    from reconciler.kinds import KINDS
    from reconciler.stages.load import load

    base = write(tmp_path / "base", {"environments/prod/environment.yml": MINIMAL})
    root = write(tmp_path / "root", PROD)
    trust = load(Worktree(root), root, "prod", KINDS, Worktree(base)).trust
    assert trust is not None
    assert trust.is_new


def test_it_may_render_what_the_others_do_not(tmp_path: Path) -> None:
    lost = {"environments/staging/environment.yml": MINIMAL}
    assert "E012" not in validated(tmp_path, REPOSITORY | FORGOTTEN | lost).stdout
    assert "E012" not in validated(tmp_path, {}, "dev", "prod").stdout


def test_what_comes_after_it_names_its_file(tmp_path: Path) -> None:
    later = {"environments/prod/environment.yaml": f"{MINIMAL}after: [staging]\n"}
    ended = validated(tmp_path, later | {"environments/staging/environment.yml": MINIMAL}, "prod")
    assert "[E011] there is no environment `staging`" in ended.stdout
    assert "help: environments/staging/environment.yml: did you mean environment.yaml?" in (
        ended.stdout
    )
