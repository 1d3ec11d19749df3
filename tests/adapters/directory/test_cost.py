"""The cost of objects is linear: counted in system calls, not in seconds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from reconciler.adapters.directory.edits import visible_text
from reconciler.adapters.directory.files import Files, Signature
from reconciler.adapters.directory.journal import WriteMode
from reconciler.model.document import Document
from reconciler.model.identity import CONFIG_MAP
from tests.adapters.directory.world import PROVIDER, US, config_map, edit, file_of, opened, provider

COUNT = 5_000


class CountingFiles(Files):
    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def stat(self, path: Path) -> Signature | None:
        self.calls["stat"] += 1
        return super().stat(path)

    def is_folder(self, path: Path) -> bool:
        self.calls["stat"] += 1
        return super().is_folder(path)

    def entries(self, folder: Path) -> dict[str, Signature]:
        signatures = super().entries(folder)
        self.calls["entries"] += 1 + len(signatures)
        return signatures

    def read(self, path: Path) -> tuple[bytes, Signature] | None:
        self.calls["read"] += 1
        return super().read(path)

    def create(
        self, path: Path, content: bytes, *, private: bool = False, durable: bool = False
    ) -> None:
        self.calls["create"] += 1
        super().create(path, content, private=private, durable=durable)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all objects; they are copies of the first, because applying each of them is slow."""
    root = tmp_path_factory.mktemp("full")
    cluster = opened(root)
    first = cluster.apply(PROVIDER, provider("p0"), manager=US).document
    store, layout = cluster._store, cluster._store.layout
    crd = cluster.crd(PROVIDER)
    assert crd is not None
    with store.writing():
        for number in range(1, COUNT):
            body = Document(first.text.replace('"p0"', f'"p{number}"'))
            paths = layout.paths(PROVIDER, "omnia", f"p{number}")
            assert paths is not None
            text = visible_text(body.body())
            store.put(paths, body, text, crd.storage_version.facts_text, WriteMode())
    return root


def test_creating_objects_is_linear(tmp_path: Path) -> None:
    files = CountingFiles()
    cluster = opened(tmp_path, files=files)
    costs = []
    for batch in range(3):
        files.calls.clear()
        for number in range(100):
            cluster.apply(PROVIDER, provider(f"p{batch}-{number}"), manager=US)
        costs.append(dict(files.calls))
    assert costs[1] == costs[2]
    assert costs[2]["create"] == 3 * 100
    assert "entries" not in costs[2]


def test_a_list_in_a_new_process_reads_each_file_once(
    full: Path,
) -> None:
    files = CountingFiles()
    assert len(opened(full, files=files).list(PROVIDER, "omnia")) == COUNT
    assert files.calls["read"] <= 2 * COUNT + 10
    assert files.calls["entries"] <= 2 * COUNT + 10
    assert files.calls["stat"] <= 20


def test_a_second_list_reads_nothing(full: Path) -> None:
    files = CountingFiles()
    cluster = opened(full, files=files)
    first = cluster.list(PROVIDER, "omnia")
    edit(file_of(full, "p7"), "gpt-4o", "gpt-5")
    files.calls.clear()
    second = cluster.list(PROVIDER, "omnia")
    assert files.calls["read"] == 2  # the edited file, and its last write
    assert sum(a != b for a, b in zip(first, second, strict=True)) == 1
    assert cluster.unreadable(PROVIDER, "omnia") == ()
    assert files.calls["read"] == 2


def test_applying_unchanged_objects_writes_nothing(full: Path) -> None:
    files = CountingFiles()
    cluster = opened(full, files=files)
    cluster.list(PROVIDER, "omnia")
    files.calls.clear()
    for number in range(1_000, 2_000):
        cluster.apply(PROVIDER, provider(f"p{number}"), manager=US)
    assert files.calls["create"] == 0
    assert files.calls["entries"] == 0
    assert files.calls["stat"] <= 20 * 1_000


class SyncedFiles(Files):
    def __init__(self) -> None:
        super().__init__()
        self.synced = 0

    def create(
        self, path: Path, content: bytes, *, private: bool = False, durable: bool = False
    ) -> None:
        self.synced += durable
        super().create(path, content, private=private, durable=durable)


def test_only_objects_that_git_cannot_restore_are_synced(tmp_path: Path) -> None:
    files = SyncedFiles()
    cluster = opened(tmp_path, files=files)
    cluster.apply(PROVIDER, provider(), manager=US)
    assert files.synced == 0
    cluster.create_keyring("home", "key")
    assert files.synced == 3  # the journal, and both files
    cluster.create(CONFIG_MAP, config_map({}))
    assert files.synced == 6
