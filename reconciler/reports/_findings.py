"""Findings as a compiler prints them: equal findings are printed once, with all their objects and environments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.frozen import dataclass
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import Names, ObjectRef
from reconciler.model.location import Location
from reconciler.model.run import EnvironmentRun
from reconciler.reports._entries import names_in
from reconciler.reports._words import clean, short
from reconciler.text.caret import excerpt

_INDENT = "   "


_OBJECTS = 3  # objects named; more are counted
_PLACES = 8


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Equal findings: `finding` has what they have in common, without objects and other locations."""

    finding: Finding
    environments: tuple[str, ...]
    objects: tuple[ObjectRef, ...]
    also: tuple[Location, ...]
    names: Names


def together(environments: tuple[EnvironmentRun, ...]) -> tuple[FindingGroup, ...]:
    """All findings in groups, errors first, then by location. One line of a template may render many objects."""
    groups: dict[Finding, list[tuple[str, Finding]]] = {}
    for environment in environments:
        for finding in environment.findings:
            common = replace(finding, ref=None, also=())
            groups.setdefault(common, []).append((environment.name, finding))
    severities = list(Severity)
    ranked = sorted(groups, key=lambda d: (severities.index(d.severity), d.sort_key))
    names = names_in(*environments)
    return tuple(_group(common, groups[common], names) for common in ranked)


def _group(common: Finding, occurrences: list[tuple[str, Finding]], names: Names) -> FindingGroup:
    return FindingGroup(
        common,
        tuple(dict.fromkeys(name for name, _ in occurrences)),
        tuple(dict.fromkeys(d.ref for _, d in occurrences if d.ref)),
        tuple(dict.fromkeys(place for _, d in occurrences for place in d.also)),
        names,
    )


def headline(finding: Finding) -> tuple[str, str, str]:
    """Location, `error[CODE]` and message."""
    mark = f"{finding.severity}[{clean(finding.code)}]"
    return clean(str(finding.where)), mark, short(finding.message, 2000)


def details(group: FindingGroup, *, several: bool) -> Iterator[str]:
    """The lines below the headline: source and caret, object and field, help, environments."""
    finding = group.finding
    yield from map(clean, excerpt(finding.where, finding.source))
    from_ = (f"from {place}" for place in group.also[:_PLACES])
    places = [named(group.objects, group.names), finding.path, *from_]
    if any(places):
        yield _INDENT + clean(", ".join(place for place in places if place))
    if finding.hint:
        yield f"{_INDENT}help: {clean(finding.hint)}"
    if several:
        yield f"{_INDENT}in: {clean(', '.join(group.environments))}"


def named(objects: tuple[ObjectRef, ...], names: Names) -> str:
    """`Provider omnia/a, omnia/b and 5 more`."""
    shown = [names.object(ref) for ref in objects[:_OBJECTS]]
    if len({ref.group_kind for ref in objects}) == 1:
        shown[1:] = [name.partition(" ")[2] for name in shown[1:]]
    more = len(objects) - _OBJECTS
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")
