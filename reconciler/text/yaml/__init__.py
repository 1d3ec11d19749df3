"""Strict YAML with kubectl's scalars and the position of every node. The only package that imports PyYAML.

Errors: duplicate keys, tags, keys that are not text, NaN and infinities, integers of more than 64 bits, and texts that
are too deep or too large. Aliases are allowed in files that people write, not in rendered manifests. The documents of a
text are read independently: an error in one does not hide the others.

reader      one document into a JSON value, with the state in `frame`
scalars     plain scalars as kubectl reads them
characters  characters that are forbidden or misleading
limits      how deep and how large a text may be
position    positions of nodes, and findings
syntax      the errors of the parser, explained
dump        YAML for people
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from reconciler.errors import ExitCode, ReconcilerError
from reconciler.model.document import Json
from reconciler.model.finding import Severity
from reconciler.text.yaml import limits
from reconciler.text.yaml.characters import forbidden_character, merge_conflict, misleading
from reconciler.text.yaml.dump import dump, inline
from reconciler.text.yaml.position import (
    NodePosition,
    Position,
    Stream,
    YamlDocument,
    YamlFinding,
)
from reconciler.text.yaml.reader import LimitExceeded, Reader
from reconciler.text.yaml.syntax import explain

__all__ = [
    "NodePosition",
    "Position",
    "Stream",
    "YamlDocument",
    "YamlError",
    "YamlFinding",
    "dump",
    "inline",
    "load_documents",
    "load_one",
]

_MARKER = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_ONLY_DIRECTIVES = re.compile(r"(?:[ \t]*(?:#.*)?\r?\n|%.*\r?\n)*\Z")


class YamlError(ReconcilerError):
    """A YAML text has an error; `where` is path:line:column of the first one."""

    exit_code = ExitCode.INVALID


def load_documents(text: str, *, aliases: bool = False) -> Stream:
    """Read every document of a text, with the position of each node. Empty documents are skipped."""
    text = text.removeprefix("\ufeff")
    unreadable = _unreadable(text)
    if unreadable is not None:
        return Stream((), (unreadable,), 0)
    documents: list[YamlDocument] = []
    findings: list[YamlFinding] = list(misleading(text))
    nodes, end = 0, len(text)
    for count, (start, line, piece) in enumerate(_pieces(text)):
        if count >= limits.MAX_DOCUMENTS:
            message = f"more than {limits.MAX_DOCUMENTS} documents in one file"
            findings.append(YamlFinding("T006", message, Position(line, 1, 0, start, start)))
            end = start
            break
        reader = Reader(line=line, start=start, aliases=aliases, positions=True, nodes=nodes)
        _read(reader, piece, line, start)
        nodes = reader.nodes
        findings += reader.findings
        valid = not any(f.severity is Severity.ERROR for f in reader.findings)
        if valid and reader.positions and reader.value is not None:
            documents.append(YamlDocument(len(documents), reader.value, reader.positions))
        if nodes > limits.MAX_NODES:
            end = start
            break  # every document that follows would repeat this finding
    findings.sort(key=lambda f: f.position.start)
    return Stream(tuple(documents), tuple(findings), end)


def load_one(text: str, source: str) -> Json:
    """Read a text of one document, None for an empty one; aliases are allowed, positions are not kept.

    Raises:
        YamlError: the text has an error, or several documents.
    """
    text = text.removeprefix("\ufeff")
    finding = _unreadable(text)
    values: list[Json] = []
    for start, line, piece in _pieces(text) if finding is None else ():
        reader = Reader(line=line, start=start, aliases=True, positions=False)
        _read(reader, piece, line, start)
        finding = next((f for f in reader.findings if f.severity is Severity.ERROR), None)
        if reader.value is not None:
            values.append(reader.value)
        if finding is None and len(values) > 1:
            position = Position(line, 1, 0, start, start)
            finding = YamlFinding("T001", "more than one document", position, "keep one per file")
        if finding is not None:
            break
    if finding is not None:
        where = str(finding.position.location(source))
        raise YamlError(f"cannot use {source}: {finding.message}", hint=finding.hint, where=where)
    return values[0] if values else None


def _read(reader: Reader, piece: str, line: int, start: int) -> None:
    try:
        reader.read(yaml.parse(piece, Loader=yaml.CSafeLoader))
    except LimitExceeded as error:
        reader.findings.append(error.finding)
    except yaml.MarkedYAMLError as error:
        reader.findings.append(
            _own_limit(error, piece, line, start) or explain(error, piece, line, start)
        )
    except yaml.YAMLError:  # a limit of the parser: the characters have been checked before
        position = Position(line, 1, 0, start, start)
        reader.findings.append(YamlFinding("T001", "not readable as YAML", position))


def _own_limit(
    error: yaml.MarkedYAMLError, piece: str, line: int, start: int
) -> YamlFinding | None:
    """The reader's finding, where the parser stopped before the reader reached its own limit.

    The parser scans up to 1024 characters ahead of the events it yields, and since PyYAML 6.0.4 it accepts 1000 levels.
    Therefore the text before the error is read again: there it meets no limit but the reader's.
    """
    if error.problem_mark is None:
        return None
    before = piece[: error.problem_mark.index]
    try:
        Reader(line=line, start=start, aliases=False, positions=False).read(
            yaml.parse(before, Loader=yaml.CSafeLoader)
        )
    except LimitExceeded as limit:
        return limit.finding
    except yaml.YAMLError:
        pass  # a text that is cut off may break anywhere
    return None


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, line and text of each document. A `---` at the start of a line always begins another one."""
    starts = [0, *(m.start() for m in _MARKER.finditer(text) if m.start())]
    line = 1
    begin = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        if _ONLY_DIRECTIVES.match(text, begin, end) and end < len(text) and "%" in text[start:end]:
            continue  # a directive belongs to the document that follows it
        yield begin, line, text[begin:end]
        line += text.count("\n", begin, end)
        begin = end


def _unreadable(text: str) -> YamlFinding | None:
    if len(text) > limits.MAX_CHARACTERS:
        message = f"larger than {limits.MAX_CHARACTERS // 1024 // 1024} MiB"
        return YamlFinding("T006", message, Position(1, 1, 0, 0, 0))
    return merge_conflict(text) or forbidden_character(text)
