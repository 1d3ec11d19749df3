"""Strict YAML, the only door of PyYAML: kubectl's scalars, no surprises, and the place of every node.

Refused: duplicate keys, tags, keys that are not text, NaN and infinities, integers of more than 64 bits, and whatever
is too deep or too large. Aliases are for files that people write; a rendered manifest has none. Documents of one text
are read one by one: a broken one does not hide the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from reconciler.errors import ExitCode, ReconcilerError
from reconciler.model.document import Json
from reconciler.model.finding import Severity
from reconciler.text.yaml import limits
from reconciler.text.yaml.characters import conflict, forbidden, odd
from reconciler.text.yaml.dump import dump, inline
from reconciler.text.yaml.position import Place, Position, Stream, YamlDocument, YamlFinding
from reconciler.text.yaml.reader import Reader, Stop
from reconciler.text.yaml.syntax import explain

__all__ = [
    "Place",
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
    """A YAML text that cannot be used; `where` is path:line:column of the first finding."""

    exit_code = ExitCode.INVALID


def load_documents(text: str, *, aliases: bool = False) -> Stream:
    """Every document of a text, with the place of each node. Empty documents are skipped."""
    text = text.removeprefix("\ufeff")
    early = _unreadable(text)
    if early is not None:
        return Stream((), (early,))
    documents: list[YamlDocument] = []
    findings: list[YamlFinding] = list(odd(text))
    nodes = 0
    for count, (start, line, piece) in enumerate(_pieces(text)):
        if count >= limits.MAX_DOCUMENTS:
            message = f"more than {limits.MAX_DOCUMENTS} documents in one text"
            findings.append(YamlFinding("T006", message, Position(line, 1, 0, start, start)))
            break
        reader = Reader(line=line, start=start, aliases=aliases, places=True, nodes=nodes)
        _read(reader, piece, line, start)
        nodes = reader.nodes
        findings += reader.findings
        whole = not any(f.severity is Severity.ERROR for f in reader.findings)
        if whole and reader.places and reader.value is not None:
            documents.append(YamlDocument(len(documents), reader.value, reader.places))
        if nodes > limits.MAX_NODES:
            break  # it would be told of every document that follows
    findings.sort(key=lambda f: f.position.start)
    return Stream(tuple(documents), tuple(findings))


def load_one(text: str, source: str) -> Json:
    """The value of a text of one document, None for an empty one; aliases are allowed, positions are not kept.

    Raises:
        YamlError: it is broken, or holds several documents.
    """
    text = text.removeprefix("\ufeff")
    finding = _unreadable(text)
    values: list[Json] = []
    for start, line, piece in _pieces(text) if finding is None else ():
        reader = Reader(line=line, start=start, aliases=True, places=False)
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
        raise YamlError(
            f"{source} is not usable: {finding.message}", hint=finding.hint, where=where
        )
    return values[0] if values else None


def _read(reader: Reader, piece: str, line: int, start: int) -> None:
    try:
        reader.read(yaml.parse(piece, Loader=yaml.CSafeLoader))
    except Stop as stop:
        reader.findings.append(stop.finding)
    except yaml.MarkedYAMLError as error:
        reader.findings.append(
            _own_limit(error, piece, line, start) or explain(error, piece, line, start)
        )
    except (
        yaml.YAMLError
    ):  # a reader error: characters were checked before, so this is the parser's own limit
        reader.findings.append(
            YamlFinding("T001", "not readable as YAML", Position(line, 1, 0, start, start))
        )


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
        Reader(line=line, start=start, aliases=False, places=False).read(
            yaml.parse(before, Loader=yaml.CSafeLoader)
        )
    except Stop as stop:
        return stop.finding
    except yaml.YAMLError:
        pass  # a text that is cut off may break anywhere
    return None


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, line and text of each document. `---` at the start of a line always ends one, whatever stands before."""
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
    return conflict(text) or forbidden(text)
