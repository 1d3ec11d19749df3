"""Files in `templates/` that no environment renders: a warning of `validate`, once for all environments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.interpreters.warm import command
from tests.repository import write

OBJECT = (
    "apiVersion: omnia.altairalabs.ai/v1alpha1\nkind: Provider\n"
    "metadata: {name: NAME, namespace: llm}\nspec: {type: mock, model: a}\n"
)
HEAD = "configVersion: 1\nnamespaces: [llm]\n"
REPOSITORY = {
    "environments/dev/environment.yaml": f"{HEAD}manifests: [templates/a.yaml.j2]\n",
    "environments/prod/environment.yaml": f"{HEAD}manifests: [templates/b.yaml.j2]\n",
    "templates/a.yaml.j2": OBJECT.replace("NAME", "a"),
    "templates/b.yaml.j2": OBJECT.replace("NAME", "b"),
}
FORGOTTEN = {"templates/gpt/c.yaml.j2": OBJECT.replace("NAME", "c")}


def named(root: Path, *words: str) -> list[str]:
    """The files of the warnings."""
    ended = command("validate", *words, "-C", root)
    assert ended.code == 0, ended.output
    return re.findall(r"^(\S+):1: warning\[E012\]", ended.stdout, re.MULTILINE)


def test_each_environment_renders_its_own_and_both_together_all(tmp_path: Path) -> None:
    assert named(write(tmp_path, REPOSITORY)) == []


def test_a_file_that_nobody_renders_is_one_warning_for_all_environments(tmp_path: Path) -> None:
    root = write(tmp_path, REPOSITORY | FORGOTTEN)
    ended = command("validate", "-C", root)
    assert ended.stdout.count("E012") == 1
    assert "\n   in: dev, prod\n" in ended.stdout
    assert "templates/gpt/*.yaml.j2" in ended.stdout
    assert command("validate", "--severity", "warning", "-C", root).code == 3
    assert named(root, "prod") == [], "others may render it"


@pytest.mark.parametrize(
    "ending",
    [".yaml", ".yml", ".yml.j2", ".yaml.jinja2", ".yml.jinja", ".jinja2", ".jinja"],
)
def test_a_file_with_another_ending_than_a_template_is_named_with_the_right_one(
    tmp_path: Path, ending: str
) -> None:
    others = {"templates/README.md": "", "templates/macros.j2": "", f"templates/_d{ending}": ""}
    root = write(tmp_path, REPOSITORY | others | {f"templates/c.d{ending}": OBJECT})
    assert named(root) == [f"templates/c.d{ending}"]
    help_ = "help: to render it, name it templates/c.d.yaml.j2, which `manifests` must match\n"
    assert help_ in command("validate", "-C", root).stdout


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("_c.yaml.j2", ""),
        ("c.yaml.j2", "{% include 'c.yaml.j2' %}"),
        ("c.yaml.j2", '{%- import "gpt/c.yaml.j2" as c %}'),
        ("c.yaml.j2", "{% include environment ~ '.yaml.j2' ignore missing %}"),
        ("c.yaml.j2", "{% include 'c' ~ '.yaml.j2' %}"),
    ],
)
def test_what_a_template_includes_or_may_include_is_not_forgotten(
    tmp_path: Path, name: str, text: str
) -> None:
    from reconciler.adapters.sources.worktree import Worktree
    from reconciler.kinds import KINDS
    from reconciler.stages.load import load
    from reconciler.stages.unrendered import unrendered

    files = {f"templates/gpt/{name}": "a: 1\n", "templates/a.yaml.j2": text}
    root = write(tmp_path, REPOSITORY | files)
    repository = Worktree(root)
    every = [load(repository, root, each, KINDS) for each in ("dev", "prod")]
    assert unrendered(repository.files("templates"), every) == ()


def test_a_repository_may_turn_it_off_and_an_unusable_environment_hides_it(tmp_path: Path) -> None:
    off = {"environments/dev/environment.yaml": f"{HEAD}policy: {{severity: {{E012: 'off'}}}}\n"}
    root = write(tmp_path, REPOSITORY | FORGOTTEN | off)
    assert "in: prod\n" in command("validate", "-C", root).stdout
    write(root, {"environments/dev/environment.yaml": "configVersion: 1\n"})
    ended = command("validate", "-C", root)
    assert ended.code == 2
    assert "E012" not in ended.stdout
