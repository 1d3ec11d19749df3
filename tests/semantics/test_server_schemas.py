"""CRDs that change or have another form, compared between the engine and a real API server.

`Twin.send` compares the answers of both: the refusal and its causes, or the stored object with its managedFields and
whether it changed. The assertions here only check that a test sets up the case in its name.
"""

from __future__ import annotations

import copy
from functools import partial

from reconciler.errors import RefusalReason
from reconciler.model.document import JsonObject, dig
from reconciler.semantics.schema.crd import Crd
from tests.controlplane import crds
from tests.controlplane.crds import load
from tests.controlplane.plane import ControlPlane
from tests.semantics.sources import SINK
from tests.semantics.twin import Request, Twin, put


def test_an_update_may_keep_values_that_a_new_schema_forbids(
    control_plane: ControlPlane, namespace: str
) -> None:
    """Ratcheting (KEP-4008): the CRD becomes stricter while the object exists."""
    loose, tight = load(SINK), load(SINK)
    for crd in (loose, tight):
        crd["spec"]["group"] = "ratchet.semantics.test"
        crd["metadata"]["name"] = "sinks.ratchet.semantics.test"
    spec = tight["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["text"]["maxLength"] = 3
    spec["properties"]["labels"]["additionalProperties"]["maxLength"] = 1
    spec["properties"]["ports"]["items"]["properties"]["name"]["maxLength"] = 1
    spec["properties"]["words"]["items"]["minLength"] = 2
    spec["required"].append("flag")
    spec["properties"]["parts"]["items"]["x-kubernetes-validations"].append(
        {"rule": "has(self.list)", "message": "a part has a list"}
    )
    _install(control_plane, loose)
    twin = Twin(control_plane, Crd.of(loose), namespace, "ratchet")
    body: JsonObject = {
        "text": "abcd",
        "labels": {"a": "11", "b": "1"},
        "ports": [{"number": 1, "name": "ab"}, {"number": 2}],
        "words": ["a", "b"],
        "parts": [{"name": "p", "value": "a"}, {"name": "q"}],
    }
    twin.apply(body)
    _install(control_plane, tight)
    twin.serve(Crd.of(tight))
    assert twin.apply(body, metadata={"labels": {"x": "y"}}).changed
    twin.apply(body | {"count": 2})
    body["flag"] = True
    assert twin.apply(body | {"count": 2}).changed
    assert twin.apply(body | {"text": "abce"}).reason is RefusalReason.INVALID
    for change in (
        {"text": "abce"},
        {"labels": {"a": "11", "b": "22"}},
        {"labels": {"a": "11", "b": "1", "c": "3"}},
        {"ports": [{"number": 2}, {"number": 1, "name": "ab"}]},
        {"ports": [{"number": 1, "name": "ab"}, {"number": 2, "name": "cd"}]},
        {"words": ["a", "c"]},
        {"words": ["a", "b"], "count": 4},
        {"parts": [{"name": "p", "value": "a"}, {"name": "q", "value": "a"}]},
        {"parts": [{"name": "q"}, {"name": "p", "value": "a"}]},
        {"parts": [{"name": "p", "value": "a", "list": [1]}, {"name": "r"}]},
    ):
        twin.apply(body | change)
        put(twin, partial(_update_spec, change))
    put(twin, lambda live: live.update(status={"ready": True}), status=True)


def test_fields_inside_a_value_that_became_atomic_are_owned_as_one_field(
    control_plane: ControlPlane, namespace: str
) -> None:
    granular, atomic = load(SINK), load(SINK)
    for crd in (granular, atomic):
        crd["spec"]["group"] = "atomic.semantics.test"
        crd["metadata"]["name"] = "sinks.atomic.semantics.test"
    spec = atomic["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["settings"]["x-kubernetes-map-type"] = "atomic"
    spec["properties"]["unique"]["x-kubernetes-list-type"] = "atomic"
    _install(control_plane, granular)
    twin = Twin(control_plane, Crd.of(granular), namespace, "atomic")
    body = {"settings": {"name": "a", "inner": {"enabled": True}}, "unique": ["a", "b"]}
    twin.apply(body, "alice")
    twin.apply({"settings": {"level": 4}, "unique": ["c"]}, "bob")
    _install(control_plane, atomic)
    twin.serve(Crd.of(atomic))
    twin.apply(body, "alice")
    twin.apply(body, "alice", force=True)
    twin.apply({}, "bob")


def test_items_that_were_stored_twice_before_their_list_became_associative(
    control_plane: ControlPlane, namespace: str
) -> None:
    atomic, associative = load(SINK), load(SINK)
    for crd in (atomic, associative):
        crd["spec"]["group"] = "twice.semantics.test"
        crd["metadata"]["name"] = "sinks.twice.semantics.test"
    spec = atomic["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    for name in ("unique", "parts"):
        spec["properties"][name]["x-kubernetes-list-type"] = "atomic"
    del spec["properties"]["parts"]["x-kubernetes-list-map-keys"]
    _install(control_plane, atomic)
    twin = Twin(control_plane, Crd.of(atomic), namespace, "twice")
    part = {"name": "p", "value": "a"}
    parts = [part, {"name": "q"}, part | {"list": [1]}]
    twin.apply({"unique": ["a", "b", "a", "c"], "parts": parts}, "alice")
    _install(control_plane, associative)
    twin.serve(Crd.of(associative))
    twin.apply({"text": "abc"}, "bob")
    twin.patch({"spec": {"flag": True}})
    for spec in (
        {"unique": ["a"]},
        {"unique": ["d", "b"]},
        {"parts": [{"name": "q", "value": "b"}]},
        {"parts": [{"name": "p", "value": "c"}, {"name": "r"}]},
        {},
    ):
        twin.apply(spec, "bob", force=True)
    twin.apply({"unique": ["a", "c"], "parts": [part]}, "alice", force=True)
    put(twin, partial(_update_spec, {"unique": ["a"], "parts": [part, {"name": "q"}]}))
    twin.apply({}, "alice")
    _install(control_plane, atomic)
    twin = Twin(control_plane, Crd.of(atomic), namespace, "updated").serve(Crd.of(atomic))
    twin.apply({"unique": ["a", "b", "a", "c", "c"], "parts": parts}, "alice")
    _install(control_plane, associative)
    twin.serve(Crd.of(associative))
    for changes in (
        {"unique": ["a", "a", "b", "c", "c"], "parts": [*parts, {"name": "r"}]},
        {"unique": ["a", "b", "c", "c"], "text": "abc"},
        {"unique": ["b", "c"], "parts": [{"name": "q"}, part | {"value": "b"}]},
        {"unique": ["b", "b"]},
    ):
        put(twin, partial(_update_spec, changes))


def test_managed_fields_may_have_entries_of_two_versions(
    control_plane: ControlPlane, namespace: str
) -> None:
    both = load(SINK)
    both["spec"]["group"] = "two.semantics.test"
    both["metadata"]["name"] = "sinks.two.semantics.test"
    newer = copy.deepcopy(both["spec"]["versions"][0]) | {"name": "v2", "storage": False}
    both["spec"]["versions"].append(newer)
    _install(control_plane, both)
    crd = Crd.of(both)
    twin = Twin(control_plane, crd, namespace, "two")
    for version, spec, manager in (
        ("v1", {"text": "abc", "flag": True}, "alice"),
        ("v2", {"text": "abc"}, "alice"),
        ("v1", {"text": "abc", "count": 2}, "bob"),
        ("v2", {"text": "x-y"}, "alice"),
        ("v2", {"count": 4}, "bob"),
        ("v1", {}, "bob"),
    ):
        twin.serve(crd, version).apply(spec, manager)
        twin.patch({"spec": {"labels": {version: manager}}}, f"edit-{version}")
    put(twin.serve(crd, "v2"), lambda body: body.update(status={"ready": True}), status=True)
    put(twin.serve(crd, "v1"), lambda body: body.update(status={"ready": False}), status=True)
    twin.apply({"labels": {}}, "alice", force=True)


def test_fields_that_an_applier_drops_return_by_the_version_of_its_last_apply_first(
    control_plane: ControlPlane, namespace: str
) -> None:
    both = load(SINK)
    both["spec"]["group"] = "order.semantics.test"
    both["metadata"]["name"] = "sinks.order.semantics.test"
    newer = copy.deepcopy(both["spec"]["versions"][0]) | {"name": "v2", "storage": False}
    both["spec"]["versions"].append(newer)
    older = both["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    older["properties"]["labels"]["x-kubernetes-map-type"] = "atomic"
    _install(control_plane, both)
    crd = Crd.of(both)
    twin = Twin(control_plane, crd, namespace, "order")
    for version, spec, manager in (
        ("v1", {"text": "abc"}, "carol"),
        ("v2", {"labels": {"a": "1"}}, "bob"),
        ("v2", {"labels": {"a": "1", "b": "2"}}, "alice"),
        ("v2", {}, "alice"),
    ):
        twin.serve(crd, version).apply(spec, manager)
    # In v2 the label of bob returns, and with it, since labels are one field in v1, the other.
    assert dig(twin.live, "spec", "labels") == {"a": "1", "b": "2"}


def test_the_oldest_update_entries_of_each_version_are_merged(
    control_plane: ControlPlane, namespace: str
) -> None:
    both = load(SINK)
    both["spec"]["group"] = "many.semantics.test"
    both["metadata"]["name"] = "sinks.many.semantics.test"
    newer = copy.deepcopy(both["spec"]["versions"][0]) | {"name": "v2", "storage": False}
    both["spec"]["versions"].append(newer)
    _install(control_plane, both)
    twin = Twin(control_plane, Crd.of(both), namespace, "many")
    twin.apply({"text": "abc"})
    written = [_update_entry(both["spec"]["group"], number) for number in range(14)]
    put(twin, lambda body: body["metadata"]["managedFields"].extend(written))
    twin.patch({"metadata": {"annotations": {"b": "x"}}})
    managers = {entry["manager"] for entry in dig(twin.live, "metadata", "managedFields")}
    assert "manager-00" in managers, "the last of its version"
    assert "manager-12" not in managers


def _update_entry(group: str, number: int) -> JsonObject:
    """A higher number is an earlier time."""
    entry = {
        "manager": f"manager-{number:02}",
        "operation": "Update",
        "apiVersion": f"{group}/v{1 + number % 3 % 2}",
        "time": f"2026-01-{20 - number:02}T00:00:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:metadata": {"f:annotations": {f"f:a{number}": {}}}},
    }
    return {key: value for key, value in entry.items() if key != "time" or number != 1}


def test_without_a_status_subresource_status_is_an_ordinary_field(
    control_plane: ControlPlane, namespace: str
) -> None:
    body = load(SINK)
    body["spec"]["group"] = "plain.semantics.test"
    body["metadata"]["name"] = "sinks.plain.semantics.test"
    del body["spec"]["versions"][0]["subresources"]
    _install(control_plane, body)
    twin = Twin(control_plane, Crd.of(body), namespace, "plain")
    twin.apply({}, status={"ready": True})
    assert dig(twin.live, "status", "ready") is True
    put(twin, lambda live: live["status"].update(ready=False))
    assert twin.apply({}, status={"ready": True}).reason is RefusalReason.FIELD_CONFLICT
    assert put(twin, lambda _: None, status=True).reason is RefusalReason.NOT_FOUND
    assert twin.send(Request("patch-status", {})).reason is RefusalReason.NOT_FOUND


def _update_spec(change: JsonObject, live: JsonObject) -> None:
    live["spec"].update(change)


def _install(plane: ControlPlane, crd: JsonObject) -> None:
    crds.install(plane.request, [crd])
