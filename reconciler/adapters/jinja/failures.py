"""Where a template failed: the line by the traceback, the column by the words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from jinja2 import TemplateSyntaxError

from reconciler.adapters.jinja.sandbox import Refusal, Sandbox
from reconciler.adapters.jinja.words import Words, missing_member, words
from reconciler.adapters.jinja.woven import Path, Place
from reconciler.model.path import at

_CHAIN = 10  # callers that are named


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a template did not render.

    Attributes:
        chain: the templates and lines that led here, outermost first.
        values: path of the mapping of the values in which something was looked for.
        wanted: path of the value that is not there.
    """

    code: str
    message: str
    hint: str
    place: Place
    length: int = 0
    chain: tuple[Place, ...] = ()
    values: Path = ()
    wanted: Path = ()


def failure(error: BaseException, sandbox: Sandbox, template: str) -> Failure:
    """What is wrong with a template, by the exception that it ended with."""
    said = words(error, sandbox)
    message = said.message
    places = _frames(error.__traceback__)
    if isinstance(error, TemplateSyntaxError):
        places.append(Place(error.name or template, error.lineno, 0))
    if isinstance(error, Refusal) and not places:
        places.append(error.place)
    if isinstance(error, RecursionError):
        names = _cycle(places)
        if len(names) > 1:
            message += f": {' -> '.join(names)}"
        if not places:  # while it was read, not while it was at work
            message = "an expression, or a block, is nested too deep"
        places = places[:1]
    places = places or [Place(template, 0, 0)]
    place, length = (said.place, 0) if said.place else _column(places[-1], sandbox, said)
    chain = tuple(places[:-1])[-_CHAIN:]
    return Failure(said.code, message, said.hint, place, length, chain, said.values, said.wanted)


def member_failure(
    line: Place, sandbox: Sandbox, values: Mapping[str, Any], wanted: Path
) -> Failure:
    """A value that a line of a template asks for, and that is not there."""
    path, keys = wanted[:-1], at(dict(values), wanted[:-1])
    said = missing_member(path, keys, str(wanted[-1]))
    place, length = _column(line, sandbox, said)
    return Failure(said.code, said.message, said.hint, place, length, (), path, wanted)


def _frames(trace: TracebackType | None) -> list[Place]:
    """The template lines of a traceback, outermost first."""
    places: list[Place] = []
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            line = template.get_corresponding_lineno(trace.tb_lineno)
            if not places or places[-1][:2] != (template.name, line):
                places.append(Place(template.name, line, 0))
        trace = trace.tb_next
    return places


def _cycle(places: list[Place]) -> list[str]:
    """`a -> b -> a`: the names of a traceback up to the first that returns."""
    names: list[str] = []
    for place in places:
        if not names or place.template != names[-1]:
            names.append(place.template)
            if names.count(place.template) > 1:
                break
    return names


def _column(place: Place, sandbox: Sandbox, said: Words) -> tuple[Place, int]:
    """The place of a word on its line; of the expression when the word is not to be found."""
    lines = sandbox.source(place.template).split("\n")
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    column = 0
    current = sandbox.marks.expressions[sandbox.current] if sandbox.current is not None else None
    if current and current[:2] == place[:2]:
        column = current.column
    for pattern in _patterns(said) if said.word else ():
        found = pattern.search(line, max(column - 1, 0)) or pattern.search(line)
        if found:
            return place._replace(column=found.start(1) + 1), len(said.word)
    return place._replace(column=column), 0


def _patterns(said: Words) -> Iterator[re.Pattern[str]]:
    """How a word may stand on a line, the surest first: `{% for key in values.key %}` holds it twice."""
    word = rf"({re.escape(said.word)})(?![\w-])"
    if said.member:
        owner = re.escape(str(said.values[-1] if said.values else "values"))
        member = rf"(?:\.|[\[(=]\s*['\"])\s*{word}"
        yield re.compile(rf"(?<![\w-]){owner}(?:['\"]\s*\])?\s*{member}")
        yield re.compile(member)
    yield re.compile(rf"(?<![\w.-]){word}")
    yield re.compile(rf"(?<![\w-]){word}")
