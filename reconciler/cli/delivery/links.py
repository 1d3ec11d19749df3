"""Where the configuration repository is, and no writing through its links: its author chose where they lead."""

from __future__ import annotations

from pathlib import Path

from reconciler.adapters.sources.git import top_of
from reconciler.errors import RepositoryError


def refuse_links(path: Path, repository: Path) -> None:
    """Refuse a path with a link that is inside the repository. Links elsewhere are the user's own.

    Raises:
        RepositoryError: a part of the path is such a link.
    """
    root = repository.resolve()
    root = top_of(root) or root
    current = Path(path.absolute().anchor)
    for part in path.absolute().parts[1:]:
        current /= part
        if current.is_symlink() and current.parent.resolve().is_relative_to(root):
            raise RepositoryError(
                "this is a symbolic link in the repository, and nothing is written through it",
                hint="remove it, or write to another place",
                where=str(current),
            )


def folder_of(repository: Path) -> str:
    """The folder of the configuration repository below the top of its git repository; "" for the top."""
    root = repository.resolve()
    top = top_of(root) or root
    return "" if top == root else root.relative_to(top).as_posix()
