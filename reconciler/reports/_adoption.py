"""What reports say about objects and fields that an apply takes over from other field managers."""

from __future__ import annotations

from reconciler.model.change import Change, State
from reconciler.model.difference import FieldDifference, Why
from reconciler.report import Style
from reconciler.reports._words import listed, literal, written_by


def adopts(change: Change) -> str:
    """Whose fields become ours; "" for nobody's."""
    if change.adopted_from:
        return f"takes over the fields of {listed(map(literal, change.adopted_from))}"
    return "it exists, and git has not applied it yet" if change.state is State.ADOPTED else ""


def gives_up(change: Change) -> bool:
    """Whether the live object has values of others that the adoption replaces or removes."""
    return any(difference.why is Why.ADOPT for difference in change.differences)


def adoption_note(difference: FieldDifference, style: Style) -> str:
    """Who owns a field until it is adopted, and what happens to it."""
    writer = written_by(difference.by, style)
    return f"{writer}; git lacks it" if difference.predicted.text is None else writer
