"""Server-side apply by a single field manager: the stored object and its ownership."""

from __future__ import annotations

import pytest

from tests.contract.world import MODEL_PROVIDER, US, World, owners, with_metadata

OURS = f"{US}/Apply"


def test_an_object_is_stored_with_defaults_and_owned_without_them(world: World) -> None:
    stored = world.apply(world.provider(defaults={"maxTokens": 100}))
    assert stored["spec"] == {
        "type": "openai",
        "model": "gpt-4o",
        "role": "llm",
        "defaults": {"maxTokens": 100, "truncationStrategy": "sliding"},
    }
    assert stored["metadata"]["generation"] == 1
    assert owners(stored) == {
        OURS: {"f:spec": {"f:type": {}, "f:model": {}, "f:defaults": {"f:maxTokens": {}}}}
    }
    assert world.live() == stored


def test_an_apply_that_changes_nothing_writes_nothing(world: World) -> None:
    first = world.apply(world.provider())
    assert world.apply(world.provider()) == first


def test_the_generation_increases_only_with_changes_of_the_spec(world: World) -> None:
    world.apply(world.provider())
    labelled = world.apply(with_metadata(world.provider(), labels={"team": "a"}))
    changed = world.apply(with_metadata(world.provider(model="gpt-5"), labels={"team": "a"}))
    assert labelled["metadata"]["generation"] == 1
    assert changed["metadata"]["generation"] == 2
    assert labelled["metadata"]["resourceVersion"] != changed["metadata"]["resourceVersion"]


def test_labels_and_annotations_are_owned_by_key(world: World) -> None:
    body = with_metadata(world.provider(), labels={"a/b": "c"}, annotations={"note": "x"})
    metadata = owners(world.apply(body))[OURS]["f:metadata"]
    assert metadata == {"f:labels": {"f:a/b": {}}, "f:annotations": {"f:note": {}}}


def test_a_field_that_is_no_longer_applied_is_removed_or_gets_its_default(world: World) -> None:
    world.apply(world.provider(role="embedding", baseURL="https://example.org"))
    stored = world.apply(world.provider())
    assert stored["spec"] == {"type": "openai", "model": "gpt-4o", "role": "llm"}
    assert owners(stored) == {OURS: {"f:spec": {"f:type": {}, "f:model": {}}}}


def test_an_empty_map_is_owned_as_a_leaf_and_gets_defaults(world: World) -> None:
    stored = world.apply(world.provider(defaults={}))
    assert stored["spec"]["defaults"] == {"truncationStrategy": "sliding"}
    assert owners(stored)[OURS]["f:spec"]["f:defaults"] == {}


def test_an_empty_map_of_strings_remains_empty(world: World) -> None:
    stored = world.apply(world.provider(headers={}))
    assert stored["spec"]["headers"] == {}
    assert owners(stored)[OURS]["f:spec"]["f:headers"] == {}


def test_an_atomic_list_is_owned_as_a_leaf_and_may_repeat_an_item(world: World) -> None:
    stored = world.apply(world.provider(capabilities=["text", "tools", "text"]))
    assert stored["spec"]["capabilities"] == ["text", "tools", "text"]
    assert owners(stored)[OURS]["f:spec"]["f:capabilities"] == {}


def test_a_float_without_a_fraction_is_stored_as_an_integer(world: World) -> None:
    stored = world.apply(world.provider(defaults={"maxTokens": 4096.0}))
    assert stored["spec"]["defaults"]["maxTokens"] == 4096
    assert isinstance(stored["spec"]["defaults"]["maxTokens"], int)


def test_an_applied_status_is_neither_stored_nor_owned(world: World) -> None:
    body = world.document(MODEL_PROVIDER, "one", {"openai": {}}).body()
    stored = world.apply(type(world.provider()).of(body | {"status": {"ready": True}}))
    assert "status" not in stored
    assert owners(stored) == {OURS: {"f:spec": {"f:openai": {}}}}


def test_an_atomic_map_is_owned_as_a_leaf(world: World) -> None:
    reference = {"name": "keys", "key": "openai"}
    body = world.document(MODEL_PROVIDER, "one", {"openai": {}, "apiKeySecretRef": reference})
    assert owners(world.apply(body))[OURS]["f:spec"]["f:apiKeySecretRef"] == {}


@pytest.mark.parametrize(
    "text",
    [
        "emoji \U0001f600",
        "next\x85line",
        "delete\x7f",
        "\u2028",
        "\ufeffmark",
        "tab\tand\nline",
        "é",
    ],
)
def test_special_characters_are_stored_unchanged(world: World, text: str) -> None:
    stored = world.apply(world.provider(headers={"X-Title": text}))
    assert stored["spec"]["headers"] == {"X-Title": text}


def test_a_dry_run_of_a_create_returns_the_object_and_stores_nothing(world: World) -> None:
    stored = world.apply(world.provider(), dry_run=True)
    assert stored["metadata"]["generation"] == 1
    assert "resourceVersion" not in stored["metadata"]
    assert stored["spec"]["role"] == "llm"
    assert world.live() is None


def test_a_dry_run_of_a_change_returns_the_changed_object_and_stores_nothing(world: World) -> None:
    before = world.apply(world.provider())
    predicted = world.apply(world.provider(model="gpt-5"), dry_run=True)
    assert predicted["spec"]["model"] == "gpt-5"
    assert predicted["metadata"]["generation"] == 2
    assert predicted["metadata"]["uid"] == before["metadata"]["uid"]
    assert world.live() == before


def test_a_dry_run_that_changes_nothing_returns_the_live_object(world: World) -> None:
    before = world.apply(world.provider())
    assert world.apply(world.provider(), dry_run=True) == before
