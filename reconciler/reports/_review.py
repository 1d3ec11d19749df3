"""Entries about a plan that is out of date: what is no longer as it was reviewed."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.run import EnvironmentRun
from reconciler.report import Style
from reconciler.reports._changes import name_of
from reconciler.reports._entries import Entry, Level, names_in
from reconciler.reports._words import literal, written_by


def about_review(environment: EnvironmentRun, style: Style) -> Iterator[Entry]:
    """One entry for each difference from the plan to which an apply was held; none if it did that plan."""
    names = names_in(environment)
    for moved in environment.moved:
        subject = name_of(moved.ref, names) if moved.ref else literal(environment.reviewed)
        yield Entry(
            label="STALE PLAN",
            level=Level.BAD,
            subject=subject,
            owners=(moved.ref,) if moved.ref else (),
            sentences=(f"last written {written_by(moved.by, style)}",) if moved.by else (),
            quoted=(moved.how,),
        )
