"""A YAML file that a person may have written: its body, and the lines of its fields."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.frozen import dataclass
from reconciler.model.document import JsonObject
from reconciler.model.path import FieldPath
from reconciler.text.yaml import NodePosition, load_documents


class InvalidFileError(Exception):
    """A file does not contain a valid object. The message never quotes the file, which may contain a secret."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class YamlFile:
    body: JsonObject
    positions: Mapping[FieldPath, NodePosition]

    def line(self, *path: str | int) -> int:
        """The line of a field, or of its nearest parent in the file."""
        while path and path not in self.positions:
            path = path[:-1]
        node = self.positions.get(path)
        return node.best.line if node else 1


def parse(content: bytes) -> YamlFile:
    """Parse a file with one mapping; anchors are allowed, because people use them.

    Raises:
        InvalidFileError: it is not UTF-8, not valid YAML, or not one mapping.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InvalidFileError("is not UTF-8", line) from error
    stream = load_documents(text, aliases=True)
    for finding in stream.errors:
        raise InvalidFileError(finding.message, finding.position.line)
    if not stream.documents:
        raise InvalidFileError("the file is empty", 1)
    if len(stream.documents) > 1:
        second = stream.documents[1].position.line
        raise InvalidFileError("more than one document: keep one object per file", second)
    document = stream.documents[0]
    if not isinstance(document.value, dict):
        raise InvalidFileError("the document is not a mapping", document.position.line)
    return YamlFile(document.value, document.positions)
