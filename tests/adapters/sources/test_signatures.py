"""Only commits of known signers: real ssh-keygen and gpg, and a machine whose own keys must not count."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.adapters.sources.git_revision import GitRevision
from reconciler.adapters.sources.signatures import require_signature
from reconciler.adapters.sources.worktree import Worktree
from reconciler.errors import RepositoryError, SafetyStop, UsageError
from tests.adapters.sources.test_worktree import git
from tests.interpreters.warm import command
from tests.repository import write

ENVIRONMENT = "configVersion: 1\nnamespaces: [omnia]\ncluster: {type: directory}\n"


@dataclass(frozen=True)
class People:
    """Keys of several people, and a clone that anybody may commit to."""

    folder: Path
    clone: Path

    def ssh(self, name: str) -> Path:
        key = self.folder / name
        if not key.exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(key))
        return key

    def line(self, name: str, options: str = "") -> str:
        public = self.ssh(name).with_suffix(".pub").read_text()
        return " ".join([f"{name}@example.com", *filter(None, [options]), public.strip()]) + "\n"

    def openpgp(self, name: str) -> str:
        home = self.folder / "gnupg"
        home.mkdir(mode=0o700, exist_ok=True)
        words = ("--batch", "--quiet", "--passphrase", "", "--quick-gen-key")
        run("gpg", *words, f"{name}@example.com", "ed25519", "sign", "never", home=home)
        return run("gpg", "--armor", "--export", f"{name}@example.com", home=home)

    def signers(self, *texts: str) -> str:
        file = self.folder / "signers"
        file.write_text("# who may merge\n" + "\n".join(texts))
        return str(file)

    def commit(self, signer: str = "", form: str = "ssh") -> str:
        words = ["commit", "-q", "--allow-empty", "-m", "x"]
        if signer:
            key = str(self.ssh(signer)) if form == "ssh" else f"{signer}@example.com"
            words = ["-c", f"gpg.format={form}", "-c", f"user.signingkey={key}", *words, "-S"]
        run("git", "-C", str(self.clone), *identity(), *words, home=self.folder / "gnupg")
        return git(self.clone, "rev-parse", "HEAD")


def identity() -> tuple[str, ...]:
    return ("-c", "user.name=a", "-c", "user.email=a@example.com")


def run(*words: str, home: Path | None = None) -> str:
    environ = os.environ | ({"GNUPGHOME": str(home)} if home else {})
    return subprocess.run(words, check=True, capture_output=True, text=True, env=environ).stdout


@pytest.fixture
def people(tmp_path: Path) -> People:
    clone = write(tmp_path / "clone", {"environments/prod/environment.yaml": ENVIRONMENT})
    git(clone, "init", "-q")
    git(clone, "add", "-A")
    (tmp_path / "keys").mkdir()
    return People(tmp_path / "keys", clone)


def check(people: People, signers: str, revision: str = "HEAD") -> None:
    require_signature(GitRevision(people.clone, revision), signers)


def refused(people: People, signers: str, revision: str = "HEAD") -> str:
    with pytest.raises(SafetyStop) as stopped:
        check(people, signers, revision)
    return str(stopped.value.message)


def test_a_commit_of_a_signer_is_read_and_no_other(people: People) -> None:
    signers = people.signers(people.line("alice"), people.line("bob"))
    for name in ("alice", "bob"):
        people.commit(name)
        check(people, signers)
    people.commit("mallory")
    assert "by nobody in" in refused(people, signers)
    people.commit()
    assert "is not signed" in refused(people, signers)
    check(people, signers, "HEAD~2")


def test_both_kinds_of_keys_may_be_in_one_file(people: People) -> None:
    """As where developers sign by SSH, and the forge signs the merges by OpenPGP."""
    forge, others = people.openpgp("forge"), people.openpgp("other")
    signers = people.signers(people.line("alice"), forge)
    for signer, form in (("alice", "ssh"), ("forge", "openpgp")):
        people.commit(signer, form)
        check(people, signers)
    people.commit("other", "openpgp")
    refused(people, signers)
    check(people, people.signers(forge, others))


@pytest.mark.parametrize("form", ["ssh", "openpgp"])
def test_a_kind_of_which_the_file_has_no_key_is_refused(people: People, form: str) -> None:
    """Also if the machine has the key: git would ask the keyring of whoever runs this."""
    key = people.openpgp("alice")
    signers = people.signers(key if form == "ssh" else people.line("alice"))
    people.commit("alice", form)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GNUPGHOME", str(people.folder / "gnupg"))
        refused(people, signers)


def test_a_changed_commit_is_refused(people: People) -> None:
    signers = people.signers(people.line("alice"))
    commit = people.commit("alice")
    body = git(people.clone, "cat-file", "commit", commit).replace("\n\nx", "\n\nanother message")
    (people.folder / "body").write_text(body + "\n")
    changed = git(people.clone, "hash-object", "-t", "commit", "-w", str(people.folder / "body"))
    refused(people, signers, changed)


def test_a_key_counts_only_while_it_is_valid_and_for_git(people: People) -> None:
    commit = people.commit("alice")
    for options in ('valid-before="20200101"', 'namespaces="file"'):
        refused(people, people.signers(people.line("alice", options)), commit)
    check(people, people.signers(people.line("alice", 'namespaces="git"')), commit)


@pytest.mark.parametrize("moment", ["20240102", "202401020304", "20240102030405Z"])
def test_an_expired_key_signs_nothing_in_the_past(
    people: People, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """The author of a commit writes its time, and ssh-keygen believes it."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2023-06-01T00:00:00Z")
    people.commit("alice")
    signers = people.signers(people.line("alice", f'namespaces="git",valid-before="{moment}"'))
    with pytest.raises(SafetyStop, match="by nobody in") as stopped:
        check(people, signers)
    assert "1 expired by `valid-before`" in stopped.value.hint
    check(people, people.signers(people.line("alice", 'valid-before="29990102"')))


@pytest.mark.parametrize("moment", ["", "2024", "20241302", "tomorrow", "20240102ZZ"])
def test_a_time_that_nobody_can_read_is_an_error(people: People, moment: str) -> None:
    people.commit("alice")
    with pytest.raises(UsageError, match="valid-before is not a time"):
        check(people, people.signers(people.line("alice", f'valid-before="{moment}"')))


def test_a_pipe_of_signers_is_refused_and_not_waited_for(people: People) -> None:
    people.commit("alice")
    pipe = people.folder / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="not a regular file"):
        check(people, str(pipe))


@pytest.mark.parametrize("option", ["--git-signers-file", "--trust"])
@pytest.mark.parametrize("content", ["", " "])
def test_an_empty_variable_leaves_out_no_check(
    people: People, monkeypatch: pytest.MonkeyPatch, option: str, content: str
) -> None:
    """As in CI, where the variable of a protected branch may be missing."""
    people.commit("mallory")
    variable = "RECONCILER_" + option[2:].upper().replace("-", "_")
    monkeypatch.setenv(variable, content)
    ended = command("diff", "prod", "-C", str(people.clone), "--revision", "HEAD")
    assert (ended.code, ended.stdout) == (2, ""), ended.output
    assert f"{variable} is empty; remove it to leave out the check" in ended.stderr


def test_the_settings_of_the_clone_and_the_user_change_nothing(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.commit("mallory")
    signers = people.signers(people.line("alice"))
    theirs = people.folder / "theirs"
    theirs.write_text(people.line("mallory"))
    settings = f'[gpg "ssh"]\n\tallowedSignersFile = {theirs}\n\tprogram = /bin/true\n'
    (tmp_path / ".gitconfig").write_text(settings)
    monkeypatch.setenv("HOME", str(tmp_path))
    with (people.clone / ".git/config").open("a") as config:
        config.write(settings)
    refused(people, signers)


@pytest.mark.parametrize(
    "text",
    [
        "", "# nobody\n", "alice@example.com\n", "ssh-ed25519 AAAA\n", "\udcff", "\x00",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nnot base64!\n-----END PGP PUBLIC KEY BLOCK-----\n",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n",
    ],
)  # fmt: skip
def test_a_file_that_names_nobody_is_refused(people: People, text: str) -> None:
    people.commit("alice")
    file = people.folder / "signers"
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UsageError, match="not a list of signers"):
        check(people, str(file))


def test_what_is_asked_of_the_user(people: People) -> None:
    people.commit("alice")
    signers = people.signers(people.line("alice"))
    with pytest.raises(UsageError, match="nobody signs a working tree"):
        require_signature(Worktree(people.clone), signers)
    with pytest.raises(UsageError, match="no such file"):
        check(people, str(people.folder / "none"))
    inside = people.clone / "signers"
    inside.write_text(people.line("alice"))
    with pytest.raises(UsageError, match="it is in the repository"):
        check(people, str(inside))


@pytest.mark.parametrize(("form", "program"), [("ssh", "ssh-keygen"), ("openpgp", "gpg")])
def test_a_missing_program_is_named(
    people: People, form: str, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    signers = people.signers(people.line("alice"), people.openpgp("alice"))
    people.commit("alice", form)
    only = people.folder / "bin"
    only.mkdir()
    (only / "git").symlink_to(shutil.which("git") or "")
    monkeypatch.setenv("PATH", str(only))
    with pytest.raises(RepositoryError, match=f"{program} is not installed"):
        check(people, signers)


def test_an_apply_and_a_drift_of_an_unsigned_commit_do_nothing(people: People) -> None:
    signers = people.signers(people.line("alice"))
    people.commit("mallory")
    for verb in ("apply", "drift", "diff", "render", "stamp"):
        where = ("-C", str(people.clone), "--revision", "HEAD", "--git-signers-file", signers)
        ended = command(verb, "prod", *where)
        assert (ended.code, ended.stdout) == (8, ""), ended.output
        assert "is signed, but by nobody in" in ended.stderr
    people.commit("alice")
    assert command("apply", "prod", *where).code == 0
