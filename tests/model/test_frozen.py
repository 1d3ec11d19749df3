"""`reconciler.frozen.dataclass` makes the same values as the decorator of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import operator
from collections.abc import Callable
from dataclasses import field, replace
from typing import Any

import pytest

from reconciler import frozen

SHAPES: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, 2), {}),
    ((2, 1), {"named": 3}),
    ((), {"first": 1, "made": [4]}),
    ((1,), {"hidden": "s"}),
    ((1,), {"apart": "another"}),
]


def classes(decorator: Any, **options: Any) -> tuple[type[Any], type[Any], type[Any]]:
    @decorator(frozen=True, slots=True, **options)
    class Value:
        """With every kind of field that the program uses."""

        first: int
        second: int = 5
        made: list[int] = field(default_factory=list, compare=False)
        hidden: str = field(default="", repr=False)
        apart: str = field(default="", compare=False)
        later: int = field(init=False, repr=False, compare=False)
        named: int = field(default=7, kw_only=True)

        def __post_init__(self) -> None:
            object.__setattr__(self, "later", self.first + 1)

    @decorator(frozen=True, slots=True, **options)
    class Child(Value):
        more: str = "m"

    @decorator(frozen=True, slots=True, **options)
    class Empty:
        def __repr__(self) -> str:
            return "nothing"

    return Value, Child, Empty


OPTIONS = [{}, {"order": True}, {"eq": False}, {"weakref_slot": True}]


def behaviour(made: type[Any], *others: type[Any]) -> list[Any]:
    """What two objects of each shape are, do and refuse."""
    values = [made(*positional, **named) for positional, named in SHAPES]
    children = [other(*SHAPES[1][0]) for other in others]
    every = [*values, *children]
    return [
        [(repr(value), value.later, value.made, value.__match_args__) for value in every],
        [[left == right for right in every] for left in every],
        [hash(left) == hash(right) for left in every for right in every],
        [
            attempt(lambda compare=compare, left=left, right=right: compare(left, right))
            for compare in (operator.lt, operator.le, operator.gt, operator.ge)
            for left in every
            for right in every
        ],
        [attempt(lambda value=value: setattr(value, "first", 2)) for value in every],
        [attempt(lambda value=value: delattr(value, "first")) for value in every],
        [attempt(lambda value=value: setattr(value, "unknown", 2)) is not None for value in every],
        [repr(replace(value, first=9)) for value in every],
        [dataclasses.asdict(value) for value in every],
        [hasattr(value, "__dict__") for value in every],
        [repr(copy.copy(value)) + repr(copy.deepcopy(value)) for value in every],
        [repr(type(value).__reduce_ex__(value, 4)[2]) for value in every],
        attempt(made),
        attempt(lambda: made(1, 2, [], "", "", 6)),
        str(inspect.signature(made)).replace(" -> None", "").count("="),
    ]


def attempt(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except (TypeError, AttributeError) as error:
        return type(error)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_it_is_as_the_standard_library_makes_it(options: dict[str, Any]) -> None:
    ours, child, _ = classes(frozen.dataclass, **options)
    theirs, their_child, _ = classes(dataclasses.dataclass, **options)
    assert behaviour(ours, child) == behaviour(theirs, their_child)


def test_a_class_without_fields_and_with_its_own_method() -> None:
    _, _, ours = classes(frozen.dataclass)
    assert (ours() == ours(), hash(ours()) == hash(ours()), repr(ours())) == (True, True, "nothing")


def test_each_object_has_its_own_default() -> None:
    ours, _, _ = classes(frozen.dataclass)
    assert ours(1).made is not ours(1).made


@pytest.mark.parametrize(
    "options", [{"frozen": False, "slots": True}, {"frozen": True, "slots": False}]
)
def test_other_classes_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="only for frozen"):
        frozen.dataclass(**options)
