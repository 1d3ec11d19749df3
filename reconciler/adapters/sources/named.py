"""Reads the manifest files that a command line names, inside or outside a repository."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from reconciler.adapters.sources import paths
from reconciler.errors import RepositoryError, UnusableFile, UsageError
from reconciler.frozen import dataclass
from reconciler.model.command import Invocation
from reconciler.model.environment import SourceFile
from reconciler.model.finding import Finding, unusable_file

STDIN = "-"
_MANIFESTS = (".yaml", ".yml", ".json")
_TEMPLATE = ".j2"
_LARGE = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """The files that were read, and those that were not.

    Attributes:
        findings: on relevant files that are not text.
        templates: files in folders that only an environment can render.
        unread: other files that are not text.
        large: files of more than a megabyte that are not relevant.
    """

    files: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]
    templates: tuple[str, ...]
    unread: tuple[str, ...]
    large: tuple[str, ...] = ()


def looks_like_file(argument: str) -> bool:
    """Whether an argument is a path rather than the name of an environment."""
    return (
        argument == STDIN
        or "/" in argument
        or os.sep in argument
        or argument.endswith((*_MANIFESTS, _TEMPLATE))
    )


def read_named(
    arguments: Iterable[str], stdin: BinaryIO, is_relevant: Callable[[str], bool]
) -> NamedFiles:
    """Read files, folders (recursively, without links and hidden files) and stdin.

    Args:
        is_relevant: whether a text may contain an object to validate. If such a file is not text, that is a finding.

    Raises:
        UsageError: an argument is a template.
        RepositoryError: a file does not exist, or cannot be read.
    """
    templates: list[str] = []
    large: list[str] = []
    contents: dict[str, bytes] = {}
    for argument in arguments:
        for path in _paths(argument):
            if path.endswith(_TEMPLATE):
                templates.append(path)
            elif path not in contents:
                content = _content(path, stdin)
                # Neither kept nor parsed: a folder may contain hundreds of large files.
                if len(content) > _LARGE and not is_relevant(_ascii_of(content)):
                    large.append(path)
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
        except UnusableFile as error:
            if is_relevant(_ascii_of(content)):
                findings.append(unusable_file(shown, error))
            else:
                unread.append(shown)
    return NamedFiles(tuple(files), tuple(findings), tuple(templates), tuple(unread), tuple(large))


def _paths(argument: str) -> Iterator[str]:
    if argument == STDIN:
        yield STDIN
        return
    path = Path(argument)
    try:
        is_folder, exists = path.is_dir(), path.exists()
    except OSError as error:  # longer than a file name may be
        raise _unreadable(argument, error) from None
    if is_folder:
        yield from _below(path)
    elif argument.endswith(_TEMPLATE):
        raise UsageError(
            f"{paths.printable(argument)} is a template: only an environment gives it values",
            hint=Invocation().command("validate", "ENVIRONMENT"),
        )
    elif not exists:
        raise RepositoryError(
            "there is no such file or folder",
            hint="the name of an environment has no slash and no file extension",
            where=paths.printable(argument),
        )
    else:
        yield str(path)


def _below(folder: Path) -> Iterator[str]:
    count = 0
    for parent, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if name.startswith(".") or not name.endswith((*_MANIFESTS, f".yaml{_TEMPLATE}")):
                continue
            if path.is_symlink() or not path.is_file():
                continue
            count += 1
            if count > paths.MAX_FILES:
                raise paths.too_many_files(str(folder))
            yield str(path)


def _raise(error: OSError) -> None:
    raise _unreadable(str(error.filename), error)


def _content(path: str, stdin: BinaryIO) -> bytes:
    """The bytes of a file; of a file above the limit, one more byte than it allows."""
    try:
        if path == STDIN:
            return stdin.read(paths.MAX_BYTES + 1)
        with Path(path).open("rb") as file:
            return file.read(paths.MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: OSError) -> RepositoryError:
    return RepositoryError(f"cannot be read: {error.strerror}", where=paths.printable(path[:200]))


def _ascii_of(content: bytes) -> str:
    """The ASCII characters of a file in any encoding, UTF-16 above all."""
    return content.replace(b"\x00", b"").decode("ascii", errors="replace")
