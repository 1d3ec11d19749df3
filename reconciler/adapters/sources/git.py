"""Reads git objects. The only module that imports GitPython, isolated from the settings of repository and machine.

GitPython reads the references from their files. Every object is read by `git cat-file`, which runs in a repository of
our own (`private_git`) and therefore knows no setting of the clone; variables such as GIT_DIR, which a hook or a shell
may have left, are removed. What is read must hash to its name (`verified_objects`), and the files that describe the
clone must be files (`clone_files`).
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.adapters.sources import clone_files, paths
from reconciler.adapters.sources.private_git import is_partial, isolated, private_repository
from reconciler.errors import RepositoryError
from reconciler.frozen import dataclass
from reconciler.text.suggest import did_you_mean, one_of

if TYPE_CHECKING:
    from git import Blob, Commit, Repo, Submodule, Tree

_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+#@-]*(?:[~^][0-9]*)*")
_LINK, _SUBMODULE = 0o120000, 0o160000  # modes of tree entries
_OLDEST = (2, 39)  # of git, with which everything is tested
_FORBIDDEN_IN_REF = ("..", "@{", "//", "refs/replace")


@dataclass(frozen=True, slots=True)
class Clone:
    """A git repository, and the folder of it that holds the configuration."""

    repo: Repo
    folder: str  # relative to the top of the repository: `deploy/llm`, or ""


def top_of(root: Path) -> Path | None:
    """The nearest folder at or above `root` that contains `.git`; `root` itself when it is a bare repository."""
    if (root / "HEAD").is_file() and (root / "objects").is_dir():
        return root
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)


@contextlib.contextmanager
def opened(root: Path, *, private: bool = True) -> Iterator[Clone]:
    """Open the git repository that contains a folder; for one thread, and closed at the end.

    Args:
        private: git knows no setting of it; False only for one that we made.

    Raises:
        RepositoryError: there is no repository, git is not installed, or an object is missing or was changed.
    """
    top = top_of(root)
    if top is None:
        hint = "work without --revision, or name a folder of a clone with -C"
        raise RepositoryError(f"{root} is not in a git repository", hint=hint)
    # GitPython and git both read these, and GitPython cannot remove a variable from the environment of git.
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    os.environ["GIT_PYTHON_REFRESH"] = "quiet"  # GitPython shall not print that git is missing
    clone_files.check(top)
    import git
    from git.exc import ODBError

    from reconciler.adapters.sources.verified_objects import UnconfiguredRepo, VerifiedObjects

    try:
        _require_version()
        with contextlib.ExitStack() as stack:
            repo = stack.enter_context(contextlib.closing(UnconfiguredRepo(top, expand_vars=False)))
            if private:
                own = stack.enter_context(private_repository(Path(repo.common_dir)))
                repo.git = git.Git(own)
                repo.git.update_environment(**isolated(own))
                repo.odb = VerifiedObjects(own / "objects", repo.git)
            yield Clone(repo, "" if top == root else root.relative_to(top).as_posix())
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        message = f"{top} is not a readable git repository"
        raise RepositoryError(message, hint="clone it again") from None
    except git.GitCommandNotFound:
        hint = "install it, or work without --revision"
        raise RepositoryError("git is not installed", hint=hint) from None
    except (ODBError, ValueError, git.GitCommandError):
        hint = "fetch it: `git fetch --unshallow`, or `fetch-depth: 0` in the workflow"
        raise RepositoryError("an object is missing in this clone", hint=hint) from None


def _require_version() -> None:
    """Older ones ignore variables that keep the configuration of the machine away.

    Raises:
        RepositoryError: git is too old.
    """
    program = shutil.which("git")
    version = _version_of(program) if program else _OLDEST
    if version < _OLDEST:
        shown, oldest = (".".join(map(str, each)) for each in (version, _OLDEST))
        raise RepositoryError(
            f"git {shown} is too old: {oldest} is the oldest that works",
            hint="install a newer one, or work without --revision",
        )


@functools.cache
def _version_of(_program: str) -> tuple[int, ...]:
    """The version of git, which is asked once for each program."""
    import git

    return git.Git().version_info


def refuse_partial(repo: Repo) -> None:
    """
    Raises:
        RepositoryError: the clone lacks objects that git would fetch when they are read.
    """
    if is_partial(Path(repo.common_dir)):
        hint = "clone it without --filter, or work without --revision"
        raise RepositoryError("this clone is partial: nothing is fetched to read it", hint=hint)


def head_of(repo: Repo) -> str:
    """The commit of HEAD, "" before the first one."""
    try:
        return repo.head.dereference_recursive(repo, "HEAD")
    except ValueError:
        return ""


SSH, OPENPGP, OTHER = "ssh", "openpgp", "another kind"  # of signatures
_SIGNATURES: Final = {
    "-----BEGIN SSH SIGNATURE-----": SSH,
    "-----BEGIN PGP SIGNATURE-----": OPENPGP,
}


def signature_form(root: Path, commit: str) -> str:
    """SSH, OPENPGP or OTHER; "" if the commit is not signed.

    Raises:
        RepositoryError: it cannot be read.
    """
    with opened(root) as clone:
        signature = clone.repo.commit(commit).gpgsig
    return _SIGNATURES.get(signature.partition("\n")[0].strip(), OTHER) if signature else ""


def verifies(root: Path, commit: str, variables: Mapping[str, str]) -> bool:
    """Whether the signature of a commit holds, by these settings of git and no others.

    Raises:
        RepositoryError: it cannot be read.
    """
    with opened(root) as clone:
        clone.repo.git.update_environment(**variables)
        status, _, _ = clone.repo.git.verify_commit(
            commit, with_extended_output=True, with_exceptions=False
        )
    return bool(status == 0)


def check_ref(ref: str) -> None:
    """
    Raises:
        RepositoryError: it is not the name of a branch, a tag or a commit.
    """
    if not _REF.fullmatch(ref) or any(part in ref for part in _FORBIDDEN_IN_REF):
        shown = "".join(c if c.isprintable() else "?" for c in ref[:60])
        raise RepositoryError(
            f"`{shown}` is not a revision", hint="name a branch, a tag or a commit"
        )


def commit_of(repo: Repo, ref: str) -> Commit:
    """The commit of a branch, a tag, a hash or an expression such as `HEAD~1`.

    Raises:
        RepositoryError: `ref` has another form, or there is no such commit.
    """
    from git import BadName
    from git.exc import AmbiguousObjectName, BadObject

    check_ref(ref)
    try:
        return repo.commit(ref)
    except AmbiguousObjectName:
        raise RepositoryError(
            f"several objects begin with `{ref}`", hint="write more characters of the hash"
        ) from None
    except (BadName, BadObject, ValueError, IndexError, TypeError):
        names = _names(repo)
        hint = did_you_mean(ref, names) or (
            f"the repository has {one_of(names)}" if names else "the repository has no commit yet"
        )
        raise RepositoryError(f"there is no revision `{ref}`", hint=hint) from None


def _tree_at(commit: Commit, folder: str) -> Tree | None:
    """The tree of a folder, None when there is no such folder."""
    tree = commit.tree
    for name in folder.split("/") if folder else ():
        entry = next((child for child in tree if _name_of(child) == name), None)
        if entry is None or entry.type != "tree":
            return None
        tree = entry
    return tree


def blobs_at(commit: Commit, folder: str, top: str) -> Iterator[tuple[str, Blob]]:
    """The file `top` of the configuration, or every file below the folder `top`, with its path."""
    for child in _tree_at(commit, folder) or ():
        if _name_of(child) != top:
            continue
        _refuse_link(top, child.mode)
        if child.type == "tree":
            yield from _blobs(child, top)
        else:
            yield top, child


def _blobs(tree: Tree, folder: str) -> Iterator[tuple[str, Blob]]:
    """Every blob below a tree, by path, without hidden ones.

    Raises:
        RepositoryError: a link, a submodule, or too many files.
    """
    count = 0
    pending = [(folder, tree)]
    while pending:
        parent, current = pending.pop()
        for child in current:
            count += 1  # folders too: a few trees can be the folders of millions
            if count > paths.MAX_FILES:
                raise paths.too_many_files(folder)
            name = _name_of(child)
            if name.startswith("."):
                continue
            path = f"{parent}/{name}"
            _refuse_link(path, child.mode)
            if child.type == "tree":
                pending.append((path, child))
            else:
                yield path, child


def _name_of(child: Blob | Tree | Submodule) -> str:
    """The last part of the path. GitPython's `name` of a submodule is the one in .gitmodules."""
    return str(child.path).rpartition("/")[2]


def _refuse_link(path: str, mode: int) -> None:
    if mode == _LINK:
        raise paths.link_error(path)
    if mode == _SUBMODULE:
        raise paths.submodule_error(path)


def _names(repo: Repo) -> list[str]:
    return sorted({ref.name for ref in repo.references})
