"""5,000 objects cost 5,000 times as much as one: counted in system calls, not in seconds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from reconciler.adapters.directory.edits import visible_text
from reconciler.adapters.directory.files import Files, Signature
from reconciler.adapters.directory.store import Keep
from reconciler.model.document import Document
from reconciler.model.identity import CONFIG_MAP
from tests.adapters.directory.world import PROVIDER, US, config_map, edit, file_of, opened, provider

COUNT = 5_000


class CountingFiles(Files):
    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def look(self, path: Path) -> Signature | None:
        self.calls["look"] += 1
        return super().look(path)

    def is_folder(self, path: Path) -> bool:
        self.calls["look"] += 1
        return super().is_folder(path)

    def entries(self, folder: Path) -> dict[str, Signature]:
        found = super().entries(folder)
        self.calls["entries"] += 1 + len(found)
        return found

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
    """A folder with all of them: copies of one, because asking the engine for each takes long."""
    root = tmp_path_factory.mktemp("full")
    cluster = opened(root)
    one = cluster.apply(PROVIDER, provider("p0"), manager=US).document
    store, layout = cluster._store, cluster._store.layout
    crd = cluster.crd(PROVIDER)
    assert crd is not None
    with store.writing():
        for number in range(1, COUNT):
            body = Document(one.text.replace('"p0"', f'"p{number}"'))
            place = layout.place(PROVIDER, "omnia", f"p{number}")
            assert place is not None
            text = visible_text(body.body())
            store.put(
                place, body, text, crd.storage_version.digest, Keep(private=False, durable=False)
            )
    return root


def test_creating_them_is_linear(tmp_path: Path) -> None:
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


def test_a_list_of_a_new_process_reads_each_file_once_and_parses_no_yaml(
    full: Path,
) -> None:
    files = CountingFiles()
    assert len(opened(full, files=files).list(PROVIDER, "omnia")) == COUNT
    assert files.calls["read"] <= 2 * COUNT + 10
    assert files.calls["entries"] <= 2 * COUNT + 10
    assert files.calls["look"] <= 20


def test_a_second_list_reads_nothing(full: Path) -> None:
    files = CountingFiles()
    cluster = opened(full, files=files)
    first = cluster.list(PROVIDER, "omnia")
    edit(file_of(full, "p7"), "gpt-4o", "gpt-5")
    files.calls.clear()
    second = cluster.list(PROVIDER, "omnia")
    assert files.calls["read"] == 2  # the one that a person edited, and its last write
    assert sum(a != b for a, b in zip(first, second, strict=True)) == 1
    assert cluster.unreadable(PROVIDER, "omnia") == ()
    assert files.calls["read"] == 2


def test_applying_what_is_there_writes_nothing(full: Path) -> None:
    files = CountingFiles()
    cluster = opened(full, files=files)
    cluster.list(PROVIDER, "omnia")
    files.calls.clear()
    for number in range(1_000, 2_000):
        cluster.apply(PROVIDER, provider(f"p{number}"), manager=US)
    assert files.calls["create"] == 0
    assert files.calls["entries"] == 0
    assert files.calls["look"] <= 20 * 1_000


class SyncedFiles(Files):
    def __init__(self) -> None:
        super().__init__()
        self.synced = 0

    def create(
        self, path: Path, content: bytes, *, private: bool = False, durable: bool = False
    ) -> None:
        self.synced += durable
        super().create(path, content, private=private, durable=durable)


def test_only_what_git_cannot_give_again_waits_for_the_disk(tmp_path: Path) -> None:
    files = SyncedFiles()
    cluster = opened(tmp_path, files=files)
    cluster.apply(PROVIDER, provider(), manager=US)
    assert files.synced == 0
    cluster.create_keyring("home", "key")
    assert files.synced == 3  # the journal, and both files
    cluster.create(CONFIG_MAP, config_map({}))
    assert files.synced == 6
