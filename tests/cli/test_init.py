"""`init`: what it writes is a configuration repository that works as it stands."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest
import yaml

from reconciler.adapters.sources.worktree import Worktree
from reconciler.cli.starter.init import write_starter
from reconciler.cli.starter.texts import IGNORED, Choice, starter_texts, vendors_of
from reconciler.errors import RepositoryError
from reconciler.kinds import KINDS
from reconciler.stages.load import load
from tests.interpreters.warm import Ended, command
from tests.repository import write

SYSTEMS = ("flokoa", "omnia")
EVERY_VENDOR = [(system, vendor) for system in SYSTEMS for vendor in vendors_of(system)]


def init(root: Path, *words: str) -> Ended:
    return command("init", *words, cwd=root, env=dict(os.environ))


def printed(ended: Ended) -> list[list[str]]:
    """The commands among the next steps, as a shell reads them."""
    return [
        shlex.split(line)[1:]
        for line in re.findall(r"^  (reconciler .+)", ended.stdout, re.MULTILINE)
    ]


def tree(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_every_system_of_the_program_has_starters() -> None:
    assert {kind.system for kind in KINDS.values()} == set(SYSTEMS)
    assert len(EVERY_VENDOR) >= 17


@pytest.mark.parametrize(("system", "vendor"), EVERY_VENDOR)
def test_every_vendor_makes_files_that_render_validate_and_diff(
    tmp_path: Path, system: str, vendor: str
) -> None:
    ended = init(tmp_path, "my-config", "--system", system, "--vendor", vendor)
    assert (ended.code, ended.stderr) == (0, "")
    rendered, validated, trial = (command(*c, cwd=tmp_path) for c in printed(ended)[:3])
    assert rendered.code == 0, rendered.output
    assert f"  name: {vendor}\n" in rendered.stdout
    assert validated.code == 0, validated.output
    assert re.search(r"^prod: no findings|^prod: \d notice", validated.stdout, re.MULTILINE)
    assert trial.code == 1, trial.output
    assert "NEW" in trial.stdout
    assert trial.stderr == ""
    assert not (tmp_path / "my-config/.clusters").exists(), "a diff writes nothing"


def test_a_first_apply_leaves_nothing_for_git_to_see(tmp_path: Path) -> None:
    ended = init(tmp_path, "--system", "omnia", "--vendor", "mock", "--vendor", "ollama")
    assert ended.code == 0, ended.output
    trial = printed(ended)[2]
    assert command("apply", *trial[1:], cwd=tmp_path).code == 0
    again = command(*trial, cwd=tmp_path)
    assert again.code == 0, again.output
    assert (tmp_path / ".clusters/prod/.gitignore").read_text().strip() == "*"


def test_every_command_that_it_prints_is_one(tmp_path: Path) -> None:
    words = "--system omnia --vendor openai --environment staging --environment prod --forge gitlab"
    ended = init(tmp_path, "my-config", *words.split())
    commands = printed(ended)
    assert [c[0] for c in commands] == [
        "render",
        "validate",
        "diff",
        "diff",
        "apply",
        "rbac",
        "rbac",
        "rbac",
    ]
    for each in commands[5:]:
        assert command(*each, cwd=tmp_path).code == 0
    # The one that needs a cluster says which context it misses.
    online = command(*commands[3], "--kubeconfig", str(tmp_path / "none"), cwd=tmp_path)
    assert online.code in (2, 5), online.output


def test_both_systems_are_one_repository(tmp_path: Path) -> None:
    """They have vendors of the same names, whose values are apart."""
    vendors = "--vendor openai --vendor azure --vendor bedrock"
    ended = init(tmp_path, "--system", "omnia", "--system", "flokoa", *vendors.split())
    assert (ended.code, ended.stderr) == (0, "")
    rendered, validated, *_ = (command(*c, cwd=tmp_path) for c in printed(ended)[:2])
    assert validated.code == 0, validated.output
    kinds = re.findall(r"^kind: (.+)", rendered.stdout, re.MULTILINE)
    assert sorted(set(kinds)) == ["Model", "ModelProvider", "Provider"]
    assert kinds.count("Provider") == 3, "azure too, which Flokoa does not have"
    names = re.findall(r"^  namespace: (.+)", rendered.stdout, re.MULTILINE)
    assert set(names) == {"omnia", "flokoa"}
    assert "\n(nothing of flokoa for azure: it has anthropic, " in ended.stdout
    assert "nothing of omnia" not in ended.stdout


def test_a_server_without_a_key_is_a_provider_of_both_systems(tmp_path: Path) -> None:
    ended = init(tmp_path, *["--system", "omnia", "--system", "flokoa", "--vendor", "vllm"])
    assert (ended.code, "nothing of" in ended.stdout) == (0, False), ended.output
    rendered = command("render", cwd=tmp_path)
    kinds = re.findall(r"^kind: (.+)", rendered.stdout, re.MULTILINE)
    assert sorted(kinds) == ["Model", "ModelProvider", "Provider"]
    assert "apiKeySecretRef" not in rendered.stdout


def test_the_order_of_environments_is_there_to_be_switched_on(tmp_path: Path) -> None:
    """A comment, since an apply of prod then reads staging, which the kubeconfig of a job does not have."""
    texts = starter_texts(Choice(("omnia",), ("mock",), ("staging", "on", "prod")))
    write(tmp_path, texts)
    worktree = Worktree(tmp_path)
    assert load(worktree, tmp_path, "prod", KINDS).after == ()
    assert "after" not in texts["environments/staging/environment.yaml"]
    for name, earlier in (("on", "staging"), ("prod", "on")):
        file = f"environments/{name}/environment.yaml"
        write(tmp_path, {file: texts[file].replace("# after:", "after:")})
        assert load(worktree, tmp_path, name, KINDS).after == (earlier,)


def test_a_value_can_be_added_to_the_file_of_an_environment(tmp_path: Path) -> None:
    init(tmp_path, "--system", "omnia", "--vendor", "openai")
    with (tmp_path / "environments/prod/values.yaml").open("a") as file:
        file.write("omnia: {openai: {model: gpt-6}}\n")
    rendered = command("render", "prod", "-C", tmp_path, cwd=tmp_path)
    assert rendered.code == 0, rendered.output
    assert "model: gpt-6" in rendered.stdout


def test_the_next_steps_lead_to_an_apply(tmp_path: Path) -> None:
    """In an order that works: an apply refuses what is not committed."""
    steps = init(tmp_path, "my-config", "--system", "omnia", "--vendor", "openai").stdout
    order = ["reconciler validate", "git init", "git -C my-config commit", "reconciler apply prod"]
    assert sorted(order, key=steps.index) == order
    (tmp_path / "my-config/.git").mkdir()
    again = init(tmp_path, "my-config/more", "--system", "omnia", "--vendor", "openai").stdout
    assert "git init" not in again


@pytest.mark.parametrize("forge", ["none", "github", "gitlab", "tekton"])
def test_it_overwrites_nothing(tmp_path: Path, forge: str) -> None:
    choice = Choice(("omnia",), ("openai",), forge=forge)
    for kept in starter_texts(choice).keys() - {IGNORED}:
        root = tmp_path / kept.replace("/", "-")
        write(root, {kept: "mine\n"})
        with pytest.raises(RepositoryError, match=re.escape(kept)):
            write_starter(str(root), choice)
        assert tree(root) == {kept: "mine\n"}


def test_a_directory_cluster_is_ignored_before_it_exists(tmp_path: Path) -> None:
    """People make its Secrets before the first apply. What a repository ignores already stays as it is."""
    choice = Choice(("omnia",), ("openai",))
    write_starter(str(tmp_path / "new"), choice)
    assert "/.clusters/" in (tmp_path / "new" / IGNORED).read_text().splitlines()
    write(tmp_path / "old", {IGNORED: "mine\n"})
    write_starter(str(tmp_path / "old"), choice)
    assert (tmp_path / "old" / IGNORED).read_text() == "mine\n"


def test_what_exists_is_named_and_stays(tmp_path: Path) -> None:
    words = ("my-config", "--system", "omnia", "--vendor", "openai")
    assert init(tmp_path, *words).code == 0
    before = tree(tmp_path)
    ended = init(tmp_path, *words)
    assert (ended.code, ended.stdout) == (9, "")
    assert "environments/prod/environment.yaml" in ended.stderr
    assert tree(tmp_path) == before


def test_it_writes_through_no_link_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "my-config").mkdir()
    (tmp_path / "my-config/templates").symlink_to(tmp_path / "elsewhere")
    ended = init(tmp_path, "my-config", "--system", "omnia", "--vendor", "openai")
    assert ended.code == 9
    assert "symbolic link" in ended.stderr
    assert not list((tmp_path / "elsewhere").iterdir())
    assert not (tmp_path / "my-config/environments").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--system omna --vendor openai", "did you mean omnia? there are flokoa, omnia"),
        ("--system omnia --vendor nope", "there are anthropic, azure"),
        ("--system omnia --system flokoa --vendor mock", "--system flokoa has none of these vendors"),
        ("--system flokoa --vendor ollama", "there are anthropic, bedrock"),
        ("--system omnia --vendor openai --environment base", "values that environments share"),
        ("--system omnia --vendor openai --environment Prod", "lower case letters"),
        ("--system omnia --vendor openai --environment ../prod", "lower case letters"),
        ("--system omnia --vendor openai --namespace a/b", "lower case letters"),
        ("--system omnia --vendor openai --environment a --environment b --context c", "single environment"),
        ("--system omnia --vendor openai --action acme/reconciler@v1", "40 digits"),
        ("--system omnia --vendor openai --image 'a b'", "not an image"),
        ("--vendor openai", "--system"),
    ],
)  # fmt: skip
def test_a_mistake_is_an_error_and_nothing_is_written(
    tmp_path: Path, words: str, message: str
) -> None:
    ended = init(tmp_path, "my-config", *shlex.split(words))
    assert ended.code == 2
    assert message in ended.stderr
    assert not (tmp_path / "my-config").exists()


@pytest.mark.parametrize("text", ['a": [b], "', "a # b", "true", "a@b:c/d", "{{ x }}", "@{branch}"])
def test_a_name_is_data_in_every_file(tmp_path: Path, text: str) -> None:
    choice = Choice(("omnia",), ("mock",), ("true",), context=text, forge="github", branch=text)
    texts = starter_texts(choice.checked())
    for name, content in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    environment = load(Worktree(tmp_path), tmp_path, "true", KINDS)
    assert environment.cluster.context == text
    change = yaml.safe_load(texts[".github/workflows/change.yml"])  # noqa: TID251 -- our own file
    assert change[True]["push"]["branches"] == [text]
    assert change["jobs"]["apply"]["strategy"]["matrix"]["environment"] == ["true"]


def test_every_blank_is_filled() -> None:
    for forge in ("none", "github", "gitlab", "tekton"):
        texts = starter_texts(
            Choice(("omnia",), vendors_of("omnia"), ("staging", "prod"), forge=forge)
        )
        assert not [name for name, text in texts.items() if re.search(r"@\{\w+\}", text)]
