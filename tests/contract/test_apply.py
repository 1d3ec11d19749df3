"""Server-side apply by one manager: what is stored, and what is owned."""

from __future__ import annotations

import pytest

from tests.contract.world import MODEL_PROVIDER, US, World, owners, with_metadata

OURS = f"{US}/Apply"


def test_what_is_applied_is_stored_with_its_defaults_and_owned_without_them(world: World) -> None:
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


def test_generation_counts_changes_of_the_spec_alone(world: World) -> None:
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


def test_a_field_that_is_no_longer_sent_goes_and_its_default_comes_back(world: World) -> None:
    world.apply(world.provider(role="embedding", baseURL="https://example.org"))
    stored = world.apply(world.provider())
    assert stored["spec"] == {"type": "openai", "model": "gpt-4o", "role": "llm"}
    assert owners(stored) == {OURS: {"f:spec": {"f:type": {}, "f:model": {}}}}


def test_an_empty_map_is_owned_as_a_leaf_and_filled(world: World) -> None:
    stored = world.apply(world.provider(defaults={}))
    assert stored["spec"]["defaults"] == {"truncationStrategy": "sliding"}
    assert owners(stored)[OURS]["f:spec"]["f:defaults"] == {}


def test_an_empty_map_of_strings_stays_empty(world: World) -> None:
    stored = world.apply(world.provider(headers={}))
    assert stored["spec"]["headers"] == {}
    assert owners(stored)[OURS]["f:spec"]["f:headers"] == {}


def test_a_list_is_one_leaf_and_may_repeat_itself(world: World) -> None:
    stored = world.apply(world.provider(capabilities=["text", "tools", "text"]))
    assert stored["spec"]["capabilities"] == ["text", "tools", "text"]
    assert owners(stored)[OURS]["f:spec"]["f:capabilities"] == {}


def test_a_whole_float_is_stored_as_an_integer(world: World) -> None:
    stored = world.apply(world.provider(defaults={"maxTokens": 4096.0}))
    assert stored["spec"]["defaults"]["maxTokens"] == 4096
    assert isinstance(stored["spec"]["defaults"]["maxTokens"], int)


def test_a_status_is_dropped_and_not_owned(world: World) -> None:
    body = world.document(MODEL_PROVIDER, "one", {"openai": {}}).body()
    stored = world.apply(type(world.provider()).of(body | {"status": {"ready": True}}))
    assert "status" not in stored
    assert owners(stored) == {OURS: {"f:spec": {"f:openai": {}}}}


def test_an_atomic_map_is_one_leaf(world: World) -> None:
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
def test_text_arrives_as_it_was_sent(world: World, text: str) -> None:
    stored = world.apply(world.provider(headers={"X-Title": text}))
    assert stored["spec"]["headers"] == {"X-Title": text}


def test_a_dry_run_create_answers_and_stores_nothing(world: World) -> None:
    stored = world.apply(world.provider(), dry_run=True)
    assert stored["metadata"]["generation"] == 1
    assert "resourceVersion" not in stored["metadata"]
    assert stored["spec"]["role"] == "llm"
    assert world.live() is None


def test_a_dry_run_of_a_change_answers_what_would_be_and_stores_nothing(world: World) -> None:
    before = world.apply(world.provider())
    would = world.apply(world.provider(model="gpt-5"), dry_run=True)
    assert would["spec"]["model"] == "gpt-5"
    assert would["metadata"]["generation"] == 2
    assert would["metadata"]["uid"] == before["metadata"]["uid"]
    assert world.live() == before


def test_a_dry_run_that_changes_nothing_answers_the_live_object(world: World) -> None:
    before = world.apply(world.provider())
    assert world.apply(world.provider(), dry_run=True) == before
