"""Which fields an adoption moves, and what stays with their owner."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.model.document import JsonObject
from reconciler.model.marks import LAST_APPLIED
from reconciler.semantics.ownership.adoption import Mover
from reconciler.semantics.ownership.fieldset import FieldSet

VERSION = "omnia.altairalabs.ai/v1alpha1"
MOVER = Mover(frozenset({"kubectl"}), "us", VERSION)


def entry(manager: str, operation: str, fields: JsonObject, **more: Any) -> JsonObject:
    written = {"apiVersion": VERSION, "time": "2026-08-01T12:00:00Z", "fieldsType": "FieldsV1"}
    return {"manager": manager, "operation": operation, **written, "fieldsV1": fields, **more}


def live(*managed: JsonObject, **annotations: str) -> JsonObject:
    return {"metadata": {"annotations": annotations, "managedFields": list(managed)}}


def moved(body: JsonObject, mover: Mover = MOVER) -> dict[str, JsonObject]:
    fields = mover.patch(body)["metadata"]["managedFields"]
    return {f"{each['manager']}/{each['operation']}": each["fieldsV1"] for each in fields}


def test_containers_of_an_update_do_not_move_and_leave_no_entry_behind() -> None:
    """An Apply entry does not own a mapping of which it owns a field."""
    body = live(entry("kubectl", "Update", {"f:spec": {".": {}, "f:model": {}, "f:tls": {}}}))
    assert moved(body) == {"us/Apply": {"f:spec": {"f:model": {}, "f:tls": {}}}}


def test_a_move_adds_to_what_is_ours_already_and_keeps_our_time() -> None:
    body = live(
        entry(
            "us", "Apply", {"f:spec": {"f:model": {}, "f:type": {}}}, time="2026-01-01T00:00:00Z"
        ),
        entry("kubectl", "Update", {"f:spec": {"f:model": {}, "f:role": {}}}),
        entry("kubectl", "Apply", {"f:spec": {"f:url": {}}, "f:metadata": {"f:finalizers": {}}}),
    )
    assert moved(body) == {
        "us/Apply": {"f:spec": {"f:model": {}, "f:role": {}, "f:type": {}, "f:url": {}}},
        "kubectl/Apply": {"f:metadata": {"f:finalizers": {}}},
    }
    managed = MOVER.patch(body)["metadata"]["managedFields"]
    (ours,) = (each for each in managed if each["manager"] == "us")
    assert ours["time"] == "2026-01-01T00:00:00Z"
    assert {each["apiVersion"] for each in managed} == {VERSION}


def test_an_item_of_a_list_moves_with_its_key() -> None:
    item = {'k:{"name":"a"}': {".": {}, "f:name": {}, "f:value": {}}}
    body = live(entry("kubectl", "Update", {"f:spec": {"f:parts": {".": {}, **item}}}))
    assert moved(body) == {"us/Apply": {"f:spec": {"f:parts": item}}}


def test_finalizers_owners_and_status_stay() -> None:
    stays = {"f:metadata": {"f:finalizers": {'v:"x"': {}}, "f:ownerReferences": {}}}
    body = live(
        entry("kubectl", "Update", stays | {"f:spec": {"f:model": {}}, "f:status": {"f:phase": {}}})
    )
    assert moved(body) == {
        "us/Apply": {"f:spec": {"f:model": {}}},
        "kubectl/Update": stays | {"f:status": {"f:phase": {}}},
    }


def test_what_stays_by_name_stays() -> None:
    stays = FieldSet.of_paths([("f:metadata", "f:annotations", "f:hold")])
    marks = {"f:metadata": {"f:annotations": {".": {}, "f:hold": {}, "f:team": {}}}}
    mover = Mover(frozenset({"kubectl"}), "us", VERSION, stays)
    assert moved(live(entry("kubectl", "Update", marks)), mover) == {
        "us/Apply": {"f:metadata": {"f:annotations": {"f:team": {}}}},
        "kubectl/Update": {"f:metadata": {"f:annotations": {"f:hold": {}}}},
    }


def test_last_applied_goes_with_its_owner_only() -> None:
    marks = {"f:metadata": {"f:annotations": {f"f:{LAST_APPLIED}": {}}}}
    theirs, others = entry("kubectl", "Update", marks), entry("other", "Update", marks)
    body = live(theirs, **{LAST_APPLIED: "{}"})
    assert MOVER.gives(body) == ("kubectl",)
    patch = MOVER.patch(body)["metadata"]
    assert (patch["managedFields"], patch["annotations"]) == ([], {LAST_APPLIED: None})
    assert MOVER.gives(live(others, **{LAST_APPLIED: "{}"})) == ()
    beside = live(entry("kubectl", "Update", SPEC), others, **{LAST_APPLIED: "{}"})
    assert "annotations" not in MOVER.patch(beside)["metadata"], "it is another manager's"


def test_an_entry_of_another_manager_at_another_version_holds_nothing_up() -> None:
    other = entry("other", "Update", SPEC, apiVersion="omnia.altairalabs.ai/v1")
    ours = entry("us", "Apply", SPEC)
    assert MOVER.gives(live(entry("kubectl", "Update", SPEC), other, ours)) == ("kubectl",)


SPEC: JsonObject = {"f:spec": {"f:model": {}}}


@pytest.mark.parametrize(
    "managed",
    [
        [],
        [entry("other", "Update", SPEC)],
        [entry("kubectl", "Update", SPEC, subresource="status")],
        [entry("kubectl", "Update", SPEC, apiVersion="omnia.altairalabs.ai/v1")],
        [
            entry("kubectl", "Update", SPEC),
            entry("us", "Apply", SPEC, apiVersion="omnia.altairalabs.ai/v1"),
        ],
        [entry("kubectl", "Update", SPEC), {"manager": "broken"}],
        [entry("us", "Apply", SPEC)],
        [entry("kubectl", "Update", {"f:metadata": {"f:finalizers": {}}})],
    ],
    ids=["nobody", "another", "status", "version", "our-version", "invalid", "ours", "finalizers"],
)
def test_nothing_moves_from(managed: list[JsonObject]) -> None:
    assert Mover(frozenset({"kubectl", "us"}), "us", VERSION).gives(live(*managed)) == ()
