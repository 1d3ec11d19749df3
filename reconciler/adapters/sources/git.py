"""The only door of GitPython: objects are read in this process, no git program is started.

So nothing of a repository can run: no hook, file system monitor, filter, alias or credential program. No variable of
the shell counts either, and who owns the files does not matter.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.adapters.sources import paths
from reconciler.errors import RepositoryError
from reconciler.text.suggest import did_you_mean, one_of

if TYPE_CHECKING:
    from git import Blob, Commit, Repo, Tree

_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+#@-]*(?:[~^][0-9]*)*")
_LINK, _SUBMODULE = 0o120000, 0o160000  # modes of tree entries
_NEVER = ("..", "@{", "//", "refs/replace")


@dataclass(frozen=True, slots=True)
class Clone:
    """A git repository, and the folder in it that is the configuration repository."""

    repo: Repo
    folder: str  # "" for its top, else `deploy/llm`


def top_of(root: Path) -> Path | None:
    """The folder that holds `.git`, at or above a folder; the folder itself when it is a bare repository."""
    if (root / "HEAD").is_file() and (root / "objects").is_dir():
        return root
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)


@contextlib.contextmanager
def opened(root: Path) -> Iterator[Clone]:
    """The git repository that holds a folder.

    Raises:
        RepositoryError: there is none, or it cannot be read.
    """
    top = top_of(root)
    if top is None:
        hint = "work without --revision, or name a folder of a clone with -C"
        raise RepositoryError(f"{root} is not in a git repository", hint=hint)
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # no complaint about a missing git program
    import git
    from git.exc import ODBError

    try:
        with contextlib.closing(git.Repo(top, odbt=git.GitDB, expand_vars=False)) as repo:
            yield Clone(repo, "" if top == root else root.relative_to(top).as_posix())
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        message = f"{top} does not hold a git repository that can be read"
        raise RepositoryError(message, hint="clone it again") from None
    except ODBError:
        hint = "fetch it: `git fetch --unshallow`, or `fetch-depth: 0` in the workflow"
        raise RepositoryError("an object is missing in this clone", hint=hint) from None


def commit_of(repo: Repo, ref: str) -> Commit:
    """The commit that a branch, tag, hash or `HEAD~1` names.

    Raises:
        RepositoryError: it is not written like one, or there is none.
    """
    from git import BadName
    from git.exc import AmbiguousObjectName, BadObject

    if not _REF.fullmatch(ref) or any(part in ref for part in _NEVER):
        shown = "".join(c if c.isprintable() else "?" for c in ref[:60])
        raise RepositoryError(f"`{shown}` is no revision", hint="name a branch, a tag or a commit")
    try:
        return repo.commit(ref)
    except AmbiguousObjectName:
        raise RepositoryError(
            f"several objects begin with `{ref}`", hint="write more of the hash"
        ) from None
    except (BadName, BadObject, ValueError, IndexError, TypeError):
        names = _names(repo)
        hint = did_you_mean(ref, names) or (
            f"there are {one_of(names)}" if names else "it has no commit yet"
        )
        raise RepositoryError(f"there is no revision `{ref}`", hint=hint) from None


def tree_at(commit: Commit, folder: str) -> Tree | None:
    """The tree of a folder, None when it is not there, or is none."""
    tree = commit.tree
    for name in folder.split("/") if folder else ():
        found = next((child for child in tree if child.name == name), None)
        if found is None or found.type != "tree":
            return None
        tree = found
    return tree


def blobs(tree: Tree, folder: str) -> Iterator[tuple[str, Blob]]:
    """Every file below a folder's tree, by path, without hidden ones.

    Raises:
        RepositoryError: a link or a submodule stands there, or too many files.
    """
    count = 0
    pending = [(folder, tree)]
    while pending:
        above, current = pending.pop()
        for child in current:
            if child.name.startswith("."):
                continue
            path = join(above, child.name)
            refuse_link(path, child.mode)
            if child.type == "tree":
                pending.append((path, child))
                continue
            count += 1
            if count > paths.MAX_FILES:
                raise paths.too_many(folder)
            yield path, child


def refuse_link(path: str, mode: int) -> None:
    if mode == _LINK:
        raise paths.link(path)
    if mode == _SUBMODULE:
        raise paths.submodule(path)


def join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder and name else folder or name


def _names(repo: Repo) -> list[str]:
    return sorted({ref.name for ref in repo.references})
