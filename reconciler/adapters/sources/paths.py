"""What both sources agree on: paths inside of the repository, and texts that are fit to read."""

from __future__ import annotations

from reconciler.errors import RepositoryError, UnfitFile

MAX_BYTES = 10 * 1024 * 1024  # of one file
MAX_FILES = 20_000  # below one folder


def checked(path: str) -> str:
    """A path of the repository as it is.

    Raises:
        RepositoryError: it is absolute, or leads out of the repository.
    """
    if path.startswith("/") or "\\" in path or "\x00" in path or ".." in path.split("/"):
        raise RepositoryError("a path must stay inside of the repository", where=printable(path))
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def decoded(path: str, content: bytes) -> str:
    """The text of a file, without a byte order mark; lines that end as on an old Mac are lines.

    Raises:
        UnfitFile: not UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        reason = "is not UTF-8" + (" but UTF-16" if utf16 else "")
        # from None: the error holds the bytes
        raise UnfitFile(printable(path), reason, line=line, hint="save it as UTF-8") from None
    return text if "\n" in text else text.replace("\r", "\n")


def too_large(path: str) -> UnfitFile:
    return UnfitFile(printable(path), f"is larger than {MAX_BYTES // 1024 // 1024} MiB")


def too_many(folder: str) -> RepositoryError:
    return RepositoryError(
        f"more than {MAX_FILES} files in {printable(folder)}", where=printable(folder)
    )


def link(path: str) -> RepositoryError:
    return RepositoryError(
        f"{printable(path)} is a symbolic link",
        hint="put the file itself there: nothing outside of the repository is read",
        where=printable(path),
    )


def submodule(path: str) -> RepositoryError:
    return RepositoryError(
        f"{printable(path)} is a submodule",
        hint="put the files themselves there: nothing outside of the repository is read",
        where=printable(path),
    )


def printable(path: str) -> str:
    """A path for people: control characters escaped."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in path)
