"""A repository by URL: fetched from a real git server over https, and nothing of it or of the machine is run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.adapters.redactor import SecretRedactor
from reconciler.adapters.sources.access import GitAccess
from reconciler.adapters.sources.paths import MAX_BYTES
from reconciler.adapters.sources.remote import RemoteRevision
from reconciler.errors import ReconcilerError, RepositoryError, UsageError
from tests.adapters.sources.git_server import GitServer, reachable, served
from tests.adapters.sources.test_worktree import FILES, git
from tests.interpreters.warm import Ended, command
from tests.repository import write
from tests.world import World

TOKEN = "ghs-canary-5f1c8a7d2e9b"


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """Two commits on main, the first tagged v1, and a branch; a file that is too large to be read."""
    folder = write(tmp_path / "srv" / "config.git", FILES)
    git(folder, "init", "-q")
    git(folder, "config", "uploadpack.allowFilter", "true")
    git(folder, "config", "uploadpack.allowReachableSHA1InWant", "true")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    git(folder, "tag", "-a", "v1", "-m", "v1")
    write(folder, {"templates/a.j2": "second\n", "templates/large.j2": b"x" * (MAX_BYTES + 2)})
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "two")
    git(folder, "checkout", "-qb", "other")
    write(folder, {"templates/a.j2": "of a branch\n"})
    git(folder, "commit", "-qam", "three")
    git(folder, "checkout", "-q", "main")
    return folder


@pytest.fixture
def server(origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    with reachable(origin.parent, tmp_path, monkeypatch) as running:
        yield running


def remote(
    server: GitServer,
    ref: str = "",
    access: GitAccess | None = None,
    redactor: SecretRedactor | None = None,
    path: str = "/config.git",
) -> RemoteRevision:
    return RemoteRevision(
        server.url + path, ref, access or GitAccess(), redactor or SecretRedactor()
    )


def test_the_default_branch(server: GitServer, origin: Path) -> None:
    tree = remote(server)
    assert tree.read("templates/a.j2") == "second\n"
    assert tree.files("environments") == ("environments/dev/values.yaml",)
    head = git(origin, "rev-parse", "HEAD")
    assert (tree.revision.commit, tree.revision.merged, tree.revision.dirty) == (head, True, False)


def test_a_branch_a_tag_and_a_commit(server: GitServer, origin: Path) -> None:
    assert remote(server, "v1").read("templates/a.j2") == "x\n"
    branch = remote(server, "other")
    assert branch.read("templates/a.j2") == "of a branch\n"
    assert (branch.revision.ref, branch.revision.merged) == ("other", False)
    assert remote(server, "main").revision.merged
    commit = git(origin, "rev-parse", "v1^{commit}")
    assert remote(server, commit).read("templates/a.j2") == "x\n"


def test_it_is_shallow_and_without_large_files(server: GitServer, tmp_path: Path) -> None:
    tree = remote(server)
    (folder,) = (tmp_path / "tmp").glob("reconciler-fetch-*")
    assert git(folder, "rev-list", "--count", "HEAD") == "1"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 100_000
    assert not (folder / "templates").exists(), "nothing is checked out"
    with pytest.raises(ReconcilerError, match=r"large\.j2 is larger than 10 MiB"):
        tree.read("templates/large.j2")


def test_its_history_is_fetched_when_somebody_asks(server: GitServer, origin: Path) -> None:
    """Without it a prune could not tell an older revision."""
    tree = remote(server)
    before = len(server.log)
    assert tree.contains(tree.revision.commit)
    assert len(server.log) == before
    assert tree.contains(git(origin, "rev-parse", "v1^{commit}"))
    after = len(server.log)
    assert tree.contains(git(origin, "rev-parse", "other")) is False
    assert tree.contains("0" * 40) is False
    assert len(server.log) == after > before, "once"


def test_the_folder_goes_away(server: GitServer, tmp_path: Path) -> None:
    tree = remote(server)
    assert list((tmp_path / "tmp").iterdir())
    del tree
    assert list((tmp_path / "tmp").iterdir()) == []


class TestCredentials:
    @pytest.fixture
    def token(self, tmp_path: Path) -> Path:
        file = tmp_path / "token"
        file.write_text(f"{TOKEN}\n")
        return file

    def test_a_token_of_a_file(self, server: GitServer, token: Path) -> None:
        server.password = TOKEN
        redactor = SecretRedactor()
        tree = remote(server, access=GitAccess(str(token)), redactor=redactor)
        assert tree.read("templates/a.j2") == "second\n"
        assert redactor.leaks(f"a {TOKEN}"), "the redactor knows it"
        server.user = "deploy"
        assert remote(server, access=GitAccess(str(token), "deploy")).revision.commit

    def test_it_is_read_again_when_it_rotates(self, server: GitServer, token: Path) -> None:
        server.password = TOKEN
        assert remote(server, access=GitAccess(str(token))).revision.commit
        server.password = "another"
        with pytest.raises(RepositoryError, match="refuses the credentials"):
            remote(server, access=GitAccess(str(token)))
        token.write_text("another")
        assert remote(server, access=GitAccess(str(token))).revision.commit

    def test_a_refusal_tells_no_token(self, server: GitServer, token: Path) -> None:
        server.password = "another"
        for access in (GitAccess(), GitAccess(str(token))):
            with pytest.raises(RepositoryError) as caught:
                remote(server, access=access)
            error = caught.value
            assert (error.message, error.exit_code) == (
                "127.0.0.1:" + server.url.split(":")[2] + " refuses the credentials",
                9,
            )
            assert TOKEN not in f"{error!r} {error.hint} {error.where} {error.__cause__!r}"

    def test_it_is_sent_to_no_other_host(
        self, server: GitServer, token: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "other").mkdir()
        with served(server.root, tmp_path / "other") as other:
            server.redirect = other.url
            with pytest.raises(RepositoryError, match="redirects elsewhere"):
                remote(server, access=GitAccess(str(token)))
            assert other.log == []

    @pytest.mark.parametrize("content", ["", " \n"])
    def test_a_file_without_a_token(self, server: GitServer, token: Path, content: str) -> None:
        token.write_text(content)
        with pytest.raises(UsageError, match="is empty"):
            remote(server, access=GitAccess(str(token)))
        token.unlink()
        with pytest.raises(UsageError, match="no such file"):
            remote(server, access=GitAccess(str(token)))
        assert server.log == []


class TestClosed:
    """C-50 to C-54: what a URL, a ref, the machine or the repository could make git run."""

    @pytest.mark.parametrize(
        "url",
        [
            "ext::sh -c touch% {marker}",
            "file:///srv/config.git",
            "git://127.0.0.1/config.git",
            "http://127.0.0.1/config.git",
            "https://user:canary-41d0c7@127.0.0.1/config.git",
            "https://127.0.0.1/a b",
            "https://127.0.0.1/a\nb",
            "https://-oProxyCommand=x/a",
            "ssh://-oProxyCommand=touch/a",
            "ssh://git@host/../a",
            "https://127.0.0.1/a?token=canary-41d0c7",
            "https://",
            "git@127.0.0.1:config.git",
            "user:canary-41d0c7@127.0.0.1:config.git",
        ],
    )
    def test_a_url_that_is_not_fetched(self, server: GitServer, tmp_path: Path, url: str) -> None:
        marker = tmp_path / "marker"
        with pytest.raises(UsageError) as caught:
            RemoteRevision(url.format(marker=marker), "", GitAccess(), SecretRedactor())
        assert not marker.exists()
        assert "canary" not in f"{caught.value!r} {caught.value.hint} {caught.value.where}"
        assert server.log == []

    @pytest.mark.parametrize(
        "ref",
        ["--upload-pack=touch x", "-x", "a..b", "a@{1}", "a\nb", "refs/replace/x", "a b", "+a:b"],
    )
    def test_a_revision_that_is_none(self, server: GitServer, ref: str) -> None:
        with pytest.raises(RepositoryError, match=r"is not a revision|no such revision"):
            remote(server, ref)
        assert server.log == []

    def test_nothing_of_the_machine_counts(
        self, server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        marker = tmp_path / "marker"
        planted = f'[core]\n\tfsmonitor = "touch {marker}"\n\tsshCommand = "touch {marker}"\n'
        planted += f'[credential]\n\thelper = "!touch {marker}"\n'
        planted += '[url "file:///nowhere/"]\n\tinsteadOf = https://127.0.0.1\n'
        write(tmp_path / "home", {".gitconfig": planted})
        monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'credential.helper=!touch {marker}'")
        monkeypatch.setenv("GIT_DIR", "/nowhere")
        assert remote(server).read("templates/a.j2") == "second\n"
        server.password = TOKEN
        with pytest.raises(RepositoryError):
            remote(server)
        assert not marker.exists()

    def test_links_and_submodules_are_refused(self, server: GitServer, origin: Path) -> None:
        (origin / "templates/link.j2").symlink_to("/etc/hostname")
        git(origin, "add", "-A")
        git(origin, "commit", "-qm", "link")
        with pytest.raises(RepositoryError, match="symbolic link"):
            remote(server).files("templates")


def test_a_revision_or_a_repository_that_is_not_there(server: GitServer) -> None:
    with pytest.raises(RepositoryError, match="has no such revision"):
        remote(server, "nowhere")
    with pytest.raises(RepositoryError, match="has no such repository, or hides it"):
        remote(server, path="/nothing.git")


def test_an_authority_that_is_not_trusted(
    server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(RepositoryError, match="a certificate that is not trusted"):
        remote(server)
    assert server.log == []


@pytest.mark.usefixtures("server")
def test_a_host_that_is_not_there() -> None:
    with pytest.raises(RepositoryError, match=r"127\.0\.0\.1:1 cannot be reached"):
        RemoteRevision("https://127.0.0.1:1/a.git", "", GitAccess(), SecretRedactor())


class TestSsh:
    """Over ssh: the transport is a stand-in that runs the server's side here, and writes down how it was called."""

    @pytest.fixture
    def files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
        program = tmp_path / "bin" / "ssh"
        text = f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/called\nfor last; do :; done\nexec sh -c "$last"\n'
        write(program.parent, {"ssh": text})
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        write(tmp_path, {"a key": "private\n", "known_hosts": "host ssh-ed25519 AAAA\n"})
        return str(tmp_path / "a key"), str(tmp_path / "known_hosts")

    def test_only_this_key_and_only_this_host(
        self, origin: Path, tmp_path: Path, files: tuple[str, str]
    ) -> None:
        key, hosts = files
        access = GitAccess(key=key, known_hosts=hosts)
        tree = RemoteRevision(f"ssh://git@host{origin}", "v1", access, SecretRedactor())
        assert tree.read("templates/a.j2") == "x\n"
        called = (tmp_path / "called").read_text().splitlines()
        assert called[:4] == ["-F", "/dev/null", "-i", key]
        assert {f"UserKnownHostsFile={hosts}", "StrictHostKeyChecking=yes", "BatchMode=yes"} <= set(
            called
        )

    def test_both_files_are_needed(self, files: tuple[str, str]) -> None:
        key, hosts = files
        for access in (GitAccess(), GitAccess(key=key), GitAccess(known_hosts=hosts)):
            with pytest.raises(UsageError, match="--git-key-file and --git-known-hosts-file"):
                RemoteRevision("ssh://git@host/a.git", "", access, SecretRedactor())

    def test_files_for_the_other_protocol_are_a_mistake(self, files: tuple[str, str]) -> None:
        key, hosts = files
        access = GitAccess(key, key=key, known_hosts=hosts)
        with pytest.raises(UsageError, match="for https:// only"):
            RemoteRevision("ssh://git@host/a.git", "", access, SecretRedactor())
        with pytest.raises(UsageError, match="for ssh:// only"):
            RemoteRevision("https://host/a.git", "", GitAccess(key=key), SecretRedactor())


class TestCommand:
    """The command line with a URL."""

    def run(self, server: GitServer, *words: str, **variables: str) -> Ended:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("RECONCILER_")}
        return command(*words, "-C", f"{server.url}/config.git", env=clean | variables)

    @pytest.fixture
    def configured(self, server: GitServer, origin: Path) -> GitServer:
        world = World.make(origin, {"prod": "llm"})
        world.edit("environments/prod/environment.yaml", "{type: kubernetes}", "{type: directory}")
        git(origin, "rm", "-rq", "environments/dev", "templates/large.j2", "templates/a.j2")
        git(origin, "add", "-A")
        git(origin, "commit", "-qm", "configuration")
        return server

    def test_validate_and_render(self, configured: GitServer, tmp_path: Path) -> None:
        (tmp_path / "token").write_text(TOKEN)
        configured.password = TOKEN
        refused = self.run(configured, "validate", "prod")
        assert (refused.code, refused.stdout) == (9, "")
        assert "refuses the credentials" in refused.stderr
        token = str(tmp_path / "token")
        ran = self.run(configured, "validate", RECONCILER_GIT_TOKEN_FILE=token)
        assert ran.code == 0, ran.stdout + ran.stderr
        rendered = self.run(configured, "render", "prod", "--git-token-file", token)
        assert "name: gateway" in rendered.stdout
        assert TOKEN not in refused.stderr + ran.stdout + rendered.stdout

    def test_what_a_pull_request_may_decide(self, configured: GitServer, origin: Path) -> None:
        git(origin, "checkout", "-qb", "hostile")
        config = origin / "environments/prod/environment.yaml"
        config.write_text(config.read_text().replace("directory}", "directory, path: elsewhere}"))
        git(origin, "commit", "-qam", "another cluster")
        ran = self.run(configured, "diff", "prod", "--revision", "hostile", "--trust", "main")
        assert "cluster.path" in ran.stdout
        assert "elsewhere" not in ran.stdout.split("cluster.path")[0]
