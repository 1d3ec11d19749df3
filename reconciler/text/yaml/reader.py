"""One YAML document into a JSON value, event by event.

The parser's own composer recurses and expands; here a stack is kept and every limit is checked before anything grows.
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
from reconciler.text.yaml.frame import NO_KEY, Anchors, Frame, known
from reconciler.text.yaml.position import Place, Position, YamlFinding

_STRING_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_COLLECTION_TAGS = {
    "map": frozenset({None, "!", "tag:yaml.org,2002:map"}),
    "list": frozenset({None, "!", "tag:yaml.org,2002:seq"}),
}


class Stop(Exception):
    """The rest of the document cannot be read, or must not be."""

    def __init__(self, finding: YamlFinding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class Reader:
    """Reads the events of one document; `findings` says what is wrong with it."""

    def __init__(
        self, *, line: int, start: int, aliases: bool, places: bool, nodes: int = 0
    ) -> None:
        self.findings: list[YamlFinding] = []
        self.places: dict[FieldPath, Place] | None = {} if places else None
        self.value: Json = None
        self.nodes = nodes  # with those of the documents before
        self._line, self._start = line, start
        self._anchors = Anchors(allowed=aliases)
        self._stack: list[Frame] = []

    def read(self, events: Iterable[Any]) -> None:
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

    def position(self, start: Any, end: Any) -> Position:
        return Position(
            self._line + start.line,
            start.column + 1,
            end.column - start.column if end.line == start.line else 0,
            self._start + start.index,
            self._start + end.index,
        )

    def finding(
        self, code: str, message: str, position: Position, hint: str = "", *also: Position
    ) -> None:
        if len(self.findings) < limits.MAX_FAULTS:
            path = known(self._path())
            self.findings.append(YamlFinding(code, message, position, hint, path=path, also=also))

    def _warn(self, code: str, message: str, position: Position, hint: str) -> None:
        if len(self.findings) < limits.MAX_FAULTS:
            path = known(self._path())
            self.findings.append(YamlFinding(code, message, position, hint, Severity.WARNING, path))

    def _scalar(self, event: Any) -> None:
        at = self.position(event.start_mark, event.end_mark)
        self._count(at)
        plain = event.implicit[0] and not event.style
        value = self._resolve(event, at, plain=plain)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.wants_key:
            self._key(frame, event, value, at, plain=plain)
            return
        if plain and scalars.is_disputed_boolean(event.value):
            word = "true" if value else "false"
            self._warn(
                "T009",
                f"`{event.value}` is the boolean {word} here",
                at,
                f"write {word}, or quote it",
            )
        elif plain and scalars.is_octal(event.value):
            self._warn(
                "T011", "a leading zero makes this number octal", at, "quote it, or drop the zero"
            )
        self._put(value, Place(None, at, scalar=True, plain=plain, block=event.style in ("|", ">")))
        if event.anchor:
            self._anchors.keep(event.anchor, value, self._last_path(frame), 1)

    def _resolve(self, event: Any, at: Position, *, plain: bool) -> Json:
        text = event.value
        if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text if c > "\u7fff"):
            self.finding(
                "T002", "an escape for a character that JSON and Kubernetes cannot keep", at
            )
        if event.tag and event.tag not in _STRING_TAGS:
            self.finding(
                "T004", "tags are not allowed", at, "remove the tag; quote the value if it is text"
            )
            return None
        if not plain:
            return text
        value = scalars.resolve(text)
        if isinstance(value, scalars.Unfit):
            self.finding("T008", value.value, at, "quote it, if it is text")
            return None
        return value

    def _key(self, frame: Frame, event: Any, value: Json, at: Position, *, plain: bool) -> None:
        if plain and event.value == "<<":
            frame.start_merge(at)
        elif not isinstance(value, str):
            shown = "" if value is None else f": YAML reads {event.value} as {json.dumps(value)}"
            self.finding("T007", f"a key must be text{shown}", at, "quote it")
            frame.start_key(NO_KEY, at)
        elif value in frame.seen:
            first = frame.seen[value]
            message = (
                f"the key `{value}` stands here for the second time (first in line {first.line})"
            )
            self.finding("T003", message, at, "remove one of the two", first)
            frame.start_key(NO_KEY, at)
        else:
            frame.start_key(value, at)

    def _open(self, event: Any, value: dict[str, Json] | list[Json]) -> None:
        at = self.position(event.start_mark, event.end_mark)
        self._count(at)
        name = "map" if isinstance(value, dict) else "list"
        if event.tag not in _COLLECTION_TAGS[name]:
            self.finding("T004", "tags are not allowed", at, "remove the tag")
        if len(self._stack) >= limits.MAX_DEPTH:
            raise Stop(YamlFinding("T006", f"nested more than {limits.MAX_DEPTH} levels deep", at))
        parent = self._stack[-1] if self._stack else None
        as_key = parent is not None and parent.wants_key
        if as_key:
            self.finding(
                "T007",
                "a key must be text",
                at,
                "write a plain key, or quote a text that starts with a bracket",
            )
        path = self._path() if not as_key else (*self._path(), NO_KEY)
        self._stack.append(Frame(value, path, at, event.anchor or "", as_key, self.nodes))

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        frame.apply_merges(self.finding, self.places)
        if frame.as_key:
            self._stack[-1].start_key(NO_KEY, frame.at)
            return
        closing = event.end_mark.index != event.start_mark.index  # a bracket; a block only ends
        end = self._start + event.end_mark.index if closing else max(frame.end, frame.at.end)
        at = Position(frame.at.line, frame.at.column, 0, frame.at.start, end)
        self._put(frame.value, Place(None, at))
        if frame.anchor:
            self._anchors.keep(frame.anchor, frame.value, frame.path, self.nodes - frame.first)

    def _alias(self, event: Any) -> None:
        at = self.position(event.start_mark, event.end_mark)
        self._count(at)
        problem = self._anchors.refuses(event.anchor)
        parent = self._stack[-1] if self._stack else None
        as_key = parent is not None and parent.wants_key
        if problem:
            self.finding("T005", problem, at, "write the value out")
        if as_key and parent is not None:
            self.finding("T007", "a key must be text", at, "write the key out")
            parent.start_key(NO_KEY, at)
            return
        anchor = None if problem else self._anchors.use(event.anchor)
        self._count(at, anchor.nodes if anchor else 0)
        path = self._path()
        self._put(anchor.value if anchor else None, Place(None, at, scalar=True))
        if anchor is not None and self.places is not None:
            self._anchors.copy_places(self.places, anchor.path, path)

    def _put(self, value: Json, place: Place) -> None:
        if not self._stack:
            self.value = value
            path: FieldPath = ()
        else:
            path = self._path()
            place = self._stack[-1].put(value, place)
        if self.places is not None and NO_KEY not in path:
            self.places[path] = place

    def _path(self) -> FieldPath:
        """The path of the node that is read now."""
        return self._stack[-1].next_path if self._stack else ()

    def _last_path(self, frame: Frame | None) -> FieldPath:
        return frame.last_path if frame is not None else ()

    def _count(self, at: Position, nodes: int = 1) -> None:
        self.nodes += nodes
        if self.nodes > limits.MAX_NODES:
            message = f"more than {limits.MAX_NODES} values in one text: the rest is not read"
            raise Stop(YamlFinding("T006", message, at, "put the objects into several files"))
