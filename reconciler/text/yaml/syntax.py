"""libyaml's complaints in plain words. The source line is never quoted: it could hold a secret."""

from __future__ import annotations

import yaml

from reconciler.text.yaml.position import Position, YamlFinding

_MISPLACED = "mapping values are not allowed"

# What libyaml says (the problem, or the context it was found in), what that means, and what to do.
_PLAIN = (
    (
        "while scanning a quoted scalar",
        "a quote is never closed",
        "close it, or double it to mean the character",
    ),
    (
        _MISPLACED,
        "a key is not expected here",
        "indent it like its neighbours, or quote a value that holds `: `",
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
    ("invalid unicode character escape", "an escape that is no Unicode character", ""),
    ("invalid Unicode character escape", "an escape that is no Unicode character", ""),
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
        "a block text (`|` or `>`) starts wrongly",
        "start the text on the next line, indented",
    ),
)
_FROM_START = ("quoted scalar", "simple key")
_STARTS = {
    "\t": ("a tab cannot indent YAML", "use spaces"),
    "`": ("a plain value cannot start with a backtick", "quote it"),
    "@": ("a plain value cannot start with `@`", "quote it"),
    "%": ("a plain value cannot start with `%`", "quote it"),
}


def explain(error: yaml.MarkedYAMLError, text: str, line: int, start: int) -> YamlFinding:
    """A syntax error of a piece of a text that begins at that line and offset."""
    problem, context = error.problem or "", error.context or ""
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and any(part in context for part in _FROM_START):
        mark = error.context_mark  # where it begins, not where the parser gave up
    offset = min(mark.index, len(text)) if mark else 0
    message, hint = _words(problem, context, text[offset : offset + 1])
    row, column = (mark.line, mark.column) if mark else (0, 0)
    length = _last_key(text[offset - column : offset]) if _MISPLACED in problem else 0
    end = start + offset
    position = Position(line + row, column + 1 - length, length, end - length, end)
    return YamlFinding("T001", message, position, hint)


def _last_key(row: str) -> int:
    """The length of the key at the end of a row, where it is the first: that is what stands wrongly, not its colon."""
    key = row.lstrip(" -")
    return 0 if ": " in key else len(key)


def _words(problem: str, context: str, character: str) -> tuple[str, str]:
    if "cannot start any token" in problem and character in _STARTS:
        return _STARTS[character]
    if "found a tab character" in problem:
        return _STARTS["\t"]
    for part, message, hint in _PLAIN:
        if part in problem or part in context:
            return message, hint
    return f"not well-formed YAML: {problem or 'it ends too early'}", ""
