"""The entry about settings that a revision changes and that a trusted revision decides; it is the first of a report."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.run import EnvironmentRun
from reconciler.model.trust import SettingChange
from reconciler.reports._entries import Entry, FieldLine, Level
from reconciler.reports._words import literal


def about_settings(environment: EnvironmentRun) -> Iterator[Entry]:
    """Nothing without `--trust`, or if the settings are equal."""
    trust = environment.trust
    if trust is None:
        return
    base = literal(trust.base.short)
    if trust.is_new:
        yield Entry(
            "NEW HERE",
            Level.LOOK,
            f"environment {literal(environment.name)}",
            sentences=(f"{base} does not have it, so it was only validated, without a cluster",),
        )
    elif trust.ignored:
        yield Entry(
            "SETTINGS",
            Level.LOOK,
            f"of {literal(environment.name)}, which decide where and how it is applied",
            fields=tuple(map(_field, trust.ignored)),
            sentences=(f"this report uses those of {base}; a merge changes them",),
        )


def _field(change: SettingChange) -> FieldLine:
    sign = "~" if change.base and change.head else "+" if change.head else "-"
    return FieldLine(sign, change.key, change.base, change.head, names=("base ", "here "))
