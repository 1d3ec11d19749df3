"""An invalid file fails its object and no other; the object never counts as deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.errors import RefusalReason, Refused
from reconciler.model.identity import SECRET
from tests.adapters.directory.world import (
    PROVIDER,
    US,
    RecordingRedactor,
    edit,
    file_of,
    opened,
    provider,
    put,
)


def _text(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


CASES = {
    "not yaml": (_text("spec:", "spec: ["), "", 8),
    "duplicate key": (
        _text("  type: openai", "  type: openai\n  type: claude"),
        "duplicate key",
        10,
    ),
    "two documents": (lambda t: t + "---\n" + t, "more than one document", 11),
    "empty": (lambda _: "", "empty", 1),
    "a list": (lambda _: "- a\n", "not a mapping", 1),
    "another kind": (
        _text("kind: Provider", "kind: Model"),
        "the path of the file says Provider",
        2,
    ),
    "another name": (_text("name: gpt", "name: other"), "the path of the file says gpt", 4),
    "another namespace": (
        _text("namespace: omnia", "namespace: prod"),
        "the path of the file says omnia",
        5,
    ),
    "another group": (
        _text("omnia.altairalabs.ai/v1", "example.com/v1"),
        "the path of the file says omnia.altairalabs.ai",
        1,
    ),
    "a version that is not served": (_text("/v1alpha1", "/v7"), "not served", 1),
    "an unknown field": (_text("  type:", "  typo: 1\n  type:"), "not declared", 9),
    "an invalid value": (_text("type: openai", "type: nope"), "Unsupported value", 9),
    "a wrong type": (_text("model: gpt-4o", "model: [1]"), "", 7),
}


@pytest.mark.parametrize("case", CASES)
def test_an_invalid_file_has_a_location_and_the_other_objects_work(
    tmp_path: Path, case: str
) -> None:
    change, part, line = CASES[case]
    cluster = opened(tmp_path)
    for name in ("gpt", "other-one"):
        cluster.apply(PROVIDER, provider(name), manager=US)
    path = file_of(tmp_path)
    put(path, change(path.read_text()))

    assert [d.body()["metadata"]["name"] for d in cluster.list(PROVIDER, "omnia")] == ["other-one"]
    (broken,) = cluster.unreadable(PROVIDER, "omnia")
    assert (broken.namespace, broken.name) == ("omnia", "gpt")
    assert part in broken.message
    assert broken.where == f"{path}:{line}"
    for attempt in (
        lambda: cluster.get(PROVIDER, "omnia", "gpt"),
        lambda: cluster.apply(PROVIDER, provider(), manager=US),
        lambda: cluster.delete(PROVIDER, "omnia", "gpt", uid=""),
    ):
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.reason is RefusalReason.FAILED
        assert str(path) in caught.value.message
        assert caught.value.hint
    cluster.apply(PROVIDER, provider("other-one", "gpt-5"), manager=US)


def test_fixing_the_file_fixes_the_object(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    before = cluster.apply(PROVIDER, provider(), manager=US).document
    good = file_of(tmp_path).read_text()
    put(file_of(tmp_path), "kind: [")
    assert cluster.unreadable(PROVIDER, "")
    put(file_of(tmp_path), good)
    assert cluster.unreadable(PROVIDER, "") == ()
    assert cluster.list(PROVIDER, "") == (before,)


def test_an_unknown_field_has_a_suggestion(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    edit(file_of(tmp_path), "  type: openai", "  type: openai\n  baseUrl: https://x")
    assert "did you mean baseURL?" in cluster.unreadable(PROVIDER, "omnia")[0].message


def test_a_link_a_folder_and_a_file_that_is_not_text(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    file_of(tmp_path, "link").symlink_to(file_of(tmp_path))
    file_of(tmp_path, "folder").mkdir()
    file_of(tmp_path, "bytes").write_bytes(b"a: 1\nb: \xff\n")
    unreadable = {u.name: u for u in cluster.unreadable(PROVIDER, "omnia")}
    assert sorted(unreadable) == ["bytes", "folder", "link"]
    assert "not a regular file" in unreadable["link"].message
    assert unreadable["bytes"].where.endswith("bytes.yaml:2")
    assert len(cluster.list(PROVIDER, "omnia")) == 1


def test_files_with_other_names(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    folder = file_of(tmp_path).parent
    for ignored in (".gpt.yaml.swp", "gpt.yaml~", "README.md", ".hidden.yaml", "4913"):
        (folder / ignored).write_text("x")
    for invalid in ("Upper.yaml", "other.yml", "third.json"):
        (folder / invalid).write_text("x")
    messages = {u.name: u.message for u in cluster.unreadable(PROVIDER, "omnia")}
    assert sorted(messages) == ["Upper", "other", "third"]
    assert "other.yaml" in messages["other"]
    assert len(cluster.list(PROVIDER, "omnia")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "kind: Secret\ndata: [hunter2-is-the-value",
        "apiVersion: v1\nkind: Secret\ndata: {key: {hunter2-is-the-value: 1}}\n",
        "apiVersion: v1\nkind: Secret\ndata: {key: 'not base64: hunter2-is-the-value'}\nnope: hunter2-is-the-value\n",
        "apiVersion: v1\nkind: Secret\nstringData: {key: [hunter2-is-the-value]}\n",
    ],
)
def test_the_message_about_an_invalid_secret_has_no_value(tmp_path: Path, text: str) -> None:
    cluster = opened(tmp_path, redactor=RecordingRedactor())
    put(tmp_path / "home" / "secrets" / "openai.yaml", text)
    (broken,) = cluster.unreadable(SECRET, "home")
    with pytest.raises(Refused) as caught:
        cluster.get(SECRET, "home", "openai")
    assert "hunter2" not in f"{broken}{caught.value.message}{caught.value.hint}"
