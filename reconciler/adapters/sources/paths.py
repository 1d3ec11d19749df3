"""Rules of both sources: valid paths, readable texts, and the errors for everything else."""

from __future__ import annotations

from reconciler.errors import RepositoryError, UnusableFile

MAX_BYTES = 10 * 1024 * 1024  # of one file
MAX_FILES = 50_000  # below one folder


def normalized(path: str) -> str:
    """A path relative to the repository, without empty parts.

    Raises:
        RepositoryError: it is absolute, or leads out of the repository.
    """
    if path.startswith("/") or "\\" in path or "\x00" in path or ".." in path.split("/"):
        raise RepositoryError("a path must stay inside the repository", where=printable(path))
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def decoded(path: str, content: bytes) -> str:
    """The text of a file, without a byte order mark. A carriage return ends a line if the text has no line feed.

    Raises:
        UnusableFile: not UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        reason = "is not UTF-8" + (" but UTF-16" if utf16 else "")
        # from None, because the error contains the bytes
        raise UnusableFile(printable(path), reason, line=line, hint="save it as UTF-8") from None
    return text if "\n" in text else text.replace("\r", "\n")


def too_large(path: str) -> UnusableFile:
    return UnusableFile(printable(path), f"is larger than {MAX_BYTES // 1024 // 1024} MiB")


def too_many_files(folder: str) -> RepositoryError:
    return RepositoryError(
        f"more than {MAX_FILES} files in {printable(folder)}", where=printable(folder)
    )


def link_error(path: str) -> RepositoryError:
    return RepositoryError(
        f"{printable(path)} is a symbolic link",
        hint="replace it with the file itself: nothing outside the repository is read",
        where=printable(path),
    )


def submodule_error(path: str) -> RepositoryError:
    return RepositoryError(
        f"{printable(path)} is a submodule",
        hint="replace it with the files themselves: nothing outside the repository is read",
        where=printable(path),
    )


def printable(path: str) -> str:
    """A path for a message: characters that are not printable are escaped."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in path)
