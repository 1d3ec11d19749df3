"""Properties of the engine that need no comparison with a real API server."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import JsonObject, dig
from reconciler.semantics import server
from reconciler.semantics.ownership.fieldset import FieldSet, fields_of_apply
from tests.semantics import sources

CRD = sources.crd(sources.SINK)
REF = sources.ref(CRD)


def applied(
    live: JsonObject | None, spec: object, manager: str = "alice", *, force: bool = False
) -> server.Result:
    body = sources.body(sources.sink(), spec)
    return server.apply(CRD, REF, live, body, sources.writer(manager), force=force)


def test_writes_do_not_modify_their_arguments() -> None:
    live = applied(None, {"text": "abc", "settings": {}}).object
    before = copy.deepcopy(live)
    body = sources.body(sources.sink(), {"count": 4.0})
    sent = copy.deepcopy(body)
    applied_now = server.apply(CRD, REF, live, body, sources.writer("bob"))
    server.merge_patch(CRD, REF, live, {"spec": {"text": None}}, sources.writer())
    server.delete(REF, live, sources.writer())
    applied_now.object["spec"]["settings"]["level"] = 99
    assert live == before
    assert body == sent


def test_a_dry_run_create_has_no_resource_version() -> None:
    body = sources.body(sources.sink(), {})
    stored = server.apply(CRD, REF, None, body, sources.writer(version=""))
    assert stored.created
    assert "resourceVersion" not in stored.object["metadata"]
    assert dig(stored.object, "metadata", "generation") == 1


def test_a_conflict_is_predicted_by_an_apply_and_a_forced_apply() -> None:
    live = applied(None, {"text": "abc"}).object
    with pytest.raises(Refused) as refused:
        applied(live, {"text": "xyz"}, "bob")
    assert refused.value.reason is RefusalReason.FIELD_CONFLICT
    (cause,) = refused.value.causes
    assert (cause.manager, cause.operation, cause.field) == ("alice", "Apply", ".spec.text")
    predicted = applied(live, {"text": "xyz"}, "bob", force=True)
    assert dig(predicted.object, "spec", "text") == "xyz"


def test_the_managed_fields_of_an_apply_are_the_fields_of_its_body() -> None:
    body = sources.body(sources.sink(), {"text": "abc", "ports": [{"number": 1}]})
    (entry,) = applied(None, body["spec"]).object["metadata"]["managedFields"]
    assert FieldSet.from_fields_v1(entry["fieldsV1"]) == fields_of_apply(
        sources.sink().schema, body
    )


def test_a_result_lists_what_the_engine_does_not_model() -> None:
    crd = replace(CRD, not_provable=("something",))
    body = sources.body(sources.sink(), {})
    assert server.apply(crd, REF, None, body, sources.writer()).not_provable == ("something",)


def test_a_version_that_is_not_served_is_refused() -> None:
    body = sources.body(sources.sink(), {}) | {"apiVersion": "semantics.test/v9"}
    with pytest.raises(Refused) as refused:
        server.apply(CRD, REF, None, body, sources.writer())
    assert refused.value.reason is RefusalReason.NO_KIND


def test_an_object_that_the_next_read_changes_is_not_normalized() -> None:
    body = sources.body(sources.sink(), {}, labels={})
    assert not server.apply(CRD, REF, None, body, sources.writer()).normalized
    assert applied(None, {}).normalized


@pytest.mark.parametrize(
    ("value", "patch", "expected"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": "foo"}, None, None),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
    ids=str,
)
def test_a_merge_patch_follows_rfc_7386(value: object, patch: object, expected: object) -> None:
    assert server.json_merge_patch(value, patch) == expected


def test_a_refusal_has_the_first_undeclared_field_of_each_mapping_and_every_wrong_type() -> None:
    with pytest.raises(Refused) as refused:
        applied(None, {"nope": 1, "nah": 2, "flag": "x", "settings": {"no": 1}})
    assert refused.value.reason is RefusalReason.UNDECLARED
    assert [cause.field for cause in refused.value.causes] == [
        ".spec.nope",
        ".spec.flag",
        ".spec.settings.no",
    ]
