"""The git revision that a run read."""

from __future__ import annotations

from reconciler.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit, or the working tree.

    Attributes:
        commit: full hash, "" without git.
        ref: the argument of `--revision` (`main`, a tag), or the current branch; may be "".
        merged: the commit is in the history of the checked-out branch, so its settings have been approved.
        dirty: the run read the working tree, and the repository folder in it differs from the commit.
        changed: the files that differ, by path; () if they could not be compared.
    """

    commit: str = ""
    ref: str = ""
    dirty: bool = False
    merged: bool = True
    changed: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        if not self.commit:
            return "no git"
        return f"{self.commit[:7]}+dirty" if self.dirty else self.commit[:7]
