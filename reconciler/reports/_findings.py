"""Findings as a compiler prints them; one that several environments share is printed once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.run import EnvironmentRun
from reconciler.reports._words import clean, short
from reconciler.text.caret import excerpt

_INDENT = "   "


@dataclass(frozen=True, slots=True)
class Finding:
    diagnostic: Diagnostic
    environments: tuple[str, ...]


def together(environments: tuple[EnvironmentRun, ...]) -> tuple[Finding, ...]:
    """All findings, errors first, then by place."""
    seen: dict[Diagnostic, list[str]] = {}
    for environment in environments:
        for diagnostic in environment.diagnostics:
            names = seen.setdefault(diagnostic, [])
            if environment.name not in names:
                names.append(environment.name)
    severities = list(Severity)
    ranked = sorted(seen, key=lambda d: (severities.index(d.severity), d.sort_key))
    return tuple(Finding(diagnostic, tuple(seen[diagnostic])) for diagnostic in ranked)


def headline(diagnostic: Diagnostic) -> tuple[str, str, str]:
    """Place, `error[CODE]` and message."""
    mark = f"{diagnostic.severity}[{clean(diagnostic.code)}]"
    return clean(str(diagnostic.where)), mark, short(diagnostic.message, 2000)


def details(finding: Finding, *, several: bool) -> Iterator[str]:
    """The lines below the headline: source and caret, object and field, help, environments."""
    found = finding.diagnostic
    yield from map(clean, excerpt(found.where, found.source))
    places = [str(found.ref or ""), found.path, *(f"from {place}" for place in found.also)]
    if any(places):
        yield _INDENT + clean(", ".join(place for place in places if place))
    if found.hint:
        yield f"{_INDENT}help: {clean(found.hint)}"
    if several:
        yield f"{_INDENT}in: {clean(', '.join(finding.environments))}"
