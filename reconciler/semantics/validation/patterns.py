"""Go's regular expressions. The only user of google-re2, which has Go's syntax and takes time linear in the text."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def search(pattern: str, text: str) -> bool | None:
    """Whether a pattern matches anywhere in a text.

    None: RE2 does not accept the pattern. It is no Go pattern, or compiles to more than the 8 MiB that RE2 allows.
    Or the search might take seconds, which no signal could end.
    """
    regex = _compiled(pattern) if len(pattern) <= _LONGEST else None
    encoded = text.encode("utf-8", "surrogatepass")
    if regex is None or regex.programsize * len(encoded) > _MAX_WORK:
        return None
    return regex.search(encoded) is not None


_LONGEST = 100_000  # characters of a pattern
_MAX_WORK = 100_000_000  # instructions of the compiled pattern, times bytes of the text


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> Any:
    import re2  # type: ignore[import-untyped]  # it has no types

    options = re2.Options()
    options.log_errors = False  # on stderr
    options.never_capture = True
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError):
        return None
