"""The no-op proof never holds where the engine says that an apply changes something."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.crds import catalogue
from reconciler.errors import Refused
from reconciler.model.document import JsonObject
from reconciler.model.identity import ObjectRef
from reconciler.semantics import server
from reconciler.semantics.ownership.noop import proves_noop
from reconciler.semantics.schema.crd import Crd
from tests.semantics import bodies

CRDS = (
    "providers.omnia.altairalabs.ai",
    "modelproviders.agent.flokoa.ai",
    "models.agent.flokoa.ai",
)
US, OTHER = "provider-reconciler", "kubectl-edit"


def ref_of(crd: Crd) -> ObjectRef:
    return ObjectRef(crd.group, crd.kind, "llm", "x")


def body_of(crd: Crd, spec: object, labels: dict[str, str]) -> JsonObject:
    version = crd.versions[0]
    return {
        "apiVersion": version.api_version,
        "kind": crd.kind,
        "metadata": {"name": "x", "namespace": "llm", "labels": {"ours": "1"} | labels},
        "spec": spec,
    }


def writer(manager: str, number: int) -> server.WriteContext:
    return server.WriteContext(
        manager, f"2026-07-30T00:00:{number:02}Z", str(number), lambda: "uid-1"
    )


def bodies_of(crd: Crd) -> st.SearchStrategy[JsonObject]:
    spec = crd.versions[0].schema.properties["spec"]
    labels = st.dictionaries(st.sampled_from(("a", "b")), st.sampled_from(("1", "2")), max_size=2)
    return st.builds(
        lambda s, m: body_of(crd, s, m),
        bodies.specs(spec) | bodies.specs(spec, wrong=False),
        labels,
    )


def apply(
    crd: Crd, live: JsonObject | None, body: JsonObject, manager: str, number: int
) -> JsonObject | None:
    try:
        stored = server.apply(
            crd, ref_of(crd), live, copy.deepcopy(body), writer(manager, number), force=True
        )
    except Refused:
        return live
    return stored.object


def without_times(stored: JsonObject) -> JsonObject:
    """An object without the times of its managedFields, their order by time, and the values that the server counts."""
    metadata = {
        k: v for k, v in stored["metadata"].items() if k not in ("resourceVersion", "generation")
    }
    owners = {
        (e["manager"], e["operation"]): (e["apiVersion"], e["fieldsV1"])
        for e in metadata["managedFields"]
    }
    return stored | {"metadata": metadata | {"managedFields": owners}}


@pytest.mark.parametrize("name", CRDS)
@settings(max_examples=150)
@given(source=st.data())
def test_the_engine_confirms_every_proof(name: str, source: st.DataObject) -> None:
    crd = catalogue.load(name)
    version = crd.versions[0]
    first = source.draw(bodies_of(crd), label="ours")
    live = apply(crd, None, first, US, 1)
    if live is None:
        return
    for number in range(source.draw(st.integers(0, 2), label="edits")):
        live = apply(crd, live, source.draw(bodies_of(crd), label="theirs"), OTHER, number + 2)
    assert live is not None
    sent = source.draw(st.just(first) | bodies_of(crd), label="sent")
    proved = proves_noop(version, live, copy.deepcopy(sent), US)
    try:
        stored = server.apply(crd, ref_of(crd), live, copy.deepcopy(sent), writer(US, 9))
        unchanged = without_times(stored.object) == without_times(live)
    except Refused:
        unchanged = False
    if proved:
        assert unchanged, "there is a proof, but an apply changes the object"


@pytest.mark.parametrize("name", CRDS)
@settings(max_examples=80)
@given(source=st.data())
def test_an_object_that_nobody_changed_has_a_proof(name: str, source: st.DataObject) -> None:
    """Without it, every run would send a dry run for every object."""
    crd = catalogue.load(name)
    body = source.draw(bodies_of(crd), label="ours")
    live = apply(crd, None, body, US, 1)
    if live is not None and "null" not in str(body).replace("None", "null"):
        assert proves_noop(crd.versions[0], live, copy.deepcopy(body), US)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({}, True),
        ({"spec": {"model": "other"}}, False),
        ({"spec": {"baseURL": "https://x"}}, True),
        ({"metadata": {"labels": {"theirs": "1"}}}, True),
        ({"metadata": {"labels": {"ours": "2"}}}, False),
        ({"metadata": {"labels": {"ours": None}}}, False),
        ({"spec": {"defaults": {"truncationStrategy": "custom"}}}, True),
        ({"spec": {"defaults": {"maxTokens": 2}}}, False),
        ({"spec": {"defaults": None}}, False),
        ({"spec": {"capabilities": ["text", "tools", "json"]}}, False),
    ],
)
def test_only_changes_of_our_fields_invalidate_the_proof(edit: JsonObject, expected: bool) -> None:
    crd = catalogue.load(CRDS[0])
    spec = {
        "type": "claude",
        "model": "m",
        "capabilities": ["text", "tools"],
        "defaults": {"maxTokens": 1},
    }
    body = body_of(crd, spec, {})
    live = apply(crd, None, body, US, 1)
    assert live is not None
    edited = server.merge_patch(crd, ref_of(crd), live, edit, writer(OTHER, 2)).object
    assert proves_noop(crd.versions[0], edited, body, US) is expected
