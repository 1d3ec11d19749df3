"""The fields in which two objects differ, where an item is stored twice; a recorded server answers the other cases."""

from __future__ import annotations

import pytest

from reconciler.model.document import Json
from reconciler.semantics.ownership.atoms import root_atom
from reconciler.semantics.ownership.changes import field_changes
from reconciler.semantics.ownership.fieldset import FieldSet
from tests.semantics import sources

X1 = {"name": "x", "value": "a"}
X2 = {"name": "x", "value": "b"}
ITEM = ("x",)
CONTENT = ("x", "x.name", "x.value")


@pytest.mark.parametrize(
    ("old", "new", "removed", "modified", "added"),
    [
        ([X1, X2], [X1, X2], (), (), ()),
        ([X1, X2], [X2, X1], (), ITEM, ()),
        ([X1, X2], [X1, X2, X2], (), ITEM, ()),
        ([X1, X2], [X1], ITEM, (), CONTENT),
        ([X1, X1, X2], [X1], ITEM, (), CONTENT),
        ([X1, X2], [], ITEM, (), ()),
        ([X1], [X1, X2], CONTENT, (), ITEM),
        ([X1], [X1, X2, X2], CONTENT, (), ITEM),
        ([], [X1, X2], (), (), ITEM),
    ],
)
def test_an_item_that_is_stored_twice_is_one_field(
    old: list[Json],
    new: list[Json],
    removed: tuple[str, ...],
    modified: tuple[str, ...],
    added: tuple[str, ...],
) -> None:
    """Where one of several stays, they are removed, and it is added with its content."""
    other: Json = {"name": "y"}
    before, after = ({"spec": {"parts": items}} for items in ([other, *old], [*new, other]))
    changes = field_changes(root_atom(sources.sink().schema), before, after)
    assert _names(changes.removed) == removed
    assert _names(changes.modified) == modified
    assert _names(changes.added) == added


def _names(fields: FieldSet) -> tuple[str, ...]:
    elements = {'k:{"name":"x"}': "x", "f:name": "name", "f:value": "value"}
    return tuple(".".join(elements[element] for element in path[2:]) for path in fields)
