"""Files that a command line names: manifests of any folder, with or without a repository."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from reconciler.adapters.sources import paths
from reconciler.errors import RepositoryError, UnfitFile, UsageError
from reconciler.model.environment import SourceFile
from reconciler.model.finding import Finding, unfit

STDIN = "-"
_MANIFESTS = (".yaml", ".yml", ".json")
_TEMPLATE = ".j2"
_LARGE = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Named:
    """What was read.

    Attributes:
        findings: of files that are no text.
        templates: files of folders that only an environment can render.
        unread: files that are no text, and that hold nothing of interest.
        large: files of more than a megabyte that hold nothing of interest.
    """

    files: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]
    templates: tuple[str, ...]
    unread: tuple[str, ...]
    large: tuple[str, ...] = ()


def looks_like_file(argument: str) -> bool:
    """Whether a name on a command line cannot be that of an environment."""
    return (
        argument == STDIN
        or "/" in argument
        or os.sep in argument
        or argument.endswith((*_MANIFESTS, _TEMPLATE))
    )


def read_named(
    arguments: Iterable[str], stdin: BinaryIO, of_interest: Callable[[str], bool]
) -> Named:
    """The manifests of files, folders (with all below, but no links and nothing hidden) and of stdin.

    A file that is no text is a finding where it is `of_interest`; the others are read nevertheless.

    Raises:
        UsageError: a template is named.
        RepositoryError: there is no such file, or it cannot be read.
    """
    templates: list[str] = []
    large: list[str] = []
    contents: dict[str, bytes] = {}
    for argument in arguments:
        for path in _found(argument):
            if path.endswith(_TEMPLATE):
                templates.append(path)
            elif path not in contents:
                content = _content(path, stdin)
                if len(content) > _LARGE and not of_interest(_readable(content)):
                    large.append(
                        path
                    )  # neither kept nor parsed: a folder may hold hundreds of them
                    continue
                contents[path] = content
    files: list[SourceFile] = []
    findings: list[Finding] = []
    unread: list[str] = []
    for path, content in contents.items():
        shown = "<stdin>" if path == STDIN else path
        try:
            if len(content) > paths.MAX_BYTES:
                raise paths.too_large(shown)
            files.append(SourceFile(shown, paths.decoded(shown, content)))
        except UnfitFile as error:
            if of_interest(_readable(content)):
                findings.append(unfit(shown, error))
            else:
                unread.append(shown)
    return Named(tuple(files), tuple(findings), tuple(templates), tuple(unread), tuple(large))


def _found(argument: str) -> Iterator[str]:
    if argument == STDIN:
        yield STDIN
        return
    path = Path(argument)
    try:
        folder, there = path.is_dir(), path.exists()
    except OSError as error:  # longer than any name of a file
        raise _unreadable(argument, error) from None
    if folder:
        yield from _below(path)
    elif argument.endswith(_TEMPLATE):
        raise UsageError(
            f"{paths.printable(argument)} is a template: only an environment gives it values",
            hint="reconciler validate ENVIRONMENT",
        )
    elif not there:
        raise RepositoryError(
            "there is no such file or folder",
            hint="the name of an environment has no slash and no ending",
            where=paths.printable(argument),
        )
    else:
        yield str(path)


def _below(folder: Path) -> Iterator[str]:
    count = 0
    for above, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(above, name)
            if name.startswith(".") or not name.endswith((*_MANIFESTS, f".yaml{_TEMPLATE}")):
                continue
            if path.is_symlink() or not path.is_file():
                continue
            count += 1
            if count > paths.MAX_FILES:
                raise paths.too_many(str(folder))
            yield str(path)


def _raise(error: OSError) -> None:
    raise _unreadable(str(error.filename), error)


def _content(path: str, stdin: BinaryIO) -> bytes:
    """The bytes of a file, or one more than are read of any."""
    try:
        if path == STDIN:
            return stdin.read(paths.MAX_BYTES + 1)
        with Path(path).open("rb") as file:
            return file.read(paths.MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: OSError) -> RepositoryError:
    return RepositoryError(f"cannot be read: {error.strerror}", where=paths.printable(path[:200]))


def _readable(content: bytes) -> str:
    """What can be read of a file that is not UTF-8, UTF-16 above all."""
    return content.replace(b"\x00", b"").decode("ascii", errors="replace")
