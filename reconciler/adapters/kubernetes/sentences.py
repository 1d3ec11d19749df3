"""Words of a server, made fit for a terminal and a report."""

from __future__ import annotations

from reconciler.ports import Redactor

LONGEST = 300  # characters of one sentence


def sentence(text: object, redactor: Redactor, limit: int = LONGEST) -> str:
    """One line without secrets and control characters, of bounded length; "" for what is no text."""
    if not isinstance(text, str):
        return ""
    # Redacted whole: half a secret, or one with an escape inside, would not be recognised.
    line = "".join(_escaped(char) for char in redactor.clean(text).strip())
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def _escaped(char: str) -> str:
    if char.isprintable():  # False for line breaks, terminal controls, and the bidirectional ones
        return char
    return " " if char in "\n\t" else char.encode("unicode_escape").decode()
