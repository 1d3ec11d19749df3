from __future__ import annotations

from reconciler.semantics.ownership.typed import mistyped, undeclared
from tests.semantics import sources


def test_every_undeclared_field_is_listed_with_its_neighbours() -> None:
    body = sources.body(sources.sink(), {"nope": 1, "parts": [{"name": "a", "nam": 1}], "mode": 3})
    found = undeclared(sources.sink().schema, body)
    assert [one.printed for one in found] == [".spec.nope", '.spec.parts[name="a"].nam']
    assert [one.path for one in found] == [("spec", "nope"), ("spec", "parts", 0, "nam")]
    assert found[1].near == ("list", "name", "value")
    assert found[0].sentence == ".spec.nope: field not declared in schema"


def test_wrong_types_are_listed_too() -> None:
    body = sources.body(sources.sink(), {"mode": 3, "flag": "x", "words": {}})
    assert {one.printed for one in mistyped(sources.sink().schema, body)} == {
        ".spec.mode",
        ".spec.flag",
        ".spec.words",
    }


def test_metadata_is_typed_as_kubernetes_declares_it() -> None:
    body = sources.body(sources.sink(), {}, labels={"a": 1}, nope=True, finalizers=["a", "a"])
    assert {one.printed for one in mistyped(sources.sink().schema, body)} == {
        ".metadata.labels.a",
        ".metadata.nope",
        ".metadata.finalizers",
    }


def test_repeated_items_are_allowed_in_what_an_update_stored() -> None:
    body = sources.body(sources.sink(), {"unique": ["a", "a"]})
    assert len(mistyped(sources.sink().schema, body)) == 1
    assert mistyped(sources.sink().schema, body, duplicates=True) == ()
