"""A git repository of our own, so that git reads the objects of a clone without the configuration of that clone.

Git runs what `.git/config` names: a file system monitor, a pager, or a transport that fetches a missing object.
Settings on the command line override single keys, and each version of git adds some. Therefore git runs in an empty
bare repository, whose only link to the clone is the path of its objects (`objects/info/alternates`).
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from reconciler.errors import RepositoryError

_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"


@contextlib.contextmanager
def private_repository(common: Path) -> Iterator[Path]:
    """A bare repository that has the objects of a clone, and nothing else of it; removed at the end.

    Args:
        common: the `.git` folder of the clone, which has its objects.

    Raises:
        RepositoryError: no temporary folder can be made, or git could not write down the path of the objects.
    """
    objects = str((common / "objects").resolve())
    if "\n" in objects or objects.startswith('"'):
        raise RepositoryError("git cannot read a repository below a folder with this name")
    try:
        folder = tempfile.TemporaryDirectory(prefix="reconciler-git-")
    except OSError as error:
        hint = "set TMPDIR to a folder that can be written"
        raise RepositoryError(f"git cannot be used: {error.strerror}", hint=hint) from None
    with folder as name:
        root = Path(name)
        (root / "refs").mkdir()
        (root / "objects/info").mkdir(parents=True)
        (root / "objects/info/alternates").write_text(f"{objects}\n")
        (root / "HEAD").write_text("ref: refs/heads/none\n")
        (root / "config").write_text(_CONFIG)
        if (
            common / "shallow"
        ).is_file():  # without it, git would miss the parents that were not fetched
            (root / "shallow").write_bytes((common / "shallow").read_bytes())
        yield root


def is_partial(common: Path) -> bool:
    """Whether objects of the clone may be elsewhere (`git clone --filter`)."""
    return any((common / "objects/pack").glob("*.promisor"))


def isolated(private: Path) -> dict[str, str]:
    """Variables for git: no configuration of the system or the user, no replacements, no questions."""
    return {
        "GIT_DIR": str(private),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
