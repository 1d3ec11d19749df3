"""A repository over ssh, from a real sshd."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.adapters.redactor import SecretRedactor
from reconciler.adapters.sources.access import GitAccess
from reconciler.adapters.sources.remote import RemoteRevision
from reconciler.errors import RepositoryError
from tests.adapters.sources.ssh_server import SshServer, serving_ssh
from tests.adapters.sources.test_worktree import git
from tests.repository import write


@pytest.fixture
def sshd(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[SshServer]:
    with serving_ssh(pytestconfig, tmp_path) as server:
        yield server


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    root = write(tmp_path / "origin", {"templates/a.j2": "x\n"})
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "uploadpack.allowFilter", "true")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root


def test_a_revision_is_read_with_this_key_from_this_host_alone(
    sshd: SshServer, origin: Path
) -> None:
    def read(access: GitAccess) -> str | None:
        return RemoteRevision(f"{sshd.url}{origin}", "main", access, SecretRedactor()).read(
            "templates/a.j2"
        )

    assert read(sshd.access()) == "x\n"
    with pytest.raises(RepositoryError, match="refuses the credentials"):
        read(sshd.access(key="other"))
    with pytest.raises(RepositoryError, match="another key than --git-known-hosts-file says"):
        read(sshd.access(known_hosts="elsewhere"))
    git(origin, "commit", "-q", "--allow-empty", "-m", "second")
    (sshd.home / "key").write_bytes((sshd.home / "other").read_bytes())  # a Secret that was rotated
    (sshd.home / "key.pub").write_bytes((sshd.home / "other.pub").read_bytes())
    assert read(sshd.access()) == "x\n"
