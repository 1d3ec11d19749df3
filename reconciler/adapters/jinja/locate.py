"""Locates the findings on a template: the traceback has the line, the word to mark has the column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any

from jinja2 import TemplateSyntaxError

from reconciler.adapters.jinja.explain import explain, missing_member
from reconciler.adapters.jinja.finding import RenderingError, TemplateFinding
from reconciler.adapters.jinja.pieces import Path
from reconciler.adapters.jinja.sandbox import Sandbox
from reconciler.model.location import Location
from reconciler.model.path import at

_CHAIN = 10  # callers that a finding names


def located_finding(error: BaseException, sandbox: Sandbox, template: str) -> TemplateFinding:
    """The finding for the exception that ended a template."""
    finding = explain(error, sandbox)
    frames = _frames(error.__traceback__)
    if isinstance(error, TemplateSyntaxError):
        frames.append(Location(error.name or template, error.lineno))
    if isinstance(error, RenderingError) and not frames:
        frames.append(error.location)
    if isinstance(error, RecursionError):
        names = _cycle(frames)
        if len(names) > 1:
            finding = replace(finding, message=f"{finding.message}: {' -> '.join(names)}")
        if not frames:  # Jinja was compiling, not rendering
            finding = replace(finding, message="an expression or a block is nested too deeply")
        frames = frames[:1]
    *callers, last = frames or [Location(template)]
    location = finding.location or _mark(last, sandbox, finding)
    return replace(finding, location=location, chain=tuple(callers[-_CHAIN:]))


def missing_value(
    line: Location, sandbox: Sandbox, values: Mapping[str, Any], missing: Path
) -> TemplateFinding:
    """The finding for a line of a template that reads a value that does not exist."""
    mapping = missing[:-1]
    finding = missing_member(mapping, at(dict(values), mapping), str(missing[-1]))
    return replace(finding, missing=missing, location=_mark(line, sandbox, finding))


def _frames(trace: TracebackType | None) -> list[Location]:
    """The template lines of a traceback, outermost first."""
    frames: list[Location] = []
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            line = Location(template.name, template.get_corresponding_lineno(trace.tb_lineno))
            if not frames or frames[-1] != line:
                frames.append(line)
        trace = trace.tb_next
    return frames


def _cycle(frames: list[Location]) -> list[str]:
    """`a -> b -> a`: the names of templates up to the first that repeats."""
    names: list[str] = []
    for frame in frames:
        if not names or frame.path != names[-1]:
            names.append(frame.path)
            if names.count(frame.path) > 1:
                break
    return names


def _mark(line: Location, sandbox: Sandbox, finding: TemplateFinding) -> Location:
    """The location of the word to mark on a line; of the expression when the line does not contain the word."""
    lines = sandbox.source(line.path).split("\n")
    text = lines[line.line - 1] if 0 < line.line <= len(lines) else ""
    column = 0
    if sandbox.current is not None:
        expression = sandbox.instrumentation.expressions[sandbox.current]
        if (expression.path, expression.line) == (line.path, line.line):
            column = expression.column
    for pattern in _patterns(finding) if finding.word else ():
        match = pattern.search(text, max(column - 1, 0)) or pattern.search(text)
        if match:
            return replace(line, column=match.start(1) + 1, length=len(finding.word))
    return replace(line, column=column)


def _patterns(finding: TemplateFinding) -> Iterator[re.Pattern[str]]:
    """Patterns for the word, the strictest first: `{% for key in values.key %}` contains it twice."""
    word = rf"({re.escape(finding.word)})(?![\w-])"
    if finding.member:
        owner = re.escape(str(finding.mapping[-1] if finding.mapping else "values"))
        member = rf"(?:\.|[\[(=]\s*['\"])\s*{word}"
        yield re.compile(rf"(?<![\w-]){owner}(?:['\"]\s*\])?\s*{member}")
        yield re.compile(member)
    yield re.compile(rf"(?<![\w.-]){word}")
    yield re.compile(rf"(?<![\w-]){word}")
