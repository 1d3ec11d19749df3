"""Objects of git with the content that their names promise, in a repository whose configuration nobody reads.

`git cat-file` does not compare content and name.

The name of an object is the hash of its content, and a signature covers only the name of a tree. Whoever can write to
`.git/objects` could otherwise put other files below a signed commit.
"""

from __future__ import annotations

import hashlib
from io import BytesIO

from git import GitConfigParser, Repo
from git.db import GitCmdObjectDB
from gitdb.base import OStream  # type: ignore[import-untyped]  # it has no types

from reconciler.errors import RepositoryError

_LARGEST = 32 * 1024 * 1024  # bytes of an object; files have a limit of their own


class UnconfiguredRepo(Repo):
    """A repository that GitPython opens without its configuration, which can include any file of the machine."""

    def _config_reader(self, *_: object, **__: object) -> GitConfigParser:
        return GitConfigParser([], read_only=True, merge_includes=False)


class VerifiedObjects(GitCmdObjectDB):
    """Reads objects by git, completely, and refuses one with another content."""

    def stream(self, binsha: bytes) -> OStream:
        """The content of an object.

        Raises:
            RepositoryError: it is not the content that the object was named by, or more than any file may have.
            ValueError: there is no such object.
        """
        if self.info(binsha).size > _LARGEST:
            raise RepositoryError(
                f"the object {binsha.hex()[:7]} of this repository is larger than {_LARGEST >> 20} MiB"
            )
        read = super().stream(binsha)
        content = read.read()
        kind: str = read.type.decode()
        named = f"{kind} {len(content)}\0".encode() + content
        # Git names objects by SHA-1; GitPython reads no repository with SHA-256.
        if hashlib.sha1(named, usedforsecurity=False).digest() != binsha:
            raise RepositoryError(
                f"the {kind} {binsha.hex()[:7]} of this clone was changed after it was stored",
                hint="clone it again; `git fsck` lists what else was changed",
            )
        return OStream(read.binsha, read.type, len(content), BytesIO(content))
