"""After a kill at any step of a write, the folder has the old or the new state, and the next run converges."""

from __future__ import annotations

import itertools
import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import ClusterError
from tests.adapters.directory.victim import play
from tests.adapters.directory.world import PROVIDER, US, file_of, live, opened, provider, tree
from tests.interpreters.warm import interpreter


def _killed(root: Path, scene: str, step: int) -> bool:
    """Whether the process was killed; it is not when the scene has fewer steps."""
    ended = interpreter().run("-m", "tests.adapters.directory.victim", root, scene, str(step))
    assert ended.code in (0, -signal.SIGKILL), ended.stderr
    return ended.code != 0


def _content(root: Path) -> dict[str, Any] | None:
    """The spec of the object, as a new process reads it."""
    documents = opened(root).list(PROVIDER, "omnia")
    assert opened(root).unreadable(PROVIDER, "") == ()
    if not documents:
        return None
    body = documents[0].body()
    assert [entry["manager"] for entry in body["metadata"]["managedFields"]] == [US]
    assert body["metadata"]["generation"] == (1 if body["spec"]["model"] == "gpt-4o" else 2)
    spec: dict[str, Any] = body["spec"]
    return spec


def _prepared(root: Path, scene: str) -> None:
    if scene != "first":
        play(opened(root), "first")


@pytest.mark.parametrize("scene", ["first", "update", "delete"])
def test_killed_at_every_step(tmp_path: Path, scene: str) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    _prepared(before, scene)
    _prepared(after, scene)
    play(opened(after), scene)
    old, new = _content(before), _content(after)
    assert old != new
    states = []
    for step in itertools.count(1):
        root = tmp_path / f"{scene}-{step}"
        if before.exists():
            shutil.copytree(before, root)
        if not _killed(root, scene, step):
            break
        state = _content(root)
        assert state in (old, new)
        states.append(state)
        assert not (root / ".server" / "journal").exists()
        if state == old:
            play(opened(root), scene)
        assert _content(root) == new
        assert sorted(tree(root)) == sorted(
            tree(after) | {k: b"" for k in tree(root) if "temporary" in k}
        )
    # There is one commit point: the state is old before it, and new after it.
    assert states == sorted(states, key=lambda content: content == new)
    assert states[0] == old
    assert states[-1] == new


def test_a_reader_completes_the_write_of_a_dead_process(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    last = json.loads((tmp_path / ".server" / "last").read_text())
    file_of(tmp_path).unlink()
    (tmp_path / ".server" / "journal").write_text(json.dumps(last))
    assert live(cluster)["spec"]["model"] == "gpt-4o"
    assert file_of(tmp_path).exists()


def test_resource_versions_increase_after_a_crash(tmp_path: Path) -> None:
    play(opened(tmp_path), "first")
    first = int(live(opened(tmp_path))["metadata"]["resourceVersion"])
    assert _killed(tmp_path, "update", 6)
    second = int(live(opened(tmp_path))["metadata"]["resourceVersion"])
    third = opened(tmp_path).apply(PROVIDER, provider(model="gpt-6"), manager=US).document.body()
    assert first < second < int(third["metadata"]["resourceVersion"])


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"version": 1}', '{"version": 1, "steps": [{}]}']
)
def test_a_damaged_journal_is_an_error(tmp_path: Path, damage: str) -> None:
    play(opened(tmp_path), "first")
    (tmp_path / ".server" / "journal").write_text(damage)
    with pytest.raises(ClusterError) as caught:
        opened(tmp_path).list(PROVIDER, "omnia")
    assert caught.value.where == str(tmp_path / ".server" / "journal")
    assert caught.value.hint
