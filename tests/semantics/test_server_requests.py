"""Preconditions, names, system fields and other requests, compared between the engine and a real API server.

`Twin.send` compares the answers of both: the refusal and its causes, or the stored object with its managedFields and
whether it changed. The assertions here only check that a test sets up the case in its name.
"""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.errors import RefusalReason
from reconciler.model.document import JsonObject, dig, dig_map
from reconciler.semantics.schema.crd import Crd
from tests.controlplane.plane import ControlPlane
from tests.semantics.twin import Request, Twin, put


def test_a_resource_version_guards_an_apply(twin: Twin) -> None:
    twin.apply({}, metadata={"resourceVersion": "12345"})  # creates an object that does not exist
    old = dig(twin.live, "metadata", "resourceVersion")
    twin.apply({"text": "abc"}, metadata={"resourceVersion": old})
    assert twin.apply({}, metadata={"resourceVersion": old}).reason is RefusalReason.STALE
    assert (
        twin.apply({"text": "abc"}, metadata={"resourceVersion": old}).reason is RefusalReason.STALE
    )
    assert twin.apply({}, metadata={"resourceVersion": "0"}).reason is RefusalReason.INVALID
    assert twin.apply({}, metadata={"resourceVersion": ""}).reason is RefusalReason.INVALID


def test_resource_version_1_creates_or_is_refused(twin: Twin) -> None:
    guarded = twin.body({"text": "abc"}, metadata={"resourceVersion": "1"})
    assert twin.send(Request("apply", guarded, dry_run=True)).created
    assert twin.send(Request("apply", guarded)).created
    assert twin.send(Request("apply", guarded)).reason is RefusalReason.STALE
    assert twin.send(Request("apply", guarded, force=True)).reason is RefusalReason.STALE


def test_a_uid_guards_an_apply(twin: Twin) -> None:
    assert twin.apply({}, metadata={"uid": "gone"}).reason is RefusalReason.STALE
    twin.apply({})
    assert twin.apply({"text": "abc"}, metadata={"uid": "other"}).reason is RefusalReason.INVALID
    assert twin.apply({"text": "abc"}, metadata={"uid": dig(twin.live, "metadata", "uid")}).changed
    twin.delete()
    assert twin.apply({}, metadata={"uid": "gone"}).reason is RefusalReason.STALE


def test_a_dry_run_creates_nothing(twin: Twin) -> None:
    assert twin.send(Request("apply", twin.body({"text": "abc"}), dry_run=True)).created
    assert twin.live is None


@pytest.mark.parametrize(
    "metadata",
    [
        {"name": "two"},
        {"name": ""},
        {"name": None},
        {"namespace": "elsewhere"},
        {"managedFields": []},
    ],
    ids=str,
)
def test_metadata_that_contradicts_the_request(twin: Twin, metadata: JsonObject) -> None:
    twin.apply({}, metadata=metadata)
    twin.apply({})
    twin.apply({}, metadata=metadata)
    put(twin, lambda body: body["metadata"].update(metadata))


@pytest.mark.parametrize(
    "kind", [{"kind": "Other"}, {"kind": ""}, {"apiVersion": "v1"}, {"apiVersion": ""}], ids=str
)
def test_an_object_of_another_kind(twin: Twin, kind: JsonObject) -> None:
    assert twin.send(Request("apply", twin.body({}) | kind)).reason is RefusalReason.INVALID


@pytest.mark.parametrize(
    "metadata",
    [
        {"labels": {"a b": "c"}},
        {"labels": {"a": "b c"}},
        {"labels": {"a": "x" * 64}},
        {"labels": {"a" * 64: "b"}},
        {"labels": {"/a": "b", "A_/b": "c", "a/b/c": "d", "a/": "e"}},
        {"labels": {"a": 1}},
        {"labels": {"a": None}},
        {"labels": {}},
        {"annotations": {"a b": "", "UP/x": "y"}},
        {"annotations": {"big": "x" * 262144}},
        {"finalizers": ["t.io/a", "b c"]},
        {"ownerReferences": [{"uid": "u"}]},
        {"ownerReferences": [{"apiVersion": "v1", "kind": "A", "name": "n", "uid": "u"}]},
        {"creationTimestamp": None},
        {"generation": 7},
        {"selfLink": "x"},
        {"nope": 1},
    ],
    ids=lambda metadata: str(metadata)[:40],
)
def test_metadata_is_validated(twin: Twin, metadata: dict[str, Any]) -> None:
    twin.apply({}, metadata=metadata)
    twin.apply({})
    twin.apply({}, metadata=metadata)
    twin.apply({}, metadata=metadata)


def test_names_are_dns_subdomains(control_plane: ControlPlane, sink: Crd, namespace: str) -> None:
    for name in ("A", "a_b", "-a", "a.b", "a..b", "x" * 254, "a" * 253):
        Twin(control_plane, sink, namespace, name).apply({})


def test_the_generation_increases_with_each_change_of_the_spec(twin: Twin) -> None:
    twin.apply({"text": "abc"})
    twin.apply({"text": "abc"}, metadata={"labels": {"a": "b"}})
    assert dig(twin.live, "metadata", "generation") == 1
    put(twin, lambda body: body.update(status={"ready": True}), status=True)
    assert dig(twin.live, "metadata", "generation") == 1
    twin.apply({"text": "x-y"})
    assert dig(twin.live, "metadata", "generation") == 2


def test_status_is_written_at_its_subresource_only(twin: Twin) -> None:
    twin.apply({}, status={"ready": True})
    assert dig(twin.live, "status") is None
    put(twin, lambda body: body.update(status={"ready": True}, spec={"text": "x"}), status=True)
    assert dig(twin.live, "status") == {"ready": True, "note": "none"}
    put(twin, lambda body: body.update(status={"ready": False}))
    assert dig(twin.live, "status", "ready") is True
    put(twin, lambda body: body["metadata"].update(labels={"a": "b"}), status=True)
    assert dig(twin.live, "metadata", "labels") is None
    conditions = [
        {"type": "A", "status": "T"},
        {"type": "B", "status": "F", "message": "0123456789x"},
    ]
    assert put(twin, lambda b: b["status"].update(conditions=conditions), status=True).reason
    put(twin, lambda body: body["status"].update(conditions=conditions[:1]), status=True)
    twin.send(Request("patch-status", {"status": {"ready": None}, "spec": {"text": "abc"}}, "ctl"))
    put(twin, lambda body: body.pop("status"), status=True)


def test_an_update_needs_the_live_uid_and_resource_version(twin: Twin) -> None:
    assert put(twin, lambda _: None).reason is RefusalReason.NOT_FOUND
    assert put(twin, lambda _: None, status=True).reason is RefusalReason.NOT_FOUND
    assert twin.patch({"spec": {}}).reason is RefusalReason.NOT_FOUND
    twin.apply({})
    stale = put(twin, lambda b: b["metadata"].update(resourceVersion="1"))
    other = put(twin, lambda b: b["metadata"].update(uid="other"))
    assert stale.reason is other.reason is RefusalReason.STALE
    assert put(twin, lambda b: b["metadata"].pop("resourceVersion")).reason is RefusalReason.INVALID
    put(
        twin, lambda b: b["metadata"].update(generation=9, creationTimestamp="2020-01-01T00:00:00Z")
    )


def test_a_create_of_an_existing_object_is_refused(twin: Twin) -> None:
    twin.send(Request("create", twin.body({"text": "abc"})))
    assert twin.send(Request("create", twin.body({"text": "abc"}))).reason is RefusalReason.EXISTS
    assert twin.send(Request("create", twin.body({"mode": "x"}))).reason is RefusalReason.INVALID


def test_a_delete_checks_preconditions_and_waits_for_finalizers(twin: Twin) -> None:
    assert twin.delete().reason is RefusalReason.NOT_FOUND
    twin.apply({}, metadata={"finalizers": ["t.io/a"]})
    assert twin.delete(uid="other").reason is RefusalReason.STALE
    assert twin.delete(resourceVersion="1").reason is RefusalReason.STALE
    assert not twin.delete().deleted
    assert not twin.delete().changed
    assert twin.apply({}, metadata={"finalizers": ["t.io/b"]}).reason is RefusalReason.INVALID
    assert twin.patch({"metadata": {"finalizers": None}}).deleted
    twin.apply({})
    assert twin.delete(uid=dig(twin.live, "metadata", "uid")).deleted


def test_what_removes_the_last_finalizer_is_answered_as_it_was_merged(twin: Twin) -> None:
    """The server decodes what it stores; an object that goes with this write is not stored."""
    twin.apply({}, "bob", metadata={"labels": {"a": "1"}, "finalizers": ["t.io/a"]})
    twin.apply({}, metadata={"labels": {}})
    twin.delete()
    answer = twin.apply({}, "bob")
    assert answer.deleted
    assert dig_map(answer.object, "metadata")["labels"] is None
