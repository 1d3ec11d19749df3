"""`dataclass` for frozen values with slots: the one of the standard library, made in a third of its time.

That one compiles six methods for each class, which was a third of the time that a command takes to start. Here a class
compiles `__init__` only, and all of them share the others.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass  # mypy knows what it does
else:

    def dataclass(
        *,
        frozen: bool,
        slots: bool,
        eq: bool = True,
        order: bool = False,
        weakref_slot: bool = False,
    ) -> Callable[[type], type]:
        """The decorator of the standard library, for frozen classes with slots."""
        if not (frozen and slots):
            raise TypeError("only for frozen classes with slots")
        shared = (_Frozen, *((_Equal,) if eq else ()), *((_Ordered,) if order else ()))
        methods = {name: m for each in shared for name, m in vars(each).items() if callable(m)}

        def decorate(cls: type) -> type:
            own = {name for name, value in vars(cls).items() if value is not None}
            made = dataclasses.dataclass(
                init=False, repr=False, eq=False, slots=True, weakref_slot=weakref_slot
            )(cls)
            fields = dataclasses.fields(made)
            compared = [field.name for field in fields if field.compare]
            special = {
                "__init__": _init_of(made, fields),
                "_compared": staticmethod(attrgetter(*compared) if compared else type),
            }
            for name, method in (methods | special).items():
                if name not in own:
                    setattr(made, name, method)
            return made

        return decorate


def _init_of(cls: type, fields: tuple[dataclasses.Field[Any], ...]) -> Callable[..., None]:
    """`__init__`, which sets the slots themselves, because `__setattr__` refuses."""
    missing = dataclasses.MISSING
    scope: dict[str, Any] = {"_missing": missing}
    parameters: list[str] = ["self"]
    named: list[str] = []
    lines: list[str] = []
    for field in (field for field in fields if field.init):
        name = value = parameter = field.name
        scope[f"_set_{name}"] = getattr(cls, name).__set__
        if field.default_factory is not missing:
            scope[f"_make_{name}"] = field.default_factory
            parameter, value = (
                f"{name}=_missing",
                f"_make_{name}() if {name} is _missing else {name}",
            )
        elif field.default is not missing:
            scope[f"_default_{name}"] = field.default
            parameter = f"{name}=_default_{name}"
        (named if field.kw_only else parameters).append(parameter)
        lines.append(f"_set_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    listed = ", ".join([*parameters, *(["*", *named] if named else [])])
    text = "\n ".join([f"def __init__({listed}):", *lines, "pass"])
    exec(text, scope)  # noqa: S102 -- of the names of fields, as the standard library does it
    init: Callable[..., None] = scope["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


class _Frozen:
    def __repr__(self: Any) -> str:
        shown = (field.name for field in dataclasses.fields(self) if field.repr)
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({values})"

    def __setattr__(self, name: str, _: object) -> NoReturn:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    def __getstate__(self: Any) -> list[Any]:
        return [getattr(self, field.name) for field in dataclasses.fields(self)]

    def __setstate__(self: Any, state: list[Any]) -> None:
        for field, value in zip(dataclasses.fields(self), state, strict=True):
            object.__setattr__(self, field.name, value)


class _Equal:
    _compared: Callable[[Any], Any]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self._compared(self) == self._compared(other))

    def __hash__(self) -> int:
        return hash(self._compared(self))


class _Ordered(_Equal):
    def __lt__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self._compared(self) < self._compared(other))

    def __le__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self._compared(self) <= self._compared(other))

    def __gt__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self._compared(self) > self._compared(other))

    def __ge__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self._compared(self) >= self._compared(other))
