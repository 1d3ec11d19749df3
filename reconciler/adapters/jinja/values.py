"""Values as templates see them: immutable, and noting which of them are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler.adapters.jinja.woven import Path


class Reads:
    """What each expression under evaluation has read; a macro called by one has expressions of its own.

    `touched` is what anything has looked at at all, conditions and loops too; `missed` what was not there.
    """

    def __init__(self) -> None:
        self._open: list[dict[Path, None]] = []
        self.touched: set[Path] = set()
        self.missed: set[Path] = set()

    def begin(self) -> None:
        self._open.append({})

    def end(self) -> tuple[Path, ...]:
        return tuple(self._open.pop())

    def reset(self) -> None:
        self._open.clear()

    def note(self, path: Path) -> None:
        if self._open:
            self._open[-1][path] = None


class Text(str):
    """A string of the values that knows its path: loops and macros hand it on without a further read."""

    __slots__ = ("_path",)
    _path: Path


class Integer(int):
    _path: Path = ()


class Number(float):
    _path: Path = ()


def path_of(value: object) -> Path | None:
    """The path of a value, None for one that a template made."""
    return getattr(value, "_path", None) or None


class Keyed(Mapping[str, Any]):
    """A mapping of the values."""

    def __init__(self, content: dict[str, Any], path: Path, reads: Reads) -> None:
        self._content, self._path, self._reads = content, path, reads

    def __getitem__(self, key: str) -> Any:
        path = (*self._path, str(key))
        self._look(key, path)
        return _track(self._content[key], path, self._reads)

    def __iter__(self) -> Iterator[str]:
        for key in self._content:
            path = (*self._path, key)
            self._reads.touched.add(path)
            yield _text(key, path)

    def __len__(self) -> int:
        return len(self._content)

    def __contains__(self, key: object) -> bool:
        self._look(key, (*self._path, str(key)))
        return key in self._content

    def unread(self) -> Iterator[Path]:
        """What nothing has looked at; of a whole mapping its own path alone. A list counts as one value."""
        for key, value in self._content.items():
            path = (*self._path, key)
            if path not in self._reads.touched:
                yield path
            elif isinstance(value, dict):
                yield from Keyed(value, path, self._reads).unread()

    def _look(self, key: object, path: Path) -> None:
        (self._reads.touched if key in self._content else self._reads.missed).add(path)

    def __repr__(self) -> str:
        return "a mapping of the values"


class Listed(Sequence[Any]):
    """A list of the values."""

    def __init__(self, content: list[Any], path: Path, reads: Reads) -> None:
        self._content, self._path, self._reads = content, path, reads

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self._content)))]
        element = self._content[index]
        return _track(element, (*self._path, index % len(self._content)), self._reads)

    def __len__(self) -> int:
        return len(self._content)

    def __add__(self, other: Sequence[Any]) -> list[Any]:
        return [*self, *other]

    def __radd__(self, other: Sequence[Any]) -> list[Any]:
        return [*other, *self]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Sequence) and not isinstance(other, str) and list(self) == list(other)
        )

    __hash__ = None  # type: ignore[assignment]  # as a list

    def __repr__(self) -> str:
        return "a list of the values"


def _track(value: Any, path: Path, reads: Reads) -> Any:
    if isinstance(value, dict):
        return Keyed(value, path, reads)
    if isinstance(value, list):
        return Listed(value, path, reads)
    reads.note(path)
    if isinstance(value, str):
        return _text(value, path)
    if value is None or isinstance(value, bool):
        return value
    tracked = Integer(value) if isinstance(value, int) else Number(value)
    tracked._path = path  # noqa: SLF001 -- of our own class, hidden from templates
    return tracked


def _text(value: str, path: Path) -> Text:
    text = Text(value)
    text._path = path  # noqa: SLF001 -- of our own class, hidden from templates
    return text
