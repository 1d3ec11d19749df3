"""Findings as a compiler prints them; one that several environments share is printed once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.run import EnvironmentRun
from reconciler.reports._words import clean, short

_LONGEST_LINE = 160  # characters of a source line; the caret stays in sight


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
    if found.source and found.where.line:
        yield from _caret(found)
    places = [str(found.ref or ""), found.path, *(f"from {place}" for place in found.also)]
    if any(places):
        yield clean(", ".join(place for place in places if place))
    if found.hint:
        yield f"help: {clean(found.hint)}"
    if several:
        yield f"in: {clean(', '.join(finding.environments))}"


def _caret(found: Diagnostic) -> Iterator[str]:
    """The source line, cut around the place, and `^^^` below the marked text."""
    where = found.where
    start = max(where.column - 1, 0)
    first = max(0, start - _LONGEST_LINE // 2)
    shown = found.source[first : first + _LONGEST_LINE]
    margin = f"{where.line} | "
    yield margin + clean(shown).rstrip()
    if where.column:
        marked = shown[start - first : start - first + max(where.length, 1)]
        indent = _width(clean(shown[: start - first]))
        yield f"{'| ':>{len(margin)}}{' ' * indent}{'^' * max(_width(clean(marked)), 1)}"


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two, combining ones none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(bool(unicodedata.combining(c)) for c in text)
