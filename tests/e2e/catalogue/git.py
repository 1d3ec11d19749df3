"""Rows C-49 to C-59: git. Nothing is ever fetched: a repository is read where it stands."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.e2e.catalogue.case import (
    BAD,
    CONFIG,
    ENVIRONMENT,
    FLOKOA,
    PROD,
    PROVIDER,
    Case,
    Elsewhere,
    at,
    bad,
    nothing,
)

_GOOD = "templates/good.yaml.j2"
_LONG = "/".join(["d" * 240] * 12)  # near to the 4,096 characters that a path may have
_ODD = ("-rf", "new\nline", "\x1b[31mred")
# Told without being an error, so that a run that judged nothing shows.
_FRAGMENT = FLOKOA.replace("{}", "{baseURL: 'https://example.com/v1#x'}")


def git(root: Path, *words: str) -> str:
    config = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *config, *words], cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def committed(root: Path) -> None:
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--message", "First")


def shallow(root: Path) -> None:
    """A clone of the last of two commits, in place of the whole."""
    committed(root)
    git(root, "commit", "--quiet", "--allow-empty", "--message", "Second")
    clone = root.parent / "clone"
    git(root.parent, "clone", "--quiet", "--depth=1", f"file://{root}", str(clone))
    (root / ".git").rename(root.parent / "whole")
    (clone / ".git").rename(root / ".git")


def detached(root: Path) -> None:
    committed(root)
    git(root, "checkout", "--quiet", "--detach")


def bare(root: Path) -> None:
    """The repository without a working tree."""
    committed(root)
    bare_folder = root.parent / "bare"
    git(root, "clone", "--quiet", "--bare", str(root), str(bare_folder))


def empty(root: Path) -> None:
    git(root, "init", "--quiet", "--initial-branch=main")


def linked(root: Path) -> None:
    (root / "templates/link.yaml.j2").symlink_to("/etc/passwd")


def linked_in_git(root: Path) -> None:
    linked(root)
    committed(root)
    (root / "templates/link.yaml.j2").unlink()


def submodule(root: Path) -> None:
    committed(root)
    head = git(root, "rev-parse", "HEAD")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{head},templates/module")
    git(root, "commit", "--quiet", "--message", "A submodule")


def filtered(root: Path) -> None:
    """A filter that would run a command, and hooks that would."""
    (root / ".gitattributes").write_text("*.j2 filter=evil\n")
    committed(root)
    git(root, "config", "filter.evil.smudge", "touch pwned")
    git(root, "config", "filter.evil.clean", "touch pwned")
    git(root, "config", "core.fsmonitor", "touch pwned")


def deep(root: Path) -> None:
    """As deep as a file system takes it: too long for a path that is given whole."""
    folder = root / "templates" / _LONG
    folder.mkdir(parents=True)
    (folder / "deep.yaml.j2").write_text(_FRAGMENT)


def dirty(root: Path) -> None:
    committed(root)
    (root / _GOOD).write_text("broken: [\n")
    (root / "templates/untracked.yaml.j2").write_text("broken: [\n")


def crowd(root: Path) -> None:
    """More files than are read below a folder."""
    folder = root / "templates/crowd"
    folder.mkdir()
    for number in range(50_001):
        (folder / f"{number}.txt").touch()


def revision(id_: str, ref: str, *says: str, prepare: Callable[[Path], None] = nothing) -> Case:
    """A revision that cannot be read."""
    return Case(
        id_, code=9, printed=says, args=("diff", "prod", "--revision", ref), prepare=prepare
    )


def read(id_: str, ref: str, prepare: Callable[[Path], None], *args: str) -> Case:
    """A revision that is read: what is told of it stands in the commit."""
    args = ("validate", "prod", "--revision", ref, "-o", "json={report}", *args)
    return Case(
        id_,
        {BAD: _FRAGMENT},
        0,
        "warning[FL024]",
        at(BAD, "6:12"),
        objects=2,
        args=args,
        prepare=prepare,
    )


def worktree(id_: str, place: str, *says: str, prepare: Callable[[Path], None]) -> Case:
    """Files that stop everything before a template is looked at."""
    return Case(id_, code=9, printed=(place, *says), args=("diff", "prod"), prepare=prepare)


CASES: tuple[Case | Elsewhere, ...] = (
    revision("C-49 no repository", "main", "not in a git repository"),
    revision("C-49 empty", "main", "no commit yet", prepare=empty),
    read("C-49 bare", "main", bare, "-C", "{root}/../bare"),
    revision("C-49 shallow", "HEAD~1", "an object is missing in this clone", prepare=shallow),
    read("C-49 detached", "HEAD", detached),
    Elsewhere("C-50", "does not apply: no URL is ever given, nothing is fetched or cloned"),
    revision("C-51", "-x", "is not a revision", prepare=committed),
    revision("C-51 option", "--upload-pack=id", "is not a revision", prepare=committed),
    Elsewhere("C-52", "does not apply: no URL is ever given, nothing is fetched or cloned"),
    revision("C-53 range", "main..main", "is not a revision", prepare=committed),
    revision("C-53 reflog", "main@{{1}}", "is not a revision", prepare=committed),
    revision("C-53 newline", "main\nx", "is not a revision", prepare=committed),
    revision("C-53 replace", "refs/replace/x", "is not a revision", prepare=committed),
    Elsewhere("C-53 NUL", "does not apply: no argument of a process can hold one"),
    worktree("C-54 link", "templates/link.yaml.j2", "symbolic link", prepare=linked),
    revision(
        "C-54 link in git", "main", "templates/link.yaml.j2", "symbolic link", prepare=linked_in_git
    ),
    revision("C-54 submodule", "main", "templates/module", "submodule", prepare=submodule),
    bad(
        "C-54 LFS pointer",
        "version https://git-lfs.github.com/spec/v1\n"
        "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 1\n",
        "1:1",
        "M002",
    ),
    read("C-54 filter", "main", filtered),
    Case(
        "C-55 case",
        {f"{PROD}CASE.yaml.j2": PROVIDER, f"{PROD}case.yaml.j2": PROVIDER},
        finding="error[M010]",
        place=f"{PROD}case.yaml.j2:3:12",
        says=(f"{PROD}CASE.yaml.j2:3:12",),
    ),
    Case(
        "C-55 names",
        {f"{PROD}{name}.yaml.j2": "a: {{ nothing }}\n" for name in _ODD},
        finding="error[J002]",
        place=f"{PROD}-rf.yaml.j2:1:7",
        printed=("/new\\nline.yaml.j2:1:7", "/\\u001b[31mred.yaml.j2:1:7"),
        unprinted=("\x1b[31mred", "new\nline"),
    ),
    Case(
        "C-55 long",
        {CONFIG: ENVIRONMENT[CONFIG].replace("*.yaml", "**/deep.yaml")},
        0,
        "warning[FL024]",
        f"templates/{_LONG}/deep.yaml.j2:6:12",
        objects=1,
        prepare=deep,
    ),
    Elsewhere("C-56", "not yet: the order of revisions is not compared with the record's"),
    Elsewhere("C-57", "not yet: signatures of commits are not checked"),
    # By DESIGN the working tree is the default, and the report says that it is dirty; with --revision it is ignored.
    read("C-58 ignored", "main", dirty),
    Case(
        "C-58 told",
        finding="error[T001]",
        place=f"{_GOOD}:1",
        printed=("+dirty", "templates/untracked.yaml.j2:1: error[T001]"),
        prepare=dirty,
    ),
    worktree("C-59 files", "templates", "more than 50000 files", prepare=crowd),
    Elsewhere("C-59 blob", "stands in C-08: a file of 50 MiB; in git its size is known before"),
)
