"""Marks every literal and every expression of a template with its exact place.

Jinja's syntax tree has lines only; its lexer gives every character back in order, so that the place of each token
can be counted. Both list literals and expressions in the order of the text.
"""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import TemplateSyntaxError, nodes
from jinja2.lexer import Lexer, newline_re

from reconciler.adapters.jinja.woven import TEXT, Piece, Place, Woven


class Marks:
    """The places of all templates of an environment, by number: compiled code carries the number."""

    def __init__(self) -> None:
        self.literals: list[Woven] = []
        self.expressions: list[Place] = []

    def apply(self, tree: nodes.Template, lexer: Lexer, source: str, name: str) -> None:
        places = list(_places(lexer, source, name))
        queue = iter(places)
        for output in tree.find_all(nodes.Output):
            output.nodes = [self._marked(child, name, queue) for child in output.nodes]

    def _marked(self, child: nodes.Expr, name: str, places: Iterator[Place]) -> nodes.Expr:
        at = next(places, Place(name, child.lineno, 0))
        if isinstance(child, nodes.TemplateData):
            self.literals.append(Woven((Piece(child.data, at, TEXT),)))
            return _call("literal", len(self.literals) - 1, child.lineno)
        self.expressions.append(at)
        number = len(self.expressions) - 1
        reading = _call("reading", number, child.lineno)
        written = _call("written", number, child.lineno)
        written.args = [reading, child, *written.args]
        return written


def _call(function: str, number: int, line: int) -> nodes.Call:
    target = nodes.EnvironmentAttribute(function, lineno=line)
    return nodes.Call(target, [nodes.Const(number, lineno=line)], [], None, None, lineno=line)


def _places(lexer: Lexer, source: str, name: str) -> Iterator[Place]:
    """Places of the literals and expressions of a template, in order."""
    for place, token, _ in tokens(lexer, source, name):
        if token in ("data", "variable_begin"):
            yield place


def tokens(lexer: Lexer, source: str, name: str) -> Iterator[tuple[Place, str, str]]:
    """Every token of a template with the place where it begins; at the end, or at what is no token, an empty one.

    Jinja counts lines only, but it gives every character back.
    """
    text = "\n".join(newline_re.split(source)[::2])
    offset, line, line_start = 0, 1, 0
    found = lexer.tokeniter(source, name)
    while True:
        try:
            _, token, value = next(found)
        except (StopIteration, TemplateSyntaxError):
            yield Place(name, line, offset - line_start + 1), "", text[offset : offset + 1]
            return
        # Only spaces that a `-` takes away stand between two tokens.
        start = text.find(value, offset)
        if start < 0:
            return
        breaks = text.count("\n", offset, start)
        if breaks:
            line += breaks
            line_start = text.rfind("\n", offset, start) + 1
        yield Place(name, line, start - line_start + 1), token, value
        breaks = value.count("\n")
        if breaks:
            line += breaks
            line_start = start + value.rfind("\n") + 1
        offset = start + len(value)
