"""Which state of the sources a run read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit, or the working tree on top of one.

    Attributes:
        commit: full hash, empty without git.
        ref: what was asked for (`main`, a tag), or the branch checked out; may be empty.
        dirty: the working tree was read and differs from the commit below the repository folder.
    """

    commit: str = ""
    ref: str = ""
    dirty: bool = False

    @property
    def short(self) -> str:
        if not self.commit:
            return "no git"
        return f"{self.commit[:7]}+dirty" if self.dirty else self.commit[:7]
