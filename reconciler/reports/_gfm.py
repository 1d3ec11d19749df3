"""GitHub-flavoured Markdown that data cannot break out of: all data is in code spans and fences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from reconciler.reports._words import clean, short, with_literals

_TICKS = re.compile(r"`+")
_LONGEST_SPAN = 200  # characters of data in a sentence; fences may have more


def span(text: str) -> str:
    """A code span, in which no link, mention, image, HTML or end of a table cell takes effect."""
    text = short(text, _LONGEST_SPAN).replace("|", "\\u007c")
    if not text.strip():
        return "(empty)"
    ticks = "`" * (_longest_run(text) + 1)
    edge = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{ticks}{edge}{text}{edge}{ticks}"


def prose(sentence: str) -> str:
    """A sentence of `_words` with its data in code spans."""
    return with_literals(sentence, span)


def fence(lines: Iterable[str], language: str) -> str:
    """A fenced block, in which each element of `lines` is exactly one line."""
    body = [clean(line) for line in lines]
    ticks = "`" * max(3, *(_longest_run(line) + 1 for line in body))
    return "\n".join([ticks + language, *body, ticks])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that `prose` or `span` made, so that they contain no pipe."""
    lines = [head, ["-"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def folded(summary: str, *blocks: str) -> str:
    """A collapsed block. The summary is in HTML, so it must not contain data."""
    return "\n\n".join([f"<details><summary>{summary}</summary>", *blocks, "</details>"])


def comment(text: str) -> str:
    """A hidden line, as a marker for machines."""
    return f"<!-- {quote(text, safe=':')} -->"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)
