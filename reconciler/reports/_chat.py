"""News for a chat: the body of an incoming webhook of Slack, and of one of Teams Workflows.

Both get the same lines. What others wrote is text there, and nothing else: no link, no mention, no format.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.document import JsonObject
from reconciler.model.run import Run
from reconciler.report import Style
from reconciler.reports._news import News, body_of
from reconciler.reports._verdict import view
from reconciler.reports._words import clean, count, plain, short

_SECTION: Final = (
    560  # characters before they are escaped; Slack refuses a section with more than 3,000
)
_LINES: Final = 40  # issues in one message; a message of Slack has at most 50 blocks
_MESSAGE: Final = 480  # characters of an issue
_TEAMS: Final = 25_000  # bytes; Teams refuses more than 28 KB


@dataclass(frozen=True, slots=True)
class _Line:
    """An issue, and the word before it."""

    word: str
    text: str


def slack_body(run: Run, fresh: News) -> str:
    """`text` for notifications, and `blocks`: a header, the verdicts, and a section for each issue."""
    head, verdicts = _head(run, fresh), _verdicts(run)
    header: JsonObject = {"type": "header", "text": _plain_text(head)}
    lines, left = _lines(fresh)
    sections = ["\n".join(verdicts), *(f"{line.word.upper()}  {line.text}" for line in lines)]
    sections += [f"and {left:,} more"] if left else []
    blocks = [header, *({"type": "section", "text": _plain_text(text)} for text in sections)]
    text = _escaped(short(f"{head}: {'; '.join(verdicts)}", _SECTION))
    quiet = {"mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
    return json.dumps({"text": text, "blocks": blocks, **quiet})


def teams_body(run: Run, fresh: News) -> str:
    """A message with one adaptive card. Its texts are runs of rich text, which Teams does not read as Markdown."""
    lines, left = _lines(fresh)
    while True:
        more = left + len(_lines(fresh)[0]) - len(lines)
        parts = [_rich(_head(run, fresh), bold=True), *(_rich(v) for v in _verdicts(run))]
        parts += [_rich(f"  {line.text}", before=line.word) for line in lines]
        parts += [_rich(f"and {more:,} more")] if more else []
        text = json.dumps(_card(parts))
        if len(text.encode()) <= _TEAMS or not lines:
            return text
        lines = lines[: len(lines) * 3 // 4]


def _card(parts: list[JsonObject]) -> JsonObject:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": parts,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {
        "type": "message",
        "attachments": [{"contentType": kind, "contentUrl": None, "content": card}],
    }


def _rich(text: str, *, before: str = "", bold: bool = False) -> JsonObject:
    word = [{"type": "TextRun", "text": before, "weight": "Bolder"}] if before else []
    weight = {"weight": "Bolder", "size": "Large"} if bold else {}
    return {
        "type": "RichTextBlock",
        "inlines": [*word, {"type": "TextRun", "text": text, **weight}],
    }


def _plain_text(text: str) -> JsonObject:
    shown = "\n".join(short(line, _SECTION) for line in text.split("\n"))
    return {"type": "plain_text", "text": _escaped(shown[:_SECTION]), "emoji": False}


def _escaped(text: str) -> str:
    """As Slack asks for it, so that nothing is a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _head(run: Run, fresh: News) -> str:
    numbers = (("new", fresh.began), ("changed", fresh.changed), ("resolved", fresh.ended))
    return f"reconciler {run.verb.name}: " + ", ".join(
        f"{len(each):,} {word}" for word, each in numbers if each
    )


def _verdicts(run: Run) -> list[str]:
    shown = [view(run, environment, Style()) for environment in run.environments[:_LINES]]
    lines = [f"{clean(each.name)}: {plain(each.verdict)}" for each in shown]
    left = len(run.environments) - len(shown)
    return [*lines, f"and {count(left, 'more environment')}"] if left else lines


def _lines(fresh: News) -> tuple[list[_Line], int]:
    """The first issues, and the number of the others."""
    every = [
        _Line(word, short(f"{issue['environment']}: {issue['message']}", _MESSAGE))
        for word, each in (
            ("new", fresh.began),
            ("changed", fresh.changed),
            ("resolved", fresh.ended),
        )
        for issue in each
    ]
    return every[:_LINES], max(0, len(every) - _LINES)


BODIES: Final[Mapping[str, Callable[[Run, News], str]]] = MappingProxyType(
    {"json": body_of, "slack": slack_body, "teams": teams_body}
)
