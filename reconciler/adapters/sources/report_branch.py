"""A branch that holds reports: read and extended in a private folder, without a clone, its index or working tree.

Each commit is a child of the tip that the push expects (compare-and-swap). If somebody else was faster, the commit is
made again on what they pushed, so that no commit is lost.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NoReturn

from reconciler.adapters.sources import git
from reconciler.adapters.sources.bounded import bounded
from reconciler.adapters.sources.remote_repository import DEFAULT, RemoteRepository
from reconciler.errors import DeliveryError, RepositoryError, UsageError
from reconciler.frozen import dataclass
from reconciler.model.applyset import TOOL

if TYPE_CHECKING:
    from git import Git

_BRANCH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_MARKER: Final = ".reconciler-reports"  # a file that only a branch of reports has
_VERSION: Final = b"1\n"
_TIP: Final = ("--depth=1", "--filter=blob:none")
_HISTORY: Final = ("--depth=5000", "--filter=blob:none")
_LARGEST: Final = 8 * 1024 * 1024  # bytes of a report
_LARGEST_TOGETHER: Final = 64 * 1024 * 1024
_ATTEMPTS: Final = 12
# What git says if the tip is not the one that was read, or if somebody else is writing it.
_MOVED: Final = re.compile(
    r"stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|already exists"
    r"|incorrect old value|reference already"
)
_ABSENT: Final = "couldn't find remote ref"


@dataclass(frozen=True, slots=True)
class Commit:
    """What a commit to a branch of reports says about itself.

    Attributes:
        time: RFC 3339 UTC.
    """

    message: str
    time: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of a file that a commit added.

    Attributes:
        time: of the commit, RFC 3339.
        blob, before: the git objects of this version and of the one that it replaced; "" if it replaced none.
        content, content_before: their contents.
    """

    commit: str
    time: str
    path: str
    blob: str
    before: str
    content: str = ""
    content_before: str = ""

    def filled(self, run: Git) -> Kept:
        content, before = (_content(run, blob) if blob else "" for blob in (self.blob, self.before))
        return replace(self, content=content, content_before=before)


class ReportBranch:
    """A branch of reports.

    Raises:
        UsageError: it is not the name of a branch.
    """

    def __init__(
        self,
        remote: RemoteRepository,
        branch: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not _BRANCH.fullmatch(branch) or ".." in branch or branch.endswith((".", ".lock")):
            raise UsageError(
                "--commit-report: it is not the name of a branch", hint="such as reports"
            )
        self._remote, self._branch, self._sleep = remote, branch, sleep

    def add(self, files: Mapping[str, bytes], commit: Commit) -> str:
        """Commit these files beside those of others, and push; the hash, or "" if the branch has them already.

        Raises:
            DeliveryError: the branch holds something else, or others write it all the time.
            RepositoryError: git is missing, or the server refuses.
        """
        ours: set[str] = set()
        for attempt in range(_ATTEMPTS):
            tip = self._tip()
            if tip in ours:  # the answer to an earlier push was lost
                return tip
            made = self._made(tip, files, commit)
            if not made or self._pushed(tip, made):
                return made
            ours.add(made)
            self._sleep(random.uniform(0.0, 0.1 * 2.0 ** min(attempt, 5)))  # noqa: S311 -- no secret
        raise DeliveryError(
            f"others wrote to the branch {self._branch} each of {_ATTEMPTS} times",
            hint="run the command again",
            where=self._remote.url,
        )

    def history(self, folder: str, file: str, limit: int) -> tuple[list[Kept], bool]:
        """The last `limit` versions of the files in a folder whose names end with `file`, the oldest first.

        Returns:
            The versions, and whether there are no older ones.

        Raises:
            DeliveryError: the branch holds something else.
            RepositoryError: git is missing, the server refuses, or a version is too large to be read.
        """
        tip = self._tip(_HISTORY)
        if not tip:
            return [], True
        with self._git() as run:
            kept = list(_versions(run, self._remote.url, tip, folder, file, limit + 1))
            blobs = {blob for each in kept[:limit] for blob in (each.blob, each.before) if blob}
        if blobs:
            self._remote.fetch(("--no-filter",), tuple(sorted(blobs)))
        with self._git() as run:
            if sum(_size(run, blob) for blob in blobs) > _LARGEST_TOGETHER:
                raise RepositoryError(
                    f"the reports are larger than {_LARGEST_TOGETHER >> 20} MiB together",
                    hint="ask for fewer: --limit",
                    where=self._remote.url,
                )
            filled = [each.filled(run) for each in kept[:limit]]
        return filled[::-1], len(kept) <= limit

    def _tip(self, options: tuple[str, ...] = ()) -> str:
        """The commit of the branch; "" if there is no such branch yet.

        Raises:
            DeliveryError: the branch is not one of reports.
        """
        try:
            fetch = (f"+refs/heads/{self._branch}:{DEFAULT}",)
            self._remote.fetch(options or _TIP, fetch, self._fail)
        except _NoBranch:
            return ""
        with self._git() as run:
            tip = str(run.rev_parse("--verify", DEFAULT))
            if run.ls_tree("--name-only", tip, _MARKER):
                return tip
        raise DeliveryError(
            f"the branch {self._branch} holds something other than reports",
            hint="name another branch: it is created if it does not exist",
            where=self._remote.url,
        )

    def _made(self, tip: str, files: Mapping[str, bytes], commit: Commit) -> str:
        """A commit with these files on top of the tip; "" if the tip has them already."""
        with self._git() as run:
            # Its trees may be the folders of millions.
            if bounded(run, "read_tree", self._remote.url, tip or "--empty").status:
                raise RepositoryError("git cannot read the branch", where=self._remote.url)
            for number, (path, content) in enumerate({_MARKER: _VERSION, **files}.items()):
                file = self._remote.root / f"file-{number}"
                file.write_bytes(content)
                blob = run.hash_object("-w", "--no-filters", "--", str(file))
                run.update_index("--add", "--cacheinfo", f"100644,{blob},{path}")
            tree = run.write_tree("--missing-ok")  # the contents of other files were not fetched
            if tip and tree == run.rev_parse(f"{tip}^{{tree}}"):
                return ""
            parents = ("-p", tip) if tip else ()
            who = {"NAME": TOOL, "EMAIL": f"{TOOL}@localhost", "DATE": commit.time}
            run.update_environment(
                **{f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()}
            )
            return str(run.commit_tree(tree, *parents, "-m", commit.message))

    def _pushed(self, tip: str, commit: str) -> bool:
        """Whether the push arrived; False if the tip is another one by now."""
        branch = f"refs/heads/{self._branch}"
        with self._git() as run:
            done = bounded(
                run, "push", self._remote.url,
                "--porcelain", "--no-verify", "--no-thin", "--no-recurse-submodules",
                f"--force-with-lease={branch}:{tip}", "origin", f"{commit}:{branch}",
            )  # fmt: skip
        if not done.status:
            return True
        text = f"{done.output}\n{done.errors}"
        if not _MOVED.search(text):
            self._remote.fail(text)
        return False

    def _fail(self, text: str) -> NoReturn:
        if _ABSENT in text:
            raise _NoBranch("there is no such branch")
        self._remote.fail(text)

    @contextmanager
    def _git(self) -> Iterator[Git]:
        """Git in the private folder, with an index of its own there."""
        with git.opened(self._remote.root, private=False) as clone:
            index = {"GIT_INDEX_FILE": str(self._remote.root / "index-of-reports")}
            clone.repo.git.update_environment(**self._remote.variables(), **index)
            yield clone.repo.git


def _versions(run: Git, url: str, tip: str, folder: str, file: str, limit: int) -> Iterator[Kept]:
    """The versions of the files of a folder, the newest first, without their contents."""
    done = bounded(
        run, "log", url,
        "--raw", "--no-abbrev", "--no-renames", "--root", "-z", f"--max-count={limit}",
        "--format=%x01%H %cI", tip, "--", f":(literal){folder}/",
    )  # fmt: skip
    if done.status:
        raise RepositoryError("git cannot read the branch", where=url)
    number, commit, time = 0, "", ""
    tokens = iter(done.output.split("\0"))
    for token in tokens:
        if token.startswith("\x01"):
            commit, _, time = token[1:].partition(" ")
        elif change := token.strip():  # its path follows, in which anything but a null byte may be
            _, _, before, blob, _ = change.split(" ")
            path = next(tokens)
            if path.endswith(file) and set(blob) != {"0"}:
                number += 1
                if number > limit:
                    return
                yield Kept(commit, time, path, blob, before if set(before) != {"0"} else "")


def _size(run: Git, blob: str) -> int:
    return int(run.cat_file("-s", blob))


def _content(run: Git, blob: str) -> str:
    if _size(run, blob) > _LARGEST:
        raise RepositoryError(f"a report is larger than {_LARGEST >> 20} MiB", where=blob[:12])
    try:
        return bytes(run.cat_file("blob", blob, stdout_as_string=False)).decode()
    except UnicodeDecodeError:
        raise RepositoryError("a report is not UTF-8", where=blob[:12]) from None


class _NoBranch(RepositoryError):
    """The server has no branch of this name."""
