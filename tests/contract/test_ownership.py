"""Server-side apply of an object that other field managers write to as well."""

from __future__ import annotations

import pytest

from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import Document
from tests.contract.world import PROVIDER, US, Body, World, owners

OURS, THEIRS, EDITED = f"{US}/Apply", "other/Apply", "kubectl-edit/Update"


def test_a_key_that_another_manager_added_remains_theirs(world: World) -> None:
    world.apply(world.provider(headers={"X-Ours": "1"}))
    world.others.patch(PROVIDER, "one", {"spec": {"headers": {"X-Theirs": "2"}}}, "kubectl-edit")
    before = world.live()
    stored = world.apply(world.provider(headers={"X-Ours": "1"}))
    assert stored == before
    assert stored["spec"]["headers"] == {"X-Ours": "1", "X-Theirs": "2"}
    assert owners(stored)[EDITED] == {"f:spec": {"f:headers": {"f:X-Theirs": {}}}}


def test_a_field_that_another_manager_removed_leaves_our_entry(world: World) -> None:
    world.apply(world.provider(baseURL="https://example.org"))
    world.others.patch(PROVIDER, "one", {"spec": {"baseURL": None}}, "kubectl-edit")
    live = world.live()
    assert live is not None
    assert owners(live) == {OURS: {"f:spec": {"f:type": {}, "f:model": {}}}}


def test_a_field_that_another_manager_changed_is_theirs_and_conflicts(world: World) -> None:
    world.apply(world.provider(baseURL="https://example.org"))
    world.others.patch(PROVIDER, "one", {"spec": {"baseURL": "https://x.org"}}, "kubectl-edit")
    live = world.live()
    assert live is not None
    assert owners(live) == {
        OURS: {"f:spec": {"f:type": {}, "f:model": {}}},
        EDITED: {"f:spec": {"f:baseURL": {}}},
    }
    with pytest.raises(Refused) as caught:
        world.apply(world.provider(baseURL="https://example.org"))
    assert caught.value.reason is RefusalReason.FIELD_CONFLICT
    (cause,) = caught.value.causes
    assert (cause.field, cause.reason) == (".spec.baseURL", "FieldManagerConflict")
    assert (cause.manager, cause.operation) == ("kubectl-edit", "Update")
    assert cause.message.startswith(
        'conflict with "kubectl-edit" using omnia.altairalabs.ai/v1alpha1'
    )
    assert world.live() == live


def test_force_takes_only_the_conflicting_field(world: World) -> None:
    world.apply(world.provider(baseURL="https://example.org"))
    patch = {"spec": {"baseURL": "https://x.org", "headers": {"X": "1"}}}
    world.others.patch(PROVIDER, "one", patch, "kubectl-edit")
    stored = world.apply(world.provider(baseURL="https://example.org"), force=True)
    assert stored["spec"]["baseURL"] == "https://example.org"
    assert owners(stored) == {
        OURS: {"f:spec": {"f:type": {}, "f:model": {}, "f:baseURL": {}}},
        EDITED: {"f:spec": {"f:headers": {".": {}, "f:X": {}}}},
    }


def test_a_forced_dry_run_predicts_the_object_and_takes_nothing(world: World) -> None:
    world.apply(world.provider(baseURL="https://example.org"))
    world.others.patch(PROVIDER, "one", {"spec": {"baseURL": "https://x.org"}}, "kubectl-edit")
    before = world.live()
    predicted = world.apply(world.provider(baseURL="https://example.org"), force=True, dry_run=True)
    assert predicted["spec"]["baseURL"] == "https://example.org"
    assert EDITED not in owners(predicted)
    assert world.live() == before


def test_a_conflict_names_every_field_and_every_manager(world: World) -> None:
    world.apply(world.provider(baseURL="https://a.org"), manager="other")
    world.others.patch(PROVIDER, "one", {"spec": {"model": "gpt-5"}}, "kubectl-edit")
    with pytest.raises(Refused) as caught:
        world.apply(world.provider(baseURL="https://b.org", type="openai", model="gpt-4o"))
    assert {(cause.field, cause.manager, cause.operation) for cause in caught.value.causes} == {
        (".spec.baseURL", "other", "Apply"),
        (".spec.model", "kubectl-edit", "Update"),
    }
    assert caught.value.message.startswith("Apply failed with 2 conflicts")


def test_a_field_that_two_managers_apply_has_two_owners_and_remains_while_either_applies_it(
    world: World,
) -> None:
    body = world.provider(baseURL="https://example.org")
    world.apply(body, manager="other")
    both = world.apply(body)
    assert owners(both)[OURS] == owners(both)[THEIRS]
    left = world.apply(world.provider())
    assert left["spec"]["baseURL"] == "https://example.org"
    assert owners(left)[OURS] == {"f:spec": {"f:type": {}, "f:model": {}}}


def test_an_update_to_the_same_value_takes_nothing(world: World) -> None:
    before = world.apply(world.provider())
    world.others.patch(PROVIDER, "one", {"spec": {"model": "gpt-4o"}}, "kubectl-edit")
    assert world.live() == before


def test_a_status_has_its_own_entry_and_survives_an_apply(world: World) -> None:
    world.apply(world.provider())
    world.others.status(PROVIDER, "one", {"phase": "Ready"}, "operator")
    stored = world.apply(world.provider(model="gpt-5"))
    assert stored["status"] == {"phase": "Ready"}
    assert owners(stored)["operator/Update/status"] == {"f:status": {".": {}, "f:phase": {}}}


def test_an_apply_shares_the_equal_fields_of_an_object_that_another_manager_created(
    world: World,
) -> None:
    created = world.provider(baseURL="https://example.org").body()
    world.others.create(PROVIDER, created, "kubectl-client-side-apply")
    stored = world.apply(world.provider(baseURL="https://example.org"))
    fields = {"f:type": {}, "f:model": {}, "f:baseURL": {}}
    assert owners(stored) == {
        OURS: {"f:spec": fields},
        "kubectl-client-side-apply/Update": {
            "f:spec": {".": {}, **fields, "f:role": {}},
        },
    }
    with pytest.raises(Refused) as caught:
        world.apply(world.provider(baseURL="https://b.org"))
    assert [cause.manager for cause in caught.value.causes] == ["kubectl-client-side-apply"]


def test_a_replace_of_managed_fields_moves_ownership_to_us(world: World) -> None:
    created = world.provider(baseURL="https://example.org").body()
    world.others.create(PROVIDER, created, "kubectl-client-side-apply")
    live = world.live()
    assert live is not None
    (entry,) = live["metadata"]["managedFields"]
    live["metadata"]["managedFields"] = [entry | {"manager": US, "operation": "Apply"}]
    world.cluster.replace(PROVIDER, Document.of(live))
    stored = world.apply(world.provider())
    assert "baseURL" not in stored["spec"]
    assert owners(stored) == {OURS: {"f:spec": {"f:type": {}, "f:model": {}}}}


class TestMergePatch:
    """Taking out a field of somebody else, which an apply would leave."""

    def patch(self, world: World, version: str) -> Body:
        patch = {"metadata": {"resourceVersion": version}, "spec": {"baseURL": None}}
        return world.cluster.merge_patch(PROVIDER, world.namespace, "one", patch, manager=US).body()

    def test_null_removes_a_field_of_another_owner_and_owns_nothing(self, world: World) -> None:
        world.apply(world.provider())
        ours = owners(world.live())[OURS]
        world.others.patch(PROVIDER, "one", {"spec": {"baseURL": "https://x.example.com"}}, "k")
        live = world.live()
        assert live is not None
        after = self.patch(world, live["metadata"]["resourceVersion"])
        assert "baseURL" not in after["spec"]
        assert owners(after) == {OURS: ours}

    def test_an_object_that_has_changed_since_is_left_alone(self, world: World) -> None:
        old = world.apply(world.provider())["metadata"]["resourceVersion"]
        world.others.patch(PROVIDER, "one", {"spec": {"baseURL": "https://x.example.com"}}, "k")
        with pytest.raises(Refused) as caught:
            self.patch(world, old)
        assert caught.value.reason is RefusalReason.STALE
        assert "baseURL" in (world.live() or {})["spec"]

    def test_an_object_that_does_not_exist_is_not_created(self, world: World) -> None:
        with pytest.raises(Refused) as caught:
            self.patch(world, "7")
        assert caught.value.reason is RefusalReason.NOT_FOUND
        assert world.live() is None
