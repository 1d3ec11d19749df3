"""Whether a commit is in the history of another one.

Git answers from files that nobody has hashed: commit objects, and a graph of them that it keeps for speed. Whoever can
write to `.git` could forge a yes, which lets an old revision be applied and a foreign one decide. So a yes is proven
by commits that have the hashes of their names; a forged no only makes a run more cautious.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.adapters.sources.git import opened
from reconciler.errors import RepositoryError

if TYPE_CHECKING:
    from git import Repo

_LONGEST = 1_000_000  # commits; each is read
_COMMIT = re.compile(r"[0-9a-f]{40}")


def is_ancestor(repo: Repo, commit: str, head: str) -> bool:
    """Whether a commit is in the history of another one; False if that cannot be known, as in a shallow clone.

    Raises:
        RepositoryError: it was changed, or is too far away.
    """
    if not (_COMMIT.fullmatch(commit) and _COMMIT.fullmatch(head)):
        return False
    status, listed, _ = repo.git.rev_list(
        "--ancestry-path", f"{commit}..{head}", "--",
        with_extended_output=True, with_exceptions=False,
    )  # fmt: skip
    if status != 0:
        return False
    between = {commit, *str(listed).split()}
    if len(between) > _LONGEST:
        raise RepositoryError(f"there are more than {_LONGEST} commits between two revisions")
    while head != commit:
        head = next((parent for parent in _parents(repo, head) if parent in between), "")
        if not head:
            return False
    return True


def history_contains(root: Path, head: str, commit: str) -> bool | None:
    """Whether a commit is `head` or in its history; None if that is not known: a shallow clone, or no clone."""
    if head == commit:
        return True
    if not (head and _COMMIT.fullmatch(commit)):
        return None
    try:
        with opened(root) as clone:
            shallow = (Path(clone.repo.common_dir) / "shallow").exists()
            return is_ancestor(clone.repo, commit, head) or (None if shallow else False)
    except RepositoryError:
        return None


def _parents(repo: Repo, commit: str) -> list[str]:
    """The parents in a commit that was verified; git has them after the tree, before everything else.

    Raises:
        RepositoryError: it was changed.
        ValueError: there is no such object.
    """
    header = repo.odb.stream(bytes.fromhex(commit)).read().split(b"\n")[1:]
    lines = itertools.takewhile(lambda line: line.startswith(b"parent "), header)
    return [line.removeprefix(b"parent ").decode("ascii", "replace") for line in lines]
