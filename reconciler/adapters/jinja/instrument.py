"""Adds a call to every literal and every expression of a template, so that rendered text keeps exact locations.

Jinja's syntax tree has line numbers only. The lexer returns every character, so columns can be counted from its tokens,
and both the tree and the lexer list literals and expressions in the order of the text.
"""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import TemplateSyntaxError, nodes
from jinja2.lexer import Lexer, newline_re

from reconciler.adapters.jinja.pieces import TEXT, AnnotatedText, Piece
from reconciler.model.location import Location


class Instrumentation:
    """The literals and the locations of the expressions of all templates; compiled code refers to them by number."""

    def __init__(self) -> None:
        self.literals: list[AnnotatedText] = []
        self.expressions: list[Location] = []

    def apply(self, tree: nodes.Template, lexer: Lexer, source: str, name: str) -> None:
        locations = iter(list(_locations(lexer, source, name)))
        for output in tree.find_all(nodes.Output):
            output.nodes = [self._instrumented(child, name, locations) for child in output.nodes]

    def _instrumented(
        self, child: nodes.Expr, name: str, locations: Iterator[Location]
    ) -> nodes.Expr:
        location = next(locations, Location(name, child.lineno))
        if isinstance(child, nodes.TemplateData):
            self.literals.append(AnnotatedText((Piece(child.data, location, TEXT),)))
            return _call("literal", len(self.literals) - 1, child.lineno)
        self.expressions.append(location)
        number = len(self.expressions) - 1
        begin = _call("begin_expression", number, child.lineno)
        end = _call("end_expression", number, child.lineno)
        end.args = [begin, child, *end.args]
        return end


def _call(method: str, number: int, line: int) -> nodes.Call:
    """A call of a method of the sandbox."""
    target = nodes.EnvironmentAttribute(method, lineno=line)
    return nodes.Call(target, [nodes.Const(number, lineno=line)], [], None, None, lineno=line)


def _locations(lexer: Lexer, source: str, name: str) -> Iterator[Location]:
    """Locations of the literals and expressions of a template, in order."""
    for location, kind, _ in tokens(lexer, source, name):
        if kind in ("data", "variable_begin"):
            yield location


def tokens(lexer: Lexer, source: str, name: str) -> Iterator[tuple[Location, str, str]]:
    """Location, kind and text of every token of a template.

    The last one has the kind "" and the next character: "" at the end of the text, or the one that the lexer rejects.
    """
    text = "\n".join(newline_re.split(source)[::2])
    offset, line, line_start = 0, 1, 0
    stream = lexer.tokeniter(source, name)
    while True:
        try:
            _, kind, value = next(stream)
        except (StopIteration, TemplateSyntaxError):
            yield Location(name, line, offset - line_start + 1), "", text[offset : offset + 1]
            return
        # The lexer drops nothing between two tokens but white space that a `-` removes.
        start = text.find(value, offset)
        if start < 0:
            return
        breaks = text.count("\n", offset, start)
        if breaks:
            line += breaks
            line_start = text.rfind("\n", offset, start) + 1
        yield Location(name, line, start - line_start + 1), kind, value
        breaks = value.count("\n")
        if breaks:
            line += breaks
            line_start = start + value.rfind("\n") + 1
        offset = start + len(value)
