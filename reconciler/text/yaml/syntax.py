"""Explains the syntax errors of libyaml. A message never quotes the source line: it could hold a secret."""

from __future__ import annotations

import yaml

from reconciler.text.yaml.position import Position, YamlFinding

_MISPLACED = "mapping values are not allowed"

# A part of libyaml's problem or context; our message; our hint.
_MESSAGES = (
    (
        "while scanning a quoted scalar",
        "a quote is never closed",
        "close it, or double it to mean the character",
    ),
    (
        _MISPLACED,
        "a key is not expected here",
        "indent it like its neighbours, or quote a value that contains `: `",
    ),
    (
        "could not find expected ':'",
        "a key without `:`",
        "write `key: value`, or quote a text of several lines",
    ),
    (
        "unknown escape character",
        "an escape that YAML does not know",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    ("did not find expected hexdecimal", "an escape without its hexadecimal digits", ""),
    ("invalid unicode character escape", "an escape that is not a Unicode character", ""),
    ("invalid Unicode character escape", "an escape that is not a Unicode character", ""),
    ("undefined tag handle", "a tag that is not allowed", "remove it, or quote the value"),
    ("did not find expected ',' or ']'", "a `[` is never closed, or a comma is missing", ""),
    ("did not find expected ',' or '}'", "a `{` is never closed, or a comma is missing", ""),
    ("did not find expected key", "a key is expected here", "indent it like its neighbours"),
    (
        "did not find expected '-' indicator",
        "a list element is expected here",
        "indent it like its neighbours",
    ),
    ("did not find expected node content", "a value is expected here", ""),
    (
        "did not find expected <document start>",
        "text after the end of a document",
        "start another document with `---`",
    ),
    (
        "block sequence entries are not allowed",
        "a list cannot start on the line of its key",
        "start it on the next line",
    ),
    (
        "did not find expected alphabetic or numeric character",
        "`&` or `*` without a name",
        "quote the value",
    ),
    (
        "while scanning a block scalar",
        "a block scalar (`|` or `>`) starts incorrectly",
        "start the text on the next line, and indent it",
    ),
)
_SHOW_CONTEXT = ("quoted scalar", "simple key")
_FIRST_CHARACTERS = {
    "\t": ("a tab cannot indent YAML", "use spaces"),
    "`": ("a plain value cannot start with a backtick", "quote it"),
    "@": ("a plain value cannot start with `@`", "quote it"),
    "%": ("a plain value cannot start with `%`", "quote it"),
}


def explain(error: yaml.MarkedYAMLError, text: str, line: int, start: int) -> YamlFinding:
    """The finding for a syntax error in a piece of a text; `line` and `start` say where the piece begins."""
    problem, context = error.problem or "", error.context or ""
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and any(part in context for part in _SHOW_CONTEXT):
        mark = error.context_mark  # where the node begins, not where the parser gave up
    offset = min(mark.index, len(text)) if mark else 0
    message, hint = _message(problem, context, text[offset : offset + 1])
    row, column = (mark.line, mark.column) if mark else (0, 0)
    length = _last_key(text[offset - column : offset]) if _MISPLACED in problem else 0
    end = start + offset
    position = Position(line + row, column + 1 - length, length, end - length, end)
    return YamlFinding("T001", message, position, hint)


def _last_key(row: str) -> int:
    """The length of the only key of a row, which ends with it: mark that key, not its colon."""
    key = row.lstrip(" -")
    return 0 if ": " in key else len(key)


def _message(problem: str, context: str, character: str) -> tuple[str, str]:
    if "cannot start any token" in problem and character in _FIRST_CHARACTERS:
        return _FIRST_CHARACTERS[character]
    if "found a tab character" in problem:
        return _FIRST_CHARACTERS["\t"]
    for part, message, hint in _MESSAGES:
        if part in problem or part in context:
            return message, hint
    return f"not well-formed YAML: {problem or 'it ends too early'}", ""
