"""A YAML file that a person may have written: its body, and the lines of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.model.document import JsonObject
from reconciler.model.path import FieldPath
from reconciler.text.yaml import NodePosition, dump, load_documents

__all__ = ["BrokenTextError", "Text", "dump", "load"]


class BrokenTextError(Exception):
    """The text is not one YAML mapping; the message never quotes it, for it may hold a secret."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Text:
    body: JsonObject
    places: Mapping[FieldPath, NodePosition]

    def line(self, *path: str | int) -> int:
        """The line of a field, or of the nearest one above it that is there."""
        while path and path not in self.places:
            path = path[:-1]
        place = self.places.get(path)
        return place.best.line if place else 1


def load(text: str) -> Text:
    """Read one document; anchors are allowed, because people use them."""
    stream = load_documents(text, aliases=True)
    for fault in stream.errors:
        raise BrokenTextError(fault.message, fault.position.line)
    if not stream.documents:
        raise BrokenTextError("the file is empty", 1)
    if len(stream.documents) > 1:
        second = stream.documents[1].position.line
        raise BrokenTextError("more than one document: keep one object per file", second)
    document = stream.documents[0]
    if not isinstance(document.value, dict):
        raise BrokenTextError("this is no mapping", document.position.line)
    return Text(document.value, document.positions)
