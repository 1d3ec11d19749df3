"""What git may use to fetch a repository: credentials from files, which no command line and no message shows."""

from __future__ import annotations

import base64
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from reconciler.errors import RepositoryError, UsageError
from reconciler.frozen import dataclass
from reconciler.ports import Redactor

_LONGEST = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class GitAccess:
    """Files with credentials; "" for none. Each fetch reads them again, so that they may be rotated.

    Attributes:
        token: for https.
        user: the name beside the token; GitHub and GitLab accept any.
        key, known_hosts: for ssh: a private key, and the keys of the host.
    """

    token: str = ""
    user: str = ""
    key: str = ""
    known_hosts: str = ""

    def variables(self, url: str, redactor: Redactor, environ: Mapping[str, str]) -> dict[str, str]:
        """The variables that give git these credentials for one URL.

        Raises:
            UsageError: they are for the other protocol, or a file is missing.
            RepositoryError: a file cannot be read.
        """
        if url.startswith("ssh://"):
            return {"GIT_SSH_COMMAND": self._ssh()}
        if self.key or self.known_hosts:
            raise UsageError("--git-key-file and --git-known-hosts-file are for ssh:// only")
        authorities = environ.get("SSL_CERT_FILE", "")
        trust = {"GIT_SSL_CAINFO": authorities} if authorities else {}
        if not self.token:
            return trust
        secret = _read(self.token)
        redactor.register(secret.encode())
        pair = base64.b64encode(f"{self.user or 'x-access-token'}:{secret}".encode()).decode()
        redactor.register(pair.encode())
        # In the environment: other users can read a command line.
        return trust | {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{url}.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {pair}",
        }

    def _ssh(self) -> str:
        """The ssh of git: only this key, only these hosts, and no question."""
        if self.token:
            raise UsageError("--git-token-file is for https:// only")
        if not (self.key and self.known_hosts):
            raise UsageError(
                "ssh:// takes --git-key-file and --git-known-hosts-file",
                hint="ssh-keyscan HOST prints the keys of a host: compare them with those that it publishes",
            )
        for path in (self.key, self.known_hosts):
            _read(path)
        settings = {
            "IdentitiesOnly": "yes",
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": _absolute(self.known_hosts),
            "GlobalKnownHostsFile": os.devnull,
            "ConnectTimeout": "30",
            "ServerAliveInterval": "15",
        }
        options = [word for pair in settings.items() for word in ("-o", "=".join(pair))]
        return shlex.join(["ssh", "-F", os.devnull, "-i", _absolute(self.key), *options])


def _absolute(path: str) -> str:
    return str(Path(path).absolute())


def _read(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LONGEST).decode().strip()
    except FileNotFoundError:
        raise UsageError("there is no such file of credentials", where=path) from None
    except (OSError, UnicodeDecodeError):
        raise RepositoryError("the credentials cannot be read", where=path) from None
    if not content:
        raise UsageError("the file of credentials is empty", where=path)
    return content
