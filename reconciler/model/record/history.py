"""The last runs that changed objects, or found others' changes, in the record: what changed when, by which commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from reconciler.frozen import dataclass
from reconciler.model.document import NOTHING, Document, JsonObject
from reconciler.model.identity import ObjectRef

RUNS: Final = 30  # in the record
OBJECTS: Final = 20  # of one run
PARTS: Final = 20  # of one run
ADDED: Final = "added"
_LONGEST: Final = 200  # characters of the name of a part, which others chose
_KEYS: Final = ("command", "time", "revision", "objects", "more", "parts", "moreParts")


@dataclass(frozen=True, slots=True)
class Touched:
    """An object, and how it was before the run: a word of `State`, or of a later version."""

    ref: ObjectRef
    state: str


@dataclass(frozen=True, order=True, slots=True)
class Part:
    """A field that others added to an object, or a key of a Secret that is missing or unusable.

    Attributes:
        state: `added`, a word of `SecretState`, or one of a later version.
        name: of the field or the key.
    """

    ref: ObjectRef
    state: str
    name: str


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run with news.

    Attributes:
        command: `apply` or `drift`.
        time: RFC 3339.
        revision: the git revision that it read.
        objects: what an apply wrote or deleted, or what a drift found otherwise than in git; () if all is well again.
        more: the number of further objects.
        parts: what it found that no apply puts right; () in records of early versions.
        more_parts: the number of further ones.
    """

    command: str
    time: str
    revision: str
    objects: tuple[Touched, ...] = ()
    more: int = 0
    parts: tuple[Part, ...] = ()
    more_parts: int = 0
    unknown: Document = NOTHING

    @classmethod
    def of(
        cls,
        command: str,
        time: str,
        revision: str,
        touched: Iterable[Touched],
        parts: Iterable[Part] = (),
    ) -> RecordedRun:
        every = sorted(touched, key=lambda each: each.ref)
        named = sorted({Part(each.ref, each.state, each.name[:_LONGEST]) for each in parts})
        return cls(
            command,
            time,
            revision,
            objects=tuple(every[:OBJECTS]),
            more=max(0, len(every) - OBJECTS),
            parts=tuple(named[:PARTS]),
            more_parts=max(0, len(named) - PARTS),
        )

    @property
    def changed_by_others(self) -> int:
        """The number of objects that a watch found otherwise than in git, or that an apply left so."""
        added = {part.ref for part in self.parts if part.state == ADDED}
        if self.command == "apply":
            return len(added)
        return len(added | {each.ref for each in self.objects}) + self.more

    def is_news_after(self, runs: tuple[RecordedRun, ...]) -> bool:
        """Whether it says more than the run before it; an apply that wrote says that always."""
        if self.command == "apply":
            return bool(self.objects)
        if not runs:
            return bool(self.objects or self.parts)
        last = runs[-1]
        if (
            last.command != self.command
        ):  # an apply ends drift, but brings no key and takes no field of others
            return bool(self.objects) or last.left != self.left
        return (last.objects, last.more, last.left) != (self.objects, self.more, self.left)

    @property
    def left(self) -> tuple[tuple[Part, ...], int]:
        """What an apply leaves as it is."""
        return self.parts, self.more_parts


def with_run(runs: tuple[RecordedRun, ...], run: RecordedRun) -> tuple[RecordedRun, ...]:
    """The history after a run, the oldest first."""
    return (*runs, run)[-RUNS:] if run.is_news_after(runs) else runs


def history_json(runs: Iterable[RecordedRun]) -> list[JsonObject]:
    """The JSON of a history; `history_of` reads it."""
    return [
        run.unknown.body()
        | ({"more": run.more} if run.more else {})
        | ({"parts": [_part_json(each) for each in run.parts]} if run.parts else {})
        | ({"moreParts": run.more_parts} if run.more_parts else {})
        | {
            "command": run.command,
            "time": run.time,
            "revision": run.revision,
            "objects": [_touched_json(each) for each in run.objects],
        }
        for run in runs
    ]


def _touched_json(touched: Touched) -> list[str]:
    ref = touched.ref
    return [ref.group, ref.kind, ref.namespace, ref.name, touched.state]


def _part_json(part: Part) -> list[str]:
    return [*_touched_json(Touched(part.ref, part.state)), part.name]


def history_of(body: Mapping[str, Any]) -> tuple[RecordedRun, ...]:
    """The history in a record; what is none of it is left out, since nothing else depends on it."""
    runs = body.get("history")
    return tuple(_runs(runs))[-RUNS:] if isinstance(runs, list) else ()


def _runs(runs: list[Any]) -> Iterator[RecordedRun]:
    for run in runs:
        try:
            yield RecordedRun(
                str(run["command"]),
                str(run["time"]),
                str(run["revision"]),
                objects=tuple(_touched(each) for each in run["objects"]),
                more=_number(run, "more"),
                parts=tuple(_part(each) for each in run.get("parts", ())),
                more_parts=_number(run, "moreParts"),
                unknown=_unknown(run),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            continue


def _touched(parts: list[Any]) -> Touched:
    group, kind, namespace, name, state = map(str, parts)
    return Touched(ObjectRef(group, kind, namespace, name), state)


def _part(parts: list[Any]) -> Part:
    *touched, name = parts
    return Part(_touched(touched).ref, str(touched[-1]), str(name))


def _number(run: Mapping[str, Any], key: str) -> int:
    number = run.get(key, 0)
    return number if isinstance(number, int) else 0


def _unknown(run: Mapping[str, Any]) -> Document:
    unknown = {key: value for key, value in run.items() if key not in _KEYS}
    return Document.of(unknown) if unknown else NOTHING
