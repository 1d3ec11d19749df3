"""Objects of git with the content that their names promise. `git cat-file` does not compare them.

The name of an object is the hash of its content, and a signature covers only the name of a tree. Whoever can write to
`.git/objects` could otherwise put other files below a signed commit.
"""

from __future__ import annotations

import hashlib
from io import BytesIO

from git.db import GitCmdObjectDB
from gitdb.base import OStream  # type: ignore[import-untyped]  # it has no types

from reconciler.errors import RepositoryError


class VerifiedObjects(GitCmdObjectDB):
    """Reads objects by git, completely, and refuses one with another content."""

    def stream(self, binsha: bytes) -> OStream:
        """The content of an object.

        Raises:
            RepositoryError: it is not the content that the object was named by.
            ValueError: there is no such object.
        """
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
