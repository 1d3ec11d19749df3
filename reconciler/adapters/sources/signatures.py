"""Whose commits may be read: `--git-signers-file`, which is no part of the repository, so that no commit changes it.

Git verifies with the program of the kind of signature that the commit has. The programs of the other kinds are replaced
by one that fails, since they would believe the keys and authorities of whoever runs this.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from reconciler.adapters.sources import git
from reconciler.adapters.sources.git_revision import GitRevision
from reconciler.errors import RepositoryError, SafetyStop, UsageError
from reconciler.frozen import dataclass
from reconciler.ports import Repository

_LARGEST: Final = 1024 * 1024  # bytes
_KEY_BLOCK: Final = re.compile(
    r"^-----BEGIN PGP PUBLIC KEY BLOCK-----[ \t]*\r?\n(?:[^\r\n:]+: [^\r\n]*\r?\n)*[ \t]*\r?\n"
    r"([A-Za-z0-9+/=\s]*?)(?:^=[A-Za-z0-9+/]{4}\s*?)?^-----END PGP PUBLIC KEY BLOCK-----[ \t]*$",
    re.MULTILINE,
)
_VALID_BEFORE: Final = re.compile(r"(?i)valid-before=\"?([^\",\s]*)")
_TIME_FORMS: Final = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}  # by their length
_NO_PROGRAM: Final = "/bin/false"
_GPG_SETTINGS: Final = (
    "no-default-keyring\nkeyring {keyring}\ntrust-model always\n"
    "no-autostart\nno-auto-key-locate\nno-auto-key-retrieve\n"
)


def require_signature(repository: Repository, path: str) -> None:
    """Check that one of the signers in a file, whose key has not expired, signed the commit that is read.

    Raises:
        UsageError: no commit is read, or the file is unusable.
        SafetyStop: none of them signed it.
        RepositoryError: the file or the commit cannot be read.
    """
    if not isinstance(repository, GitRevision):
        raise UsageError(
            "--git-signers-file: nobody signs a working tree",
            hint="name a commit, such as --revision HEAD",
        )
    signers = Signers.read(path, git.top_of(repository.root), datetime.now(UTC))
    signers.check(repository.root, repository.revision.commit)


@dataclass(frozen=True, slots=True)
class Signers:
    """Who may sign.

    Attributes:
        path: of the file, for messages.
        ssh: lines of an allowed signers file (ssh-keygen(1)) whose `valid-before` is not past.
        openpgp: the packets of public keys.
        expired: how many other lines the file has.
    """

    path: str
    ssh: str
    openpgp: bytes
    expired: int

    @classmethod
    def read(cls, path: str, repository: Path | None, now: datetime) -> Signers:
        """Read a file with allowed signers of SSH, armored public keys of OpenPGP, or both.

        Args:
            repository: the top of the clone, in which the file must not be.
            now: ssh-keygen would judge `valid-before` by the time in the commit, which its author writes.

        Raises:
            UsageError: there is no such file, it names no signer, or it is in the repository.
            RepositoryError: it cannot be read.
        """
        file = Path(path)
        if repository and file.resolve().is_relative_to(repository.resolve()):
            hint = "keep it where no commit changes it"
            raise UsageError(f"--git-signers-file {path}: it is in the repository", hint=hint)
        text = _text(file)
        blocks = [_packets(path, match[1]) for match in _KEY_BLOCK.finditer(text)]
        lines = [line.strip() for line in _KEY_BLOCK.sub("", text).splitlines()]
        ssh = [line for line in lines if line and not line.startswith("#")]
        if any("PGP PUBLIC KEY" in line or len(line.split()) < 3 for line in ssh):  # noqa: PLR2004 -- name, type and key
            raise _no_signers(path)
        if not (ssh or any(blocks)):
            raise _no_signers(path)
        valid = [line for line in ssh if not _is_expired(path, line, now)]
        lines_of_ssh = "".join(f"{line}\n" for line in valid)
        return cls(path, lines_of_ssh, b"".join(blocks), len(ssh) - len(valid))

    def check(self, root: Path, commit: str) -> None:
        """Check that one of them signed a commit.

        Raises:
            SafetyStop: nobody did, or the signature does not hold.
            RepositoryError: the commit cannot be read.
        """
        form = git.signature_form(root, commit)
        if not form:
            raise SafetyStop(
                f"commit {commit[:7]} is not signed, and --git-signers-file takes only signed commits",
                hint="sign it (git commit -S), or name a revision that is signed",
            )
        with tempfile.TemporaryDirectory(prefix="reconciler-signers-") as folder:
            variables = self._variables(form, Path(folder))
            verified = variables is not None and git.verifies(root, commit, variables)
        if not verified:
            hint = "was it merged by a forge that signs with its own key? Then add that key to the file"
            if self.expired:
                hint = f"{hint}; {self.expired} expired by `valid-before` and no longer count"
            raise SafetyStop(
                f"commit {commit[:7]} is signed, but by nobody in {self.path}", hint=hint
            )

    def _variables(self, form: str, folder: Path) -> Mapping[str, str] | None:
        """The configuration with which git believes these signers and nobody else; None if none has such keys."""
        programs = dict.fromkeys(
            ("gpg.program", "gpg.ssh.program", "gpg.x509.program"), _NO_PROGRAM
        )
        if form == git.SSH and self.ssh:
            _require_program("ssh-keygen")
            signers = folder / "signers"
            signers.write_text(self.ssh)
            del programs["gpg.ssh.program"]
            # An intact signature of a key that the file does not have is of no level, and must not count.
            trust = {"gpg.ssh.allowedSignersFile": str(signers), "gpg.minTrustLevel": "fully"}
            return _configuration(programs | trust)
        if form == git.OPENPGP and self.openpgp:
            _require_program("gpg")
            keyring = folder / "keys.gpg"
            keyring.write_bytes(self.openpgp)
            (folder / "gpg.conf").write_text(_GPG_SETTINGS.format(keyring=keyring))
            del programs["gpg.program"]
            return _configuration(programs) | {"GNUPGHOME": str(folder)}
        return None


def _require_program(name: str) -> None:
    if shutil.which(name) is None:
        raise RepositoryError(f"{name} is not installed; it verifies this kind of signature")


def _configuration(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings of git as variables."""
    numbered = enumerate(settings.items())
    return {"GIT_CONFIG_COUNT": str(len(settings))} | {
        name: text
        for number, (key, value) in numbered
        for name, text in ((f"GIT_CONFIG_KEY_{number}", key), (f"GIT_CONFIG_VALUE_{number}", value))
    }


def _is_expired(path: str, line: str, now: datetime) -> bool:
    return any(_moment(path, text) <= now for text in _VALID_BEFORE.findall(line))


def _moment(path: str, text: str) -> datetime:
    """A time of ssh-keygen: YYYYMMDD[HHMM[SS]], of this machine's zone or, with a Z, of UTC."""
    digits = text.removesuffix("Z")
    try:
        moment = datetime.strptime(digits, _TIME_FORMS[len(digits)])  # noqa: DTZ007 -- it has its zone below
        return moment.replace(tzinfo=UTC) if text.endswith("Z") else moment.astimezone()
    except (KeyError, ValueError, OverflowError):
        hint = "write YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS; a Z after it means UTC"
        raise UsageError("a valid-before is not a time", hint=hint, where=path) from None


def _text(file: Path) -> str:
    try:
        # A pipe would block until somebody writes to it.
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as opened:
            is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            content = opened.read(_LARGEST + 1) if is_regular else b""
    except FileNotFoundError:
        raise UsageError("there is no such file of signers", where=str(file)) from None
    except OSError as error:
        reason = error.strerror or "no reason"
        raise RepositoryError(f"the signers cannot be read: {reason}", where=str(file)) from None
    if not is_regular:
        raise UsageError(
            "it is not a regular file", hint="write the signers to one", where=str(file)
        )
    if len(content) > _LARGEST:
        raise UsageError("it is larger than any list of signers", where=str(file))
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise _no_signers(str(file)) from None


def _packets(path: str, body: str) -> bytes:
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error:
        raise _no_signers(path) from None


def _no_signers(path: str) -> UsageError:
    return UsageError(
        "it is not a list of signers",
        hint="lines of ssh-keygen's allowed signers (NAME KEY-TYPE KEY), or what gpg --armor --export prints",
        where=path,
    )
