"""What reports say about objects that somebody holds."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.change import Change
from reconciler.report import Style
from reconciler.reports._words import literal, written_by


def held(change: Change, style: Style) -> Iterator[str]:
    """Who put the object on hold, until when and why; no report leaves it out."""
    hold = change.hold
    if hold and not hold.problem:
        reason = f": {literal(hold.reason)}" if hold.reason else ", without a reason"
        yield f"held until {literal(hold.until)} {written_by(hold.by, style)}{reason}"
