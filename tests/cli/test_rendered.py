"""What `render` prints is read as the manifests and nothing else; what is written stays where the user said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.cli.definitions.printed import printed
from reconciler.cli.delivery.links import refuse_links
from reconciler.errors import Bug, RepositoryError
from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.text.yaml import dump
from tests.interpreters.warm import command
from tests.repository import write

CONFIG = "configVersion: 1\nnamespaces: [omnia]\n"
MOCK = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata: {name: mock}
spec: {type: mock, model: small}
"""
BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: pwned}
"""
PRINTABLE = st.sampled_from("\n \t:#-'\"|>%@`&*!?,[]{}\\~é0x=")
ODD = PRINTABLE | st.sampled_from("\r\x85\u2028\u2029\ufeff\x1b\x00")
NAMES = [
    f"a\n---\n{BINDING}---\n#.yaml.j2".replace("/", ":"),
    "a\r---\rkind: Pod\r---.yaml.j2",
    "a\x85kind: Pod\x85.yaml.j2",
    "a\u2028kind: Pod\u2029.yaml.j2",
    "a\x1b[31m ::add-mask::x ##[error] .yaml.j2",
]


def manifest(path: str, spec: dict[str, str]) -> Manifest:
    body = {"apiVersion": "a/v1", "kind": "B", "metadata": {"name": "c"}, "spec": spec}
    ref = ObjectRef("a", "B", "", "c")
    return Manifest(ref, "a/v1", Document.of(body), {(): Origin(Location(path, 1))})


def documents(text: str) -> list[object]:
    return list(yaml.load_all(text, Loader=yaml.CSafeLoader))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("folder", ["templates/x", "environments/prod"])
def test_the_name_of_a_template_adds_no_object(tmp_path: Path, name: str, folder: str) -> None:
    shared = "manifests: ['templates/**/*.j2']\n" if folder.startswith("templates") else ""
    files = {
        "environments/prod/environment.yaml": CONFIG + shared,
        f"{folder}/{name}": MOCK,
    }
    done = command("render", "prod", cwd=write(tmp_path, files))
    assert done.code == 0, done.stderr
    bodies = documents(done.stdout)
    assert [body["kind"] for body in bodies if isinstance(body, dict)] == ["Provider"]
    assert len(bodies) == 1
    source = done.stdout.splitlines()[1]
    assert source.startswith("# Source: ")
    assert source.isprintable()


@given(
    st.text() | st.sampled_from(NAMES),
    st.dictionaries(st.text(ODD), st.text(ODD) | st.text(), max_size=3),
)
def test_what_is_printed_is_read_as_the_manifest(path: str, spec: dict[str, str]) -> None:
    """Or it is not printed: PyYAML cannot read some characters."""
    manifest_in_git = manifest(path, spec)
    try:
        text = printed(manifest_in_git)
    except Exception:  # noqa: BLE001 -- refused
        return
    (body,) = documents(text)
    assert body == manifest_in_git.document.body()


@given(st.dictionaries(st.text(PRINTABLE), st.text(PRINTABLE), max_size=3))
def test_printable_texts_and_line_ends_are_printed(spec: dict[str, str]) -> None:
    (body,) = documents(printed(manifest("a.j2", spec)))
    assert body["spec"] == spec  # type: ignore[index]


def test_what_would_be_read_as_something_else_is_not_printed() -> None:
    manifest_in_git = manifest("a.j2", {})
    broken = replace(manifest_in_git, document=Document('{"kind": "A", "kind": "B"}'))
    with pytest.raises(Bug):
        printed(broken)


@pytest.mark.parametrize("line_end", ["\r", "\x85", "\u2028", "\u2029"])
def test_odd_line_ends_are_escaped(line_end: str) -> None:
    """A reader of YAML 1.2 does not end a line there, one of YAML 1.1 does."""
    value = f"a\n{line_end}kind: Pod{line_end}"
    text = dump({"spec": value})
    assert text.replace("\n", "").isprintable()
    assert documents(text) == [{"spec": value}]


def test_files_of_objects_that_git_no_longer_has_are_removed_and_no_others(tmp_path: Path) -> None:
    """They are committed for another tool, which would keep such an object for ever."""
    other = MOCK.replace("name: mock", "name: other")
    files = {"mock": MOCK, "other": other, "environment": CONFIG}
    root = write(
        tmp_path / "config",
        {
            f"environments/prod/{name}.yaml{'' if name == 'environment' else '.j2'}": text
            for name, text in files.items()
        },
    )
    words = ("render", "prod", "--out", str(tmp_path / "out"), "-C", str(root))
    assert command(*words).stderr == f"2 files in {tmp_path / 'out/prod'}\n"
    folder = tmp_path / "out/prod/omnia/provider.omnia.altairalabs.ai"
    (folder / "mine.yaml").write_text("# of somebody else\n")
    (root / "environments/prod/other.yaml.j2").unlink()
    assert command(*words).stderr == f"1 file in {tmp_path / 'out/prod'}, 1 removed\n"
    assert {path.name for path in folder.iterdir()} == {"mock.yaml", "mine.yaml"}
    (root / "environments/prod/mock.yaml.j2").write_text("nothing: at all\n")
    assert command(*words).code == 3
    assert (folder / "mock.yaml").exists()


class TestLinks:
    """A link that a clone holds."""

    @pytest.fixture
    def clone(self, tmp_path: Path) -> Path:
        files = {
            "config/.git/HEAD": "",
            "config/llm/environments/prod/environment.yaml": CONFIG,
            "config/llm/environments/prod/mock.yaml.j2": MOCK,
            "victim/authorized_keys": "mine\n",
        }
        write(tmp_path, files)
        (tmp_path / "config/report.json").symlink_to(tmp_path / "victim/authorized_keys")
        (tmp_path / "config/out").symlink_to(tmp_path / "victim")
        return tmp_path / "config"

    @pytest.mark.parametrize(
        "words",
        [
            ("validate", "prod", "-o", "json={root}/report.json"),
            ("validate", "prod", "-o", "json={root}/out/new.json"),
            ("render", "prod", "--out", "{root}/out"),
            ("render", "prod", "--out", "{root}/llm/../out/deep"),
            ("show", "plan.json", "-o", "json={root}/report.json"),
            ("history", "prod", "-o", "json={root}/report.json"),
            ("status", "prod", "-o", "json={root}/report.json"),
            ("notify", "news.json", "--state", "{root}/report.json"),
            ("notify", "news.json", "--state", "{root}/out/state.json"),
        ],
    )
    def test_nothing_is_written_through_it(self, clone: Path, words: tuple[str, ...]) -> None:
        done = command(*(w.format(root=clone) for w in words), cwd=clone / "llm")
        assert done.code == 9, done.stderr
        assert "symbolic link" in done.stderr
        victim = clone.parent / "victim"
        assert [file.name for file in victim.iterdir()] == ["authorized_keys"]
        assert (victim / "authorized_keys").read_text() == "mine\n"

    def test_a_link_below_the_folder_of_the_output_is_refused_too(self, clone: Path) -> None:
        (clone / "llm/new/prod").mkdir(parents=True)
        (clone / "llm/new/prod/omnia").symlink_to(clone.parent / "victim")
        done = command("render", "prod", "--out", "new", cwd=clone / "llm")
        assert done.code == 9
        assert len(list((clone.parent / "victim").iterdir())) == 1

    def test_a_link_of_the_user_is_followed(self, clone: Path) -> None:
        link = clone.parent / "mine.json"
        link.symlink_to(clone.parent / "target.json")
        refuse_links(link, clone)
        done = command("validate", "prod", "-o", f"json={link}", cwd=clone / "llm")
        assert done.code == 0
        assert (clone.parent / "target.json").is_file()
        assert link.is_symlink()

    def test_a_clone_that_is_reached_through_a_link_is_the_same_clone(self, clone: Path) -> None:
        (clone.parent / "alias").symlink_to(clone)
        with pytest.raises(RepositoryError):
            refuse_links(clone.parent / "alias/out/x", clone)
