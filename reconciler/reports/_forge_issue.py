"""The issue of an environment on a forge: the report in Markdown, and what was delivered of it.

The issue itself remembers what it has told: a line of its body, which no forge shows. A run that adds nothing to that
changes nothing, whoever else ran meanwhile.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Final

from reconciler.model.document import Json, JsonObject, parsed
from reconciler.model.run import Run
from reconciler.report import Style
from reconciler.reports._gfm import comment
from reconciler.reports._news import DIGEST, LAST, Topic, is_overtaken, news
from reconciler.reports._verdict import view
from reconciler.reports._words import clean, plain, short
from reconciler.reports.markdown import FORMAT

LONGEST_TITLE: Final = 200  # characters
_STATE: Final = "<!-- reconciler-state:"
_LONGEST_STATE: Final = 4_000  # characters
_LARGEST_STATE: Final = 256 * 1024  # bytes, unpacked
_MESSAGE: Final = 160  # characters of a message that the state keeps, to compare what it is about


def issue_marker(run: Run) -> str:
    """The first line of the issue of an environment. A drift and an apply have different ones."""
    (environment,) = run.environments
    return comment(f"reconciler:issue:{run.verb.name}:{environment.name}").replace("%3A", ":")


def has_later(before: str, run: Run, now: str) -> bool:
    """Whether an issue with this text has told of a run that ended later."""
    _, finished = _state_in(before)
    return is_overtaken(run, finished, now)


def issue_of(
    run: Run, before: str, *, is_open: bool, now: str = ""
) -> tuple[str, str, bool] | None:
    """The title and text of the issue of a run over one environment, and whether it is open; None without news.

    Args:
        before: the text of the issue so far, "" for none.
        now: RFC 3339; without it, the time that the text remembers may be any.
    """
    (environment,) = run.environments
    topic = f"{run.verb.name} {environment.name}"
    if has_later(before, run, now):
        return None
    packed, _ = _state_in(before)
    fresh = news(run, {topic: _unpacked(packed)})
    current = {key: _kept(issue) for key, issue in fresh.state[topic].items() if key != LAST}
    needed = bool(current)
    left_closed = bool(before) and needed and not is_open  # by hand: only news open it again
    if not (before or needed):
        return None
    state = _packed(current)
    if _digests(state) == _digests(packed) and (needed == is_open or left_closed):
        return None
    shown = view(run, environment, Style())
    title = short(f"{run.verb.name} {clean(shown.name)}: {plain(shown.verdict)}", LONGEST_TITLE)
    _, _, report = FORMAT.render(run, Style(invocation=run.invocation)).partition("\n")
    ended = "".join(run.finished.split())
    return title, f"{issue_marker(run)}\n{_STATE} {state} {clean(ended)} -->\n{report}", needed


def _kept(issue: JsonObject) -> JsonObject:
    """An issue of the report as the state keeps it: what it is about, and a digest that tells a change."""
    message = str(issue.get("message", ""))[:_MESSAGE]
    return {"message": message, "code": issue.get("code", ""), DIGEST: issue.get(DIGEST, "")}


def _digests(packed: str) -> dict[str, Json]:
    """Digests that tell one state from another, without the commands that differ in each run."""
    return {key: issue.get(DIGEST) for key, issue in _unpacked(packed).items()}


def _packed(state: Topic) -> str:
    """The delivered issues, as many as fit; the rest count as news again."""
    kept = sorted(state.items())
    while True:
        text = json.dumps(dict(kept), separators=(",", ":"))
        packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
        if len(packed) <= _LONGEST_STATE:
            return packed
        kept = kept[: len(kept) * 3 // 4]


def _state_in(body: str) -> tuple[str, str]:
    """The packed state in the text of an issue, which somebody may have edited, and when its run ended; "" for none."""
    line = next((line for line in body.splitlines()[:2] if line.startswith(_STATE)), "")
    packed, *more = line.removeprefix(_STATE).removesuffix("-->").split() or [""]
    return packed, more[0] if more else ""


def _unpacked(packed: str) -> Topic:
    """What was delivered; nothing if it cannot be read."""
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(base64.b64decode(packed), _LARGEST_STATE)
        state: Json = parsed(text)
    except (ValueError, zlib.error):
        return {}
    if not isinstance(state, dict):
        return {}
    return {key: issue for key, issue in state.items() if isinstance(issue, dict)}
