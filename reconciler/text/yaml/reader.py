"""Reads one YAML document into a JSON value, event by event.

The composer of the library recurses and expands aliases. This reader keeps a stack, and checks every limit before it
stores anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import yaml

from reconciler.model.document import Json
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath
from reconciler.text.yaml import limits, scalars
from reconciler.text.yaml.frame import REJECTED_KEY, Anchors, Frame, kept_part
from reconciler.text.yaml.position import NodePosition, Position, YamlFinding

_STRING_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_COLLECTION_TAGS = {
    "map": frozenset({None, "!", "tag:yaml.org,2002:map"}),
    "list": frozenset({None, "!", "tag:yaml.org,2002:seq"}),
}


class LimitExceeded(Exception):
    """The document exceeds a limit; the rest of it is not read."""

    def __init__(self, finding: YamlFinding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class Reader:
    """Reads the events of one document into `value`, `positions` and `findings`."""

    def __init__(
        self, *, line: int, start: int, aliases: bool, positions: bool, nodes: int = 0
    ) -> None:
        self.findings: list[YamlFinding] = []
        self.positions: dict[FieldPath, NodePosition] | None = {} if positions else None
        self.value: Json = None
        self.nodes = nodes  # of the documents before, too
        self._line, self._start = line, start
        self._anchors = Anchors(allowed=aliases)
        self._stack: list[Frame] = []

    def read(self, events: Iterable[Any]) -> None:
        """
        Raises:
            LimitExceeded: too many nodes, or nested too deeply.
        """
        for event in events:
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.MappingStartEvent():
                    self._open(event, {})
                case yaml.SequenceStartEvent():
                    self._open(event, [])
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._close(event)
                case yaml.AliasEvent():
                    self._alias(event)
                case _:
                    pass

    def _position(self, event: Any) -> Position:
        start, end = event.start_mark, event.end_mark
        return Position(
            self._line + start.line,
            start.column + 1,
            end.column - start.column if end.line == start.line else 0,
            self._start + start.index,
            self._start + end.index,
        )

    def _add_finding(
        self,
        code: str,
        message: str,
        position: Position,
        hint: str = "",
        *also: Position,
        severity: Severity = Severity.ERROR,
    ) -> None:
        if len(self.findings) < limits.MAX_FINDINGS:
            path = kept_part(self._path())
            self.findings.append(YamlFinding(code, message, position, hint, severity, path, also))

    def _scalar(self, event: Any) -> None:
        position = self._position(event)
        self._count(position)
        plain = event.implicit[0] and not event.style
        value = self._resolve(event, position, plain=plain)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.expects_key:
            self._key(frame, event, value, position, plain=plain)
            return
        if plain:
            self._warn_about_plain_scalar(event.value, value, position)
        block = event.style in ("|", ">")
        self._add(value, NodePosition(None, position, scalar=True, plain=plain, block=block))
        if event.anchor:
            path = frame.last_path if frame is not None else ()
            self._anchors.add(event.anchor, value, path, 1)

    def _warn_about_plain_scalar(self, text: str, value: Json, position: Position) -> None:
        if scalars.is_ambiguous_boolean(text):
            word = "true" if value else "false"
            message, hint = f"`{text}` is the boolean {word} here", f"write {word}, or quote it"
            self._add_finding("T009", message, position, hint, severity=Severity.WARNING)
        elif scalars.is_octal(text):
            message, hint = "a leading zero makes this number octal", "quote it, or drop the zero"
            self._add_finding("T011", message, position, hint, severity=Severity.WARNING)

    def _resolve(self, event: Any, position: Position, *, plain: bool) -> Json:
        text = event.value
        if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text if c > "\u7fff"):
            message = "this escape stands for a character that JSON and Kubernetes cannot store"
            self._add_finding("T002", message, position)
        if event.tag and event.tag not in _STRING_TAGS:
            hint = "remove the tag; quote the value if it is text"
            self._add_finding("T004", "tags are not allowed", position, hint)
            return None
        if not plain:
            return text
        value = scalars.resolve(text)
        if isinstance(value, scalars.InvalidNumber):
            self._add_finding("T008", value.value, position, "quote it, if it is text")
            return None
        return value

    def _key(
        self, frame: Frame, event: Any, value: Json, position: Position, *, plain: bool
    ) -> None:
        if plain and event.value == "<<":
            frame.start_merge(position)
        elif not isinstance(value, str):
            reading = "" if value is None else f": YAML reads {event.value} as {json.dumps(value)}"
            self._add_finding("T007", f"a key must be text{reading}", position, "quote it")
            frame.start_key(REJECTED_KEY, position)
        elif value in frame.keys:
            first = frame.keys[value]
            message = f"duplicate key `{value}` (first on line {first.line})"
            self._add_finding("T003", message, position, "remove one of the two", first)
            frame.start_key(REJECTED_KEY, position)
        else:
            frame.start_key(value, position)

    def _open(self, event: Any, value: dict[str, Json] | list[Json]) -> None:
        position = self._position(event)
        self._count(position)
        name = "map" if isinstance(value, dict) else "list"
        if event.tag not in _COLLECTION_TAGS[name]:
            self._add_finding("T004", "tags are not allowed", position, "remove the tag")
        if len(self._stack) >= limits.MAX_DEPTH:
            message = f"nested more than {limits.MAX_DEPTH} levels deep"
            raise LimitExceeded(YamlFinding("T006", message, position))
        parent = self._stack[-1] if self._stack else None
        is_key = parent is not None and parent.expects_key
        path = self._path()
        if is_key:
            hint = "write a plain key, or quote text that starts with a bracket"
            self._add_finding("T007", "a key must be text", position, hint)
            path = (*path, REJECTED_KEY)
        anchor = event.anchor or ""
        self._stack.append(Frame(value, path, position, anchor, is_key, self.nodes))

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        frame.apply_merges(self._add_finding, self.positions)
        start = frame.position
        if frame.is_key:
            self._stack[-1].start_key(REJECTED_KEY, start)
            return
        # A flow collection ends with its bracket; a block collection has no end mark of its own.
        bracket = event.end_mark.index != event.start_mark.index
        end = self._start + event.end_mark.index if bracket else max(frame.end, start.end)
        self._add(
            frame.value, NodePosition(None, Position(start.line, start.column, 0, start.start, end))
        )
        if frame.anchor:
            nodes = self.nodes - frame.nodes_before
            self._anchors.add(frame.anchor, frame.value, frame.path, nodes)

    def _alias(self, event: Any) -> None:
        position = self._position(event)
        self._count(position)
        rejection = self._anchors.rejection(event.anchor)
        parent = self._stack[-1] if self._stack else None
        if rejection:
            self._add_finding("T005", rejection, position, "write the value out")
        if parent is not None and parent.expects_key:
            self._add_finding("T007", "a key must be text", position, "write the key out")
            parent.start_key(REJECTED_KEY, position)
            return
        anchor = None if rejection else self._anchors.use(event.anchor)
        self._count(position, anchor.nodes if anchor else 0)
        path = self._path()
        self._add(anchor.value if anchor else None, NodePosition(None, position, scalar=True))
        if anchor is not None and self.positions is not None:
            self._anchors.copy_positions(self.positions, anchor.path, path)

    def _add(self, value: Json, node: NodePosition) -> None:
        path = self._path()
        if self._stack:
            node = self._stack[-1].add(value, node)
        else:
            self.value = value
        if self.positions is not None and REJECTED_KEY not in path:
            self.positions[path] = node

    def _path(self) -> FieldPath:
        """The path of the current node."""
        return self._stack[-1].next_path if self._stack else ()

    def _count(self, position: Position, nodes: int = 1) -> None:
        self.nodes += nodes
        if self.nodes > limits.MAX_NODES:
            message = f"more than {limits.MAX_NODES} values in one file: the rest is not read"
            hint = "split the objects into several files"
            raise LimitExceeded(YamlFinding("T006", message, position, hint))
