"""Explains syntax errors of templates and locates them: Jinja itself reports at most a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from jinja2 import TemplateSyntaxError

from reconciler.adapters.jinja.finding import TemplateFinding
from reconciler.adapters.jinja.instrument import tokens
from reconciler.adapters.jinja.sandbox import Sandbox
from reconciler.model.location import Location
from reconciler.text.suggest import did_you_mean

_BLOCKS = ("for", "if", "macro", "call", "filter", "set", "block", "with", "autoescape")
_TAGS = (*_BLOCKS, "else", "elif", "include", "import", "from", "extends", "raw", "do")
# Parts of Jinja's messages.
_NO_SUCH = re.compile(r"No (filter|test) named '([^']*)'")
_NO_TAG = re.compile(r"unknown tag '([^']*)'")
_INNERMOST = re.compile(r"innermost block that needs to be closed is '([^']*)'")
_CHARACTER = re.compile(r"""unexpected char (['"])(.*)\1 at \d+""")
_UNEXPECTED = re.compile(r"(?:got|^unexpected) '([^']+)'")
_WRITTEN = {"end of print statement": "}}", "end of statement block": "%}"}
_FORM = "an expression is `{{ ... }}`, a statement `{% ... %}`"
_FOREIGN = {
    "&": "write `and`",
    "?": "write `a if condition else b`",
    "!": "write `not`",
    "$": "a value is `values.name`",
}
# A part of Jinja's message; what is never closed; our hint; the token that begins it.
_UNCLOSED = (
    ("end of comment", "comment", "write `{# ... #}`", "comment_begin"),
    ("end of raw", "`raw`", "add `{% endraw %}`", "raw_begin"),
    ("end of template, expected 'end of print", "expression", _FORM, "variable_begin"),
    ("unexpected end of template", "statement", _FORM, "block_begin"),
)

_Tokens: TypeAlias = list[tuple[Location, str, str]]


def explain_syntax(error: TemplateSyntaxError, sandbox: Sandbox) -> TemplateFinding:
    """The finding for a syntax error, with the location or the word to mark."""
    text, name = error.message or "not valid", error.name or ""
    no_such = _NO_SUCH.search(text)
    if no_such:
        kind, word = no_such.groups()
        known = sandbox.filters if kind == "filter" else sandbox.tests
        return _finding(f"there is no {kind} `{word}`", did_you_mean(word, known), word=word)
    source = sandbox.source(name)
    template = list(tokens(sandbox.lexer, source, name))
    return (
        _wrong_tag(text, template)
        or _never_closed(text, template)
        or _unexpected_token(text, template, source, error.lineno)
    )


def _finding(
    message: str, hint: str = "", location: Location | None = None, word: str = ""
) -> TemplateFinding:
    return TemplateFinding("J001", message, hint, word, location=location)


def _wrong_tag(text: str, template: _Tokens) -> TemplateFinding | None:
    match = _NO_TAG.search(text)
    if match is None:
        return None
    tag, inner = match[1], _INNERMOST.search(text)
    if tag not in ("else", "elif") and tag.removeprefix("end") not in _BLOCKS:
        return _finding(f"there is no tag `{tag}`", did_you_mean(tag, _TAGS), word=tag)
    if inner is None:
        return _finding(f"`{tag}` without an open block", word=tag)
    opening = _opening(template, inner[1])
    where = f" of line {opening.line}" if opening else ""
    message = f"`{tag}` does not belong to the `{inner[1]}`{where}, which is still open"
    return _finding(message, f"close it first: `{{% end{inner[1]} %}}`", word=tag)


def _never_closed(text: str, template: _Tokens) -> TemplateFinding | None:
    """The finding has the location at which the open part begins."""
    inner = _INNERMOST.search(text)
    if inner:
        message, hint = f"this `{inner[1]}` is never closed", f"add `{{% end{inner[1]} %}}`"
        return _finding(message, hint, _opening(template, inner[1]))
    for part, kind, hint, begin in _UNCLOSED:
        if part in text:
            return _finding(f"this {kind} is never closed", hint, _last(template, begin))
    return None


def _unexpected_token(text: str, template: _Tokens, source: str, line: int) -> TemplateFinding:
    stop, _, character = template[-1] if template and not template[-1][1] else (None, "", "")
    odd = _CHARACTER.search(text)
    if odd and character in ("'", '"'):
        return _finding("a quote is never closed", "close it", stop)
    if odd:
        return _finding(f"unexpected `{odd[2]}`", _FOREIGN.get(odd[2], ""), stop)
    for token, written in _WRITTEN.items():
        text = text.replace(token, written)
    match = _UNEXPECTED.search(text)
    word = match[1] if match else ""
    message = text.rstrip(".").replace("'", "`")
    hint = _FORM if set(word) & set("{}%") or "`}}`" in message or "`%}`" in message else ""
    # The lexer stopped at the word; otherwise the parser rejected it, and only its line is known.
    location = stop if character and word == character else None
    rows = source.split("\n")
    if location is None and not (0 < line <= len(rows) and rows[line - 1].count(word) == 1):
        word = ""  # it is not known which occurrence
    return _finding(message[:1].lower() + message[1:], hint, location, word)


def _opening(template: _Tokens, name: str) -> Location | None:
    """Where the innermost open block of that name begins, at the end or at the first tag that closes no open block."""
    stack: list[tuple[str, Location]] = []
    for tag, location in _tags(template):
        block = tag.removeprefix("end")
        if tag in _BLOCKS:
            stack.append((tag, location))
        elif tag != block:
            while stack and stack[-1][0] == "set" != block:
                stack.pop()  # `{% set x = 1 %}` opens no block
            if not stack or stack[-1][0] != block:
                break
            stack.pop()
    return next((location for tag, location in reversed(stack) if tag == name), None)


def _tags(template: _Tokens) -> Iterator[tuple[str, Location]]:
    begin: Location | None = None
    for location, kind, value in template:
        if kind == "block_begin":
            begin = location
        elif kind == "name" and begin is not None:
            yield value, begin
            begin = None


def _last(template: _Tokens, kind: str) -> Location | None:
    return next((location for location, k, _ in reversed(template) if k == kind), None)
