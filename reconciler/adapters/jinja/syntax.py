"""What Jinja cannot read, in plain words and with its place: Jinja itself knows a line at best."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError

from reconciler.adapters.jinja.positions import tokens
from reconciler.adapters.jinja.sandbox import Sandbox
from reconciler.adapters.jinja.woven import Place
from reconciler.text.suggest import did_you_mean

_BLOCKS = ("for", "if", "macro", "call", "filter", "set", "block", "with", "autoescape")
_TAGS = (*_BLOCKS, "else", "elif", "include", "import", "from", "extends", "raw", "do")
_NO_SUCH = re.compile(r"No (filter|test) named '([^']*)'")
_NO_TAG = re.compile(r"unknown tag '([^']*)'")
_INNERMOST = re.compile(r"innermost block that needs to be closed is '([^']*)'")
_CHARACTER = re.compile(r"""unexpected char (['"])(.*)\1 at \d+""")
_FOUND = re.compile(r"(?:got|^unexpected) '([^']+)'")
_WRITTEN = {"end of print statement": "}}", "end of statement block": "%}"}
_FORM = "an expression is `{{ ... }}`, a statement `{% ... %}`"
_FOREIGN = {
    "&": "write `and`",
    "?": "write `a if condition else b`",
    "!": "write `not`",
    "$": "a value is `values.name`",
}


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a template cannot be read. `word` is what to point at when there is no `place`."""

    message: str
    hint: str = ""
    place: Place | None = None
    word: str = ""


def unread(error: TemplateSyntaxError, sandbox: Sandbox) -> Unread:
    """What is wrong with a template, and where."""
    text, name = error.message or "not valid", error.name or ""
    source = sandbox.source(name)
    read = list(tokens(sandbox.lexer, source, name))
    named = _NO_SUCH.search(text)
    if named:
        known = sandbox.filters if named[1] == "filter" else sandbox.tests
        return Unread(
            f"there is no {named[1]} `{named[2]}`", did_you_mean(named[2], known), None, named[2]
        )
    return _tag(text, read) or _open(text, read) or _token(text, read, source, error.lineno)


_Tokens = list[tuple[Place, str, str]]


def _tag(text: str, read: _Tokens) -> Unread | None:
    found = _NO_TAG.search(text)
    if found is None:
        return None
    tag, inner = found[1], _INNERMOST.search(text)
    if tag not in ("else", "elif") and tag.removeprefix("end") not in _BLOCKS:
        return Unread(f"there is no tag `{tag}`", did_you_mean(tag, _TAGS), None, tag)
    if inner is None:
        return Unread(f"`{tag}` belongs to nothing: no block is open here", "", None, tag)
    opened = _opening(read, inner[1])
    where = f" of line {opened.line}" if opened else ""
    message = f"`{tag}` does not belong to the `{inner[1]}`{where}, which is still open"
    return Unread(message, f"close it first: `{{% end{inner[1]} %}}`", None, tag)


def _open(text: str, read: _Tokens) -> Unread | None:
    """What begins and never ends is told where it begins."""
    inner = _INNERMOST.search(text)
    if inner:
        message, hint = f"this `{inner[1]}` is never closed", f"add `{{% end{inner[1]} %}}`"
        return Unread(message, hint, _opening(read, inner[1]))
    if "end of comment" in text:
        return Unread(
            "a comment is never closed", "write `{# ... #}`", _last(read, "comment_begin")
        )
    if "end of raw" in text:
        return Unread("this `raw` is never closed", "add `{% endraw %}`", _last(read, "raw_begin"))
    if "unexpected end of template" in text:
        begin = "variable_begin" if "print" in text else "block_begin"
        return Unread("what begins here is never closed", _FORM, _last(read, begin))
    return None


def _token(text: str, read: _Tokens, source: str, line: int) -> Unread:
    stopped, _, character = read[-1] if read and not read[-1][1] else (None, "", "")
    odd = _CHARACTER.search(text)
    if odd and character in ("'", '"'):
        return Unread("a quote is never closed", "close it", stopped)
    if odd:
        return Unread(f"unexpected `{odd[2]}`", _FOREIGN.get(odd[2], ""), stopped)
    for token, written in _WRITTEN.items():
        text = text.replace(token, written)
    found = _FOUND.search(text)
    word = found[1] if found else ""
    message = text.rstrip(".").replace("'", "`")
    hint = _FORM if set(word) & set("{}%") or "`}}`" in message or "`%}`" in message else ""
    at = (
        stopped if character and word == character else None
    )  # the lexer's complaint, not the parser's
    rows = source.split("\n")
    if at is None and not (0 < line <= len(rows) and rows[line - 1].count(word) == 1):
        word = ""  # which one is not known
    return Unread(message[:1].lower() + message[1:], hint, at, word)


def _opening(read: _Tokens, name: str) -> Place | None:
    """Where the innermost block of that name begins that is open at the end, or at the first end that does not fit."""
    stack: list[tuple[str, Place]] = []
    for tag, place in _tags(read):
        opener = tag.removeprefix("end")
        if tag in _BLOCKS:
            stack.append((tag, place))
        elif tag != opener:
            while stack and stack[-1][0] == "set" != opener:
                stack.pop()  # `{% set x = 1 %}` is no block
            if not stack or stack[-1][0] != opener:
                break
            stack.pop()
    return next((place for tag, place in reversed(stack) if tag == name), None)


def _tags(read: _Tokens) -> Iterator[tuple[str, Place]]:
    begin: Place | None = None
    for place, kind, value in read:
        if kind == "block_begin":
            begin = place
        elif kind == "name" and begin is not None:
            yield value, begin
            begin = None


def _last(read: _Tokens, wanted: str) -> Place | None:
    return next((place for place, kind, _ in reversed(read) if kind == wanted), None)
