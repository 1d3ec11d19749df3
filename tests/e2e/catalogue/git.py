"""Rows C-49 to C-59: git. Nothing is ever fetched: a repository is read where it stands."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.e2e.catalogue.case import BASE, PROVIDER, VALUES, Case, Elsewhere

_GOOD = "templates/good.yaml.j2"


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


def odd_names(root: Path) -> None:
    for name in ("-rf.yaml.j2", "new\nline.yaml.j2", "\x1b[31mred.yaml.j2"):
        (root / "templates" / name).write_text("a: {{ nothing }}\n")


def cased(root: Path) -> None:
    (root / "templates/GOOD.yaml.j2").write_text(PROVIDER)


def deep(root: Path) -> None:
    """A path of 3,000 characters, as deep as a file system takes it."""
    folder = root / "templates"
    for _ in range(12):
        folder = folder / ("d" * 240)
    os.makedirs(folder)  # noqa: PTH103 -- with every parent
    (folder / "x.yaml.j2").write_text(PROVIDER)


def dirty(root: Path) -> None:
    committed(root)
    (root / _GOOD).write_text("broken: [\n")
    (root / "templates/untracked.yaml.j2").write_text("broken: [\n")


def crowd(root: Path) -> None:
    """More files than are read below a folder."""
    folder = root / "templates/crowd"
    folder.mkdir()
    for number in range(20_001):
        (folder / f"{number}.txt").touch()


def revision(id_: str, ref: str, *says: str, code: int = 9, **more: object) -> Case:
    args = ("diff", "prod", "--revision", ref)
    return Case(id_, code=code, says=says, args=args, alone=True, **more)  # type: ignore[arg-type]


_VALIDATE = ("validate", "prod", "--revision")

CASES: tuple[Case | Elsewhere, ...] = (
    revision("C-49 no repository", "main", "not in a git repository"),
    revision("C-49 empty", "main", "no commit yet", prepare=empty),
    Case(
        "C-49 bare",
        {},
        0,
        args=("validate", "prod", "-C", "{root}/../bare", "--revision", "main"),
        prepare=bare,
        alone=True,
        says=("no findings",),
    ),
    revision("C-49 shallow", "HEAD~1", "an object is missing in this clone", prepare=shallow),
    Case("C-49 detached", {}, 0, args=(*_VALIDATE, "HEAD"), prepare=detached, alone=True),
    Elsewhere("C-50", "does not apply: no URL is ever given, nothing is fetched or cloned"),
    revision("C-51", "-x", "no revision", prepare=committed),
    revision("C-51 option", "--upload-pack=id", "no revision", prepare=committed),
    Elsewhere("C-52", "does not apply: no URL is ever given, nothing is fetched or cloned"),
    revision("C-53 range", "main..main", "no revision", prepare=committed),
    revision("C-53 reflog", "main@{{1}}", "no revision", prepare=committed),
    revision("C-53 newline", "main\nx", "no revision", prepare=committed),
    revision("C-53 replace", "refs/replace/x", "no revision", prepare=committed),
    Elsewhere("C-53 NUL", "does not apply: no argument of a process can hold one"),
    Case(
        "C-54 link",
        {},
        9,
        "templates/link.yaml.j2",
        ("symbolic link",),
        alone=True,
        args=("diff", "prod"),
        prepare=linked,
        unsaid=("root:",),
    ),
    revision(
        "C-54 link in git", "main", "templates/link.yaml.j2", "symbolic link", prepare=linked_in_git
    ),
    revision("C-54 submodule", "main", "templates/module", "submodule", prepare=submodule),
    Case(
        "C-54 LFS pointer",
        {
            "templates/bad.yaml.j2": "version https://git-lfs.github.com/spec/v1\n"
            "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 1\n"
        },
        place="templates/bad.yaml.j2:1",
    ),
    Case("C-54 filter", {}, 0, args=(*_VALIDATE, "main"), prepare=filtered, alone=True),
    Case(
        "C-55 case",
        {_GOOD: PROVIDER},
        place=f"{_GOOD}:3:12",
        says=("[M010]", "templates/GOOD.yaml.j2"),
        prepare=cased,
    ),
    Case(
        "C-55 names",
        prepare=odd_names,
        place="templates/-rf.yaml.j2:1",
        says=("new\\nline", "[31mred.yaml.j2"),
        unsaid=("\x1b[31mred",),
    ),
    Case("C-55 long", code=0, prepare=deep),
    Elsewhere("C-56", "not yet: the order of revisions is not compared with the record's"),
    Elsewhere("C-57", "not yet: signatures of commits are not checked"),
    # By DESIGN the working tree is the default, and the report says that it is dirty; with --revision it is ignored.
    Case(
        "C-58 ignored",
        {},
        0,
        args=(*_VALIDATE, "main"),
        prepare=dirty,
        alone=True,
        says=("no findings",),
    ),
    Case("C-58 told", {VALUES: BASE[VALUES]}, 3, prepare=dirty, says=("+dirty",)),
    Case(
        "C-59 files",
        {},
        9,
        args=("diff", "prod"),
        prepare=crowd,
        alone=True,
        says=("more than 20000 files",),
    ),
    Elsewhere("C-59 blob", "stands in C-08: a file of 50 MiB; in git its size is known before"),
)
