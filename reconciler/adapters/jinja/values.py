"""Values as templates see them: immutable, and aware of their paths, so that every read is tracked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler.adapters.jinja.pieces import Path


class Reads:
    """Tracks which values are read, per expression and in total.

    Attributes:
        accessed: paths that any template looked up, in conditions and loops, too.
        missed: paths that a template looked up and that do not exist.
    """

    def __init__(self) -> None:
        self._expressions: list[
            dict[Path, None]
        ] = []  # a macro has expressions within an expression
        self.accessed: set[Path] = set()
        self.missed: set[Path] = set()

    def begin(self) -> None:
        """An expression begins."""
        self._expressions.append({})

    def end(self) -> tuple[Path, ...]:
        """The innermost expression ends: the paths that it read."""
        return tuple(self._expressions.pop())

    def reset(self) -> None:
        self._expressions.clear()

    def add(self, path: Path) -> None:
        if self._expressions:
            self._expressions[-1][path] = None


class TrackedStr(str):
    """A string of the values with its path, which it keeps in loops and as an argument of a macro."""

    __slots__ = ("_path",)
    _path: Path


class TrackedInt(int):
    _path: Path = ()


class TrackedFloat(float):
    _path: Path = ()


def path_of(value: object) -> Path | None:
    """The path of a value, None for one that a template made."""
    return getattr(value, "_path", None) or None


class TrackedMapping(Mapping[str, Any]):
    """A mapping of the values."""

    def __init__(self, content: dict[str, Any], path: Path, reads: Reads) -> None:
        self._content, self._path, self._reads = content, path, reads

    def __getitem__(self, key: str) -> Any:
        path = (*self._path, str(key))
        self._look_up(key, path)
        return _track(self._content[key], path, self._reads)

    def __iter__(self) -> Iterator[str]:
        for key in self._content:
            path = (*self._path, key)
            self._reads.accessed.add(path)
            yield _track_str(key, path)

    def __len__(self) -> int:
        return len(self._content)

    def __contains__(self, key: object) -> bool:
        self._look_up(key, (*self._path, str(key)))
        return key in self._content

    def unread(self) -> Iterator[Path]:
        """Paths that no template looked up; nothing below such a path, and nothing inside a list."""
        for key, value in self._content.items():
            path = (*self._path, key)
            if path not in self._reads.accessed:
                yield path
            elif isinstance(value, dict):
                yield from TrackedMapping(value, path, self._reads).unread()

    def _look_up(self, key: object, path: Path) -> None:
        (self._reads.accessed if key in self._content else self._reads.missed).add(path)

    def __repr__(self) -> str:
        return "a mapping of the values"


class TrackedList(Sequence[Any]):
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
        return TrackedMapping(value, path, reads)
    if isinstance(value, list):
        return TrackedList(value, path, reads)
    reads.add(path)
    if isinstance(value, str):
        return _track_str(value, path)
    if value is None or isinstance(value, bool):
        return value
    tracked = TrackedInt(value) if isinstance(value, int) else TrackedFloat(value)
    tracked._path = path  # noqa: SLF001 -- the underscore hides it from templates
    return tracked


def _track_str(value: str, path: Path) -> TrackedStr:
    tracked = TrackedStr(value)
    tracked._path = path  # noqa: SLF001 -- the underscore hides it from templates
    return tracked
