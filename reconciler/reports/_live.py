"""Entries about live objects that the policy judges: forbidden values, and objects that nobody manages."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.applyset import TOOL
from reconciler.model.identity import Names, ObjectRef
from reconciler.model.live import LiveFinding, UnmanagedObject
from reconciler.model.run import EnvironmentRun
from reconciler.report import Style
from reconciler.reports._changes import name_of
from reconciler.reports._entries import Entry, Level, names_in
from reconciler.reports._words import literal, written_by


def about_live(environment: EnvironmentRun, style: Style) -> Iterator[Entry]:
    """One entry for each object of ours with a forbidden value, and one for each unmanaged object."""
    names = names_in(environment)
    by_object: dict[ObjectRef, list[LiveFinding]] = {}
    for finding in environment.live_findings:
        by_object.setdefault(finding.ref, []).append(finding)
    for ref, findings in by_object.items():
        yield _entry("FORBIDDEN", ref, findings, names, style)
    for unmanaged in environment.unmanaged:
        yield _unmanaged(unmanaged, names, style)


def _entry(
    label: str, ref: ObjectRef, findings: list[LiveFinding], names: Names, style: Style
) -> Entry:
    return Entry(
        label=label,
        level=Level.BAD,
        subject=name_of(ref, names),
        owners=(ref,),
        essential=tuple(
            f"{literal(each.path)}, {written_by(each.by, style)}: {literal(each.message)}"
            for each in findings
        ),
        actions=tuple(("fix", literal(each.hint)) for each in findings if each.hint),
    )


def _unmanaged(unmanaged: UnmanagedObject, names: Names, style: Style) -> Entry:
    entry = _entry("UNMANAGED", unmanaged.ref, list(unmanaged.findings), names, style)
    by = written_by(unmanaged.by, style)
    if unmanaged.by and unmanaged.by.manager == TOOL:
        by = f"{by}; the record has no such object, and anyone can use this name"
    bad = unmanaged.fails or unmanaged.findings
    return Entry(
        label=entry.label,
        level=Level.BAD if bad else Level.QUIET,
        subject=entry.subject,
        owners=entry.owners,
        essential=entry.essential,
        sentences=(f"not in git and not ours; created {by}",),
        actions=entry.actions,
    )
