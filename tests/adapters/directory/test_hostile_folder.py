"""A folder that somebody else has prepared: it is not overwritten, it blocks nothing, and its damage has a name."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import ClusterError, ReconcilerError
from reconciler.model.document import Document
from tests.adapters.directory.world import PROVIDER, US, opened

BODY: dict[str, Any] = {
    "apiVersion": "omnia.altairalabs.ai/v1alpha1",
    "kind": "Provider",
    "metadata": {"name": "a", "namespace": "omnia"},
    "spec": {"type": "mock"},
}


def applied(root: Path) -> None:
    opened(root).apply(PROVIDER, Document.of(BODY), manager=US)


def test_the_first_write_keeps_an_ignore_file(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    (tmp_path / "omnia").mkdir()
    applied(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    applied(tmp_path / "new")
    assert (tmp_path / "new/.gitignore").read_text() == "*\n"


def test_a_pipe_in_place_of_the_lock_is_an_error(tmp_path: Path) -> None:
    applied(tmp_path)
    lock = tmp_path / ".server/lock"
    lock.unlink()
    os.mkfifo(lock)
    for attempt in (lambda: opened(tmp_path).list(PROVIDER, "omnia"), lambda: applied(tmp_path)):
        with pytest.raises(ClusterError, match="not a regular file"):
            attempt()


WRONG: tuple[Any, ...] = (
    1, True, "x", {"a": 1}, {"a": [1]}, [1], [[]], [None], [{"uid": 1}], [{"uid": "u", "name": []}],
    [{"apiVersion": 3}], [{"uid": "u", "controller": "yes"}], [{"uid": "u", "blockOwnerDeletion": 1}],
)  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.parametrize("key", ["labels", "annotations", "finalizers", "ownerReferences"])
def test_metadata_of_another_type_is_the_mistake_of_a_file(
    tmp_path: Path, key: str, wrong: Any
) -> None:
    applied(tmp_path)
    (file,) = (tmp_path / "omnia").rglob("a.yaml")
    edited = BODY | {"metadata": BODY["metadata"] | {key: wrong}}
    file.write_text(json.dumps(edited))
    (broken,) = opened(tmp_path).unreadable(PROVIDER, "omnia")
    assert (broken.namespace, broken.name) == ("omnia", "a")
    assert key in broken.message


def damage_last_write(folder: Path, change: dict[str, Any]) -> None:
    applied(folder)
    files = [p for p in (folder / ".server").rglob("*") if p.is_file()]
    (last,) = [p for p in files if p.name.startswith("a") and "sha256" in p.read_text()]
    stored = json.loads(last.read_text())
    stored["object"]["metadata"] |= change
    last.write_text(json.dumps(stored))


@pytest.mark.parametrize(
    "change",
    [{"uid": None}, {"uid": 1}, {"resourceVersion": "\u00b2"}, {"name": []}],
    ids=str,
)
def test_a_damaged_last_write_is_never_a_bug(tmp_path: Path, change: dict[str, Any]) -> None:
    damage_last_write(tmp_path, change)
    for attempt in (
        lambda: opened(tmp_path).list(PROVIDER, "omnia"),
        lambda: opened(tmp_path).get(PROVIDER, "omnia", "a"),
        lambda: applied(tmp_path),
    ):
        with contextlib.suppress(ReconcilerError):
            attempt()


@pytest.mark.parametrize(
    "change",
    [{"generation": []}, {"managedFields": 5}, {"managedFields": [{"manager": []}]}, {"labels": 5}],
    ids=str,
)
def test_a_last_write_that_no_server_stores_is_damaged(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    damage_last_write(tmp_path, change)
    assert opened(tmp_path).list(PROVIDER, "omnia") == ()
    (unreadable,) = opened(tmp_path).unreadable(PROVIDER, "omnia")
    assert "damaged" in unreadable.message


def test_a_last_write_without_an_identity_beside_an_edited_status(tmp_path: Path) -> None:
    applied(tmp_path)
    files = [p for p in (tmp_path / ".server").rglob("*") if p.is_file()]
    (last,) = [p for p in files if p.name.startswith("a") and "sha256" in p.read_text()]
    stored = json.loads(last.read_text())
    del stored["object"]["metadata"]["uid"]
    last.write_text(json.dumps(stored))
    (visible,) = tmp_path.glob("omnia/*/a.yaml")
    visible.write_text(json.dumps(BODY | {"status": {"phase": "Ready"}}))
    assert opened(tmp_path).list(PROVIDER, "omnia") == ()
    (unreadable,) = opened(tmp_path).unreadable(PROVIDER, "omnia")
    assert "damaged" in unreadable.message
