"""GitHub-flavoured Markdown that no data can break out of: data stands in code spans and fences, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from reconciler.reports._words import clean, short, with_literals

_TICKS = re.compile(r"`+")
_LONGEST_SPAN = 200  # characters of data in running text; fences take more


def span(text: str) -> str:
    """A code span. Nothing inside is a link, a mention, an image, HTML or the end of a table cell."""
    text = short(text, _LONGEST_SPAN).replace("|", "\\u007c")
    if not text.strip():
        return "(empty)"
    ticks = "`" * (_longest_run(text) + 1)
    edge = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{ticks}{edge}{text}{edge}{ticks}"


def prose(sentence: str) -> str:
    """A sentence of `_words`, its data in code spans."""
    return with_literals(sentence, span)


def fence(lines: Iterable[str], language: str) -> str:
    """A fenced block; every line is one line, whatever it holds."""
    body = [clean(line) for line in lines]
    ticks = "`" * max(3, *(_longest_run(line) + 1 for line in body))
    return "\n".join([ticks + language, *body, ticks])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are prose already: `span` leaves no pipe in them."""
    lines = [head, ["-"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def folded(summary: str, *blocks: str) -> str:
    """A block that is closed at first. The summary stands in HTML: words of ours only, no data."""
    return "\n\n".join([f"<details><summary>{summary}</summary>", *blocks, "</details>"])


def comment(text: str) -> str:
    """A hidden line that a machine finds again."""
    return f"<!-- {quote(text, safe=':')} -->"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)
