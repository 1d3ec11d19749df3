"""What reports say about fields that `policy.ignore` leaves to others."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.change import Change
from reconciler.model.run import EnvironmentRun
from reconciler.report import Style
from reconciler.reports._words import count, listed, literal


def ignored(change: Change, style: Style) -> Iterator[str]:
    """A sentence about fields that decide where prompts and keys go; with -v also one about the others."""
    deciding = [field for field in change.ignored if field.decides]
    others = [field for field in change.ignored if not field.decides and style.verbose]
    for fields, why in ((deciding, "; it decides where prompts and keys go"), (others, "")):
        names = [f"{literal(field.shown_path)} to {literal(field.manager)}" for field in fields]
        if names:
            yield f"policy.ignore leaves {listed(names)}{why}"


def tally(environment: EnvironmentRun) -> str:
    """`2 ignored fields`; "" for none."""
    number = sum(len(change.ignored) for change in environment.changes)
    return count(number, "ignored field") if number else ""
