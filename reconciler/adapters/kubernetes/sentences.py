"""Text of a server, made fit for a terminal and a report."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reconciler.ports import Redactor
from reconciler.text.foreign import masked_text
from reconciler.text.keylike import is_object_name, pattern_of

LONGEST = 300  # characters of one sentence
_READ = (
    256 * 1024
)  # characters; the masks look at each several times, and cutting first could cut a secret


def sentence(
    text: object, redactor: Redactor, limit: int = LONGEST, names: Iterable[str] = ()
) -> str:
    """One line without secrets and control characters, of bounded length; "" for what is no text.

    Args:
        names: of what was asked for; they stay although a part of them may look like a key.
    """
    if not isinstance(text, str):
        return ""
    if len(text) > _READ:
        return f"a text of {len(text)} characters, which is not shown"
    # Masked whole: half a secret, or one with an escape inside, would not be recognised.
    exempt = pattern_of(filter(is_object_name, names))
    joined = re.sub(r"\s*[\n\t]\s*", " ", masked_text(redactor.clean(text), exempt).strip())
    line = "".join(c if c.isprintable() else _escape(c) for c in joined)
    if len(line) <= limit:
        return line
    # Not within a word: it may be a secret that is known only later, and its half would not be recognised.
    words, space, _ = line[: limit - 3].rpartition(" ")
    return f"{words}{space}..."


def _escape(char: str) -> str:
    """Terminal controls, and the bidirectional ones that make a line read as another."""
    return char.encode("unicode_escape").decode()
