"""The last runs that changed objects, or found others' changes, in the record: what changed when, by which commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from reconciler.frozen import dataclass
from reconciler.model.document import NOTHING, Document, JsonObject
from reconciler.model.identity import ObjectRef

RUNS: Final = 30  # in the record
OBJECTS: Final = 20  # of one run
_KEYS: Final = ("command", "time", "revision", "objects", "more")


@dataclass(frozen=True, slots=True)
class Touched:
    """An object, and how it was before the run: a word of `State`, or of a later version."""

    ref: ObjectRef
    state: str


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run with news.

    Attributes:
        command: `apply` or `drift`.
        time: RFC 3339.
        revision: the git revision that it read.
        objects: what an apply wrote or deleted, or what a drift found otherwise than in git; () if all is well again.
        more: the number of further objects.
    """

    command: str
    time: str
    revision: str
    objects: tuple[Touched, ...] = ()
    more: int = 0
    unknown: Document = NOTHING

    @classmethod
    def of(cls, command: str, time: str, revision: str, touched: Iterable[Touched]) -> RecordedRun:
        every = sorted(touched, key=lambda each: each.ref)
        return cls(command, time, revision, tuple(every[:OBJECTS]), max(0, len(every) - OBJECTS))

    @property
    def changed_by_others(self) -> int:
        """The number of objects that a watch found otherwise than in git; 0 for an apply."""
        return 0 if self.command == "apply" else len(self.objects) + self.more

    def is_news_after(self, runs: tuple[RecordedRun, ...]) -> bool:
        """Whether it says more than the run before it; an apply that wrote says that always."""
        last = runs[-1] if runs else None
        if self.command == "apply":
            return bool(self.objects)
        if last is None or last.command != self.command:
            return bool(self.objects)
        return (last.objects, last.more) != (self.objects, self.more)


def with_run(runs: tuple[RecordedRun, ...], run: RecordedRun) -> tuple[RecordedRun, ...]:
    """The history after a run, the oldest first."""
    return (*runs, run)[-RUNS:] if run.is_news_after(runs) else runs


def history_json(runs: Iterable[RecordedRun]) -> list[JsonObject]:
    """The JSON of a history; `history_of` reads it."""
    return [
        run.unknown.body()
        | ({"more": run.more} if run.more else {})
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


def history_of(body: Mapping[str, Any]) -> tuple[RecordedRun, ...]:
    """The history in a record; what is none of it is left out, since nothing else depends on it."""
    runs = body.get("history")
    return tuple(_runs(runs))[-RUNS:] if isinstance(runs, list) else ()


def _runs(runs: list[Any]) -> Iterator[RecordedRun]:
    for run in runs:
        try:
            more = run.get("more", 0)
            yield RecordedRun(
                str(run["command"]),
                str(run["time"]),
                str(run["revision"]),
                objects=tuple(_touched(each) for each in run["objects"]),
                more=more if isinstance(more, int) else 0,
                unknown=_unknown(run),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            continue


def _touched(parts: list[Any]) -> Touched:
    group, kind, namespace, name, state = map(str, parts)
    return Touched(ObjectRef(group, kind, namespace, name), state)


def _unknown(run: Mapping[str, Any]) -> Document:
    unknown = {key: value for key, value in run.items() if key not in _KEYS}
    return Document.of(unknown) if unknown else NOTHING
