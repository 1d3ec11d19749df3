"""A server that sends too much, or for ever: git is ended, and nothing of it stays."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.adapters.redactor import SecretRedactor
from reconciler.adapters.sources import bounded, report_branch
from reconciler.adapters.sources.access import GitAccess
from reconciler.adapters.sources.bounded import Ended, Exceeded, Limits, ended
from reconciler.adapters.sources.remote import RemoteRevision
from reconciler.adapters.sources.remote_repository import RemoteRepository
from reconciler.adapters.sources.report_branch import Commit, ReportBranch
from reconciler.errors import RepositoryError
from tests.adapters.sources.git_server import GitServer, reachable
from tests.adapters.sources.test_worktree import git
from tests.repository import write

MIB = 1 << 20
TIME = "2026-11-29T15:04:05Z"


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """Three commits, each with a file of 2 MiB that nothing packs."""
    folder = tmp_path / "srv/config.git"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "uploadpack.allowFilter", "true")
    git(folder, "config", "http.receivepack", "true")
    for number in range(3):
        write(folder, {f"environments/{number}.bin": os.urandom(2 * MIB)})
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", str(number))
    return folder


@pytest.fixture
def server(origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    with reachable(origin.parent, tmp_path, monkeypatch) as running:
        yield running


def limit(patch: pytest.MonkeyPatch, **limits: float) -> None:
    patch.setattr(bounded, "LIMITS", Limits(**limits))  # type: ignore[arg-type]  # of two types


def fetched(server: GitServer) -> RemoteRevision:
    return RemoteRevision(f"{server.url}/config.git", "", GitAccess(), SecretRedactor())


def reports(server: GitServer) -> ReportBranch:
    remote = RemoteRepository(f"{server.url}/config.git", GitAccess(), SecretRedactor())
    return ReportBranch(remote, "reports", sleep=lambda _: None)


def run(script: str, **limits: float) -> Ended:
    command = [sys.executable, "-c", f"import sys\n{script}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        return ended(process, "https://x/y", Limits(**limits))  # type: ignore[arg-type]  # as above


def test_what_fits_is_read(server: GitServer, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, file=20 * MIB)
    tree = fetched(server)
    assert tree.files("environments") == tuple(f"environments/{n}.bin" for n in range(3))
    said = run("print('a'); print('b', file=sys.stderr); sys.exit(3)")
    assert said == Ended(3, "a\n", "b\n")


def test_a_repository_that_would_fill_the_disk(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, file=MIB)
    with pytest.raises(Exceeded, match="1 MiB of disk or memory"):
        fetched(server)
    assert list((tmp_path / "tmp").iterdir()) == [], "the folder goes away"


def test_a_server_that_never_ends(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git itself gives up only when nothing comes for a minute."""
    limit(monkeypatch, seconds=0.6)
    stopped = threading.Event()
    server.before = lambda _method, _path: not stopped.wait(60) or None
    try:
        with pytest.raises(Exceeded, match=r"0\.01 minutes"):
            fetched(server)
    finally:
        stopped.set()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_server_that_talks_and_talks(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says beside the objects is for a terminal; this process would keep all of it."""
    talk = tmp_path / "talk"
    talk.write_text('#!/bin/sh\nyes talk | head -c 5000000 >&2\nexec "$@"\n')
    talk.chmod(0o755)
    write(tmp_path / "home", {".gitconfig": f"[uploadpack]\n\tpackObjectsHook = {talk}\n"})
    limit(monkeypatch, output=MIB)
    with pytest.raises(Exceeded, match="1 MiB of output"):
        fetched(server)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_words_without_end(stream: str) -> None:
    with pytest.raises(Exceeded, match="1 MiB of output"):
        run(f"while True: sys.{stream}.write('a' * 65536)", output=MIB)


def test_a_command_that_hides_that_it_goes_on() -> None:
    script = "import os, time, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    script += "os.close(1)\nos.close(2)\ntime.sleep(60)"
    with pytest.raises(Exceeded, match="minutes"):
        run(script, seconds=0.3)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
def test_memory_ends() -> None:
    script = "try: bytearray(1 << 30)\nexcept MemoryError: sys.exit('fatal: Out of memory')"
    with pytest.raises(Exceeded, match="disk or memory"):
        run(f"sys.stdin.read()\n{script}", memory=256 * MIB)


def test_reports_that_are_millions_of_folders(
    server: GitServer, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit of a few kilobytes: neither a history nor the next report walks through it for ever."""
    tree = git(origin, "hash-object", "-t", "tree", "-w", "/dev/null")
    for _ in range(12):
        entries = "".join(f"040000 tree {tree}\t{name}\n" for name in "abcdefghij")
        tree = _piped(origin, entries, "mktree")
    blob = git(origin, "hash-object", "-w", "/dev/null")
    top = f"100644 blob {blob}\t.reconciler-reports\n040000 tree {tree}\tprod\n"
    commit = git(origin, "commit-tree", _piped(origin, top, "mktree"), "-m", "x")
    git(origin, "update-ref", "refs/heads/reports", commit)
    limit(monkeypatch, seconds=3.0, memory=512 * MIB)
    with pytest.raises(Exceeded):
        reports(server).history("prod", ".json", 5)
    with pytest.raises(Exceeded):
        reports(server).add({"prod/drift.json": b"{}\n"}, Commit("drift", TIME))


def _piped(folder: Path, text: str, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, input=text, text=True, check=True, capture_output=True
    )
    return done.stdout.strip()


def test_a_report_of_other_bytes(server: GitServer) -> None:
    reports(server).add({"prod/drift.json": b'{"a": "\xff"}\n'}, Commit("drift", TIME))
    with pytest.raises(RepositoryError, match="not UTF-8"):
        reports(server).history("prod", ".json", 5)


def test_reports_that_fill_the_memory_together(
    server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_branch, "_LARGEST_TOGETHER", 2000)
    for number in range(3):
        content = f"{number}".encode() * 500
        reports(server).add({"prod/drift.json": content}, Commit("drift", TIME))
    assert len(reports(server).history("prod", ".json", 5)[0]) == 3
    content = b"x" * 600
    reports(server).add({"prod/drift.json": content}, Commit("drift", TIME))
    with pytest.raises(RepositoryError, match="together"):
        reports(server).history("prod", ".json", 5)
    assert len(reports(server).history("prod", ".json", 2)[0]) == 2
