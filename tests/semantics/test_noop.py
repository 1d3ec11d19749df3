"""The no-op proof never holds where the engine says that an apply changes something."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable

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
from reconciler.semantics.values import same
from tests.kinds.examples import examples
from tests.semantics import bodies, sources

# The CRDs of the managed kinds, each with its smallest valid spec.
SMALLEST: dict[str, JsonObject] = {
    "providers.omnia.altairalabs.ai": {"type": "mock"},
    "modelproviders.agent.flokoa.ai": {},
    "models.agent.flokoa.ai": {"model": "m", "providerRef": {"name": "p"}},
}
CRDS = tuple(SMALLEST)
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


def _examples(crd: Crd) -> list[JsonObject]:
    valid = (example.manifest.document.body() for example in examples("valid"))
    return [body["spec"] for body in valid if body["kind"] == crd.kind]


def bodies_of(crd: Crd) -> st.SearchStrategy[JsonObject]:
    spec = crd.versions[0].schema.properties["spec"]
    known = st.sampled_from([SMALLEST[crd.name], *_examples(crd)])
    extended = st.builds(lambda seed, part: seed | part, known, bodies.parts(spec))
    drawn = bodies.specs(spec) | bodies.specs(spec, wrong=False)  # most of them are refused
    specs = st.integers(0, 3).flatmap(lambda n: drawn if n == 0 else known | extended)
    labels = st.dictionaries(st.sampled_from(("a", "b")), st.sampled_from(("1", "2")), max_size=2)
    return st.builds(
        lambda s, m: body_of(crd, s, m),
        specs,
        labels,
    )


def accepted(crd: Crd, body: JsonObject) -> tuple[JsonObject, JsonObject]:
    """A body and the object that its apply stores; the smallest body in place of one that is refused."""
    live = apply(crd, None, body, US, 1)
    if live is None:
        body = body_of(crd, SMALLEST[crd.name], {})
        live = apply(crd, None, body, US, 1)
    assert live is not None
    return body, live


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
def test_the_engine_confirms_every_proof(name: str) -> None:
    crd = catalogue.load(name)
    drawn = bodies_of(crd)
    outcomes: Counter[tuple[bool, bool]] = Counter()

    @settings(max_examples=150)
    @given(st.data())
    def check(source: st.DataObject) -> None:
        first, live = accepted(crd, source.draw(drawn, label="ours"))
        for number in range(source.draw(st.integers(0, 2), label="edits")):
            theirs = source.draw(drawn, label="theirs")
            live = apply(crd, live, theirs, OTHER, number + 2) or live
        sent = source.draw(st.just(first) | drawn, label="sent")
        proved = proves_noop(crd.versions[0], live, copy.deepcopy(sent), US)
        unchanged = _is_unchanged(crd, live, sent)
        assert unchanged or not proved, "there is a proof, but an apply changes the object"
        outcomes[proved, unchanged] += 1

    check()
    assert outcomes[True, True] >= 20, outcomes
    assert outcomes[False, False] >= 20, outcomes


def _is_unchanged(crd: Crd, live: JsonObject, sent: JsonObject) -> bool:
    try:
        stored = server.apply(crd, ref_of(crd), live, copy.deepcopy(sent), writer(US, 9))
    except Refused:
        return False
    return without_times(stored.object) == without_times(live)


@pytest.mark.parametrize("name", CRDS)
def test_an_object_that_nobody_changed_has_a_proof(name: str) -> None:
    """Without it, every run would send a dry run for every object."""
    crd = catalogue.load(name)
    proved: set[str] = set()

    @settings(max_examples=250)
    @given(bodies_of(crd))
    def check(drawn: JsonObject) -> None:
        body, live = accepted(crd, drawn)
        if "None" not in str(body):  # a null proves nothing
            assert proves_noop(crd.versions[0], live, copy.deepcopy(body), US)
            proved.add(str(body))

    check()
    assert len(proved) >= 20


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
    crd, body, live = applied()
    edited = server.merge_patch(crd, ref_of(crd), live, edit, writer(OTHER, 2)).object
    assert proves_noop(crd.versions[0], edited, body, US) is expected


def applied() -> tuple[Crd, JsonObject, JsonObject]:
    """A Provider as we apply it, and as it is stored then."""
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
    return crd, body, live


def ours(live: JsonObject) -> JsonObject:
    (entry,) = live["metadata"]["managedFields"]
    return dict(entry)


# Changes of the live object that leave its managedFields as they are.
UNPROVED: dict[str, Callable[[JsonObject], object]] = {
    "another text": lambda live: live["spec"].update(model="other"),
    "no text": lambda live: live["spec"].pop("model"),
    "another label": lambda live: live["metadata"]["labels"].update(ours="2"),
    "no labels": lambda live: live["metadata"].pop("labels"),
    "a longer list": lambda live: live["spec"]["capabilities"].append("json"),
    "a shorter list": lambda live: live["spec"]["capabilities"].pop(),
    "an empty list": lambda live: live["spec"]["capabilities"].clear(),
    "another order": lambda live: live["spec"]["capabilities"].reverse(),
    "a list of other types": lambda live: live["spec"].update(capabilities=["text", 1]),
    "no list": lambda live: live["spec"].update(capabilities={"text": "tools"}),
    "another number": lambda live: live["spec"]["defaults"].update(maxTokens=2),
    "true in place of 1": lambda live: live["spec"]["defaults"].update(maxTokens=True),
    "text in place of a number": lambda live: live["spec"]["defaults"].update(maxTokens="1"),
    "no mapping": lambda live: live["spec"].update(defaults="maxTokens"),
    "another apiVersion": lambda live: live.update(apiVersion="omnia.altairalabs.ai/v1"),
    "no apiVersion": lambda live: live.pop("apiVersion"),
    "no spec": lambda live: live.pop("spec"),
}


@pytest.mark.parametrize("change", UNPROVED)
def test_the_proof_reads_every_value(change: str) -> None:
    crd, body, live = applied()
    assert proves_noop(crd.versions[0], live, body, US)
    UNPROVED[change](live)
    assert not proves_noop(crd.versions[0], live, body, US)


# Changes of managedFields that leave all other fields as they are.
UNCLEAR: dict[str, Callable[[list[JsonObject]], object]] = {
    "none": lambda entries: entries.clear(),
    "another manager": lambda entries: entries[0].update(manager=OTHER),
    "another operation": lambda entries: entries[0].update(operation="Update"),
    "a subresource": lambda entries: entries[0].update(subresource="status"),
    "another apiVersion": lambda entries: entries[0].update(apiVersion="omnia.altairalabs.ai/v1"),
    "our entry twice": lambda entries: entries.append(entries[0]),
    "an invalid entry": lambda entries: entries.append(
        {"manager": OTHER, "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV2"}
    ),
    "a missing field": lambda entries: entries[0]["fieldsV1"]["f:spec"].pop("f:model"),
    "an additional field": lambda entries: entries[0]["fieldsV1"]["f:spec"].update(
        {"f:baseURL": {}}
    ),
    "another's null": lambda entries: entries.append(
        entries[0] | {"manager": OTHER, "fieldsV1": {"f:spec": {"f:defaults": {}}}}
    ),
    "another's mapping": lambda entries: entries.append(
        entries[0] | {"manager": OTHER, "fieldsV1": {"f:spec": {"f:model": {"f:x": {}}}}}
    ),
}


@pytest.mark.parametrize("change", UNCLEAR)
def test_the_proof_reads_every_entry(change: str) -> None:
    crd, body, live = applied()
    UNCLEAR[change](live["metadata"]["managedFields"])
    assert not proves_noop(crd.versions[0], live, body, US)


def test_another_manager_of_the_same_fields_leaves_the_proof() -> None:
    crd, body, live = applied()
    live["metadata"]["managedFields"].append(ours(live) | {"manager": OTHER})
    assert proves_noop(crd.versions[0], live, body, US)


@pytest.mark.parametrize("spec", [{"model": 5}, {"model": "m", "undeclared": "x"}])
def test_a_body_that_does_not_fit_the_schema_has_no_proof(spec: JsonObject) -> None:
    """An older CRD may have admitted such an object."""
    crd, body, live = applied()
    body["spec"] |= spec
    live["spec"] |= spec
    fields = ours(live)["fieldsV1"]["f:spec"]
    fields |= {f"f:{name}": {} for name in spec}
    assert not proves_noop(crd.versions[0], live, body, US)


def test_another_api_version_has_no_proof() -> None:
    crd, body, live = applied()
    assert not proves_noop(
        crd.versions[0], live, body | {"apiVersion": "omnia.altairalabs.ai/v1"}, US
    )


def test_a_null_in_place_of_a_default_has_no_proof() -> None:
    """Another manager may have applied the default: then the null is in conflict with it."""
    crd = sources.crd(sources.SINK)
    body = sources.body(sources.sink(), {"mode": "plain"})
    live = server.apply(crd, sources.ref(crd), None, body, sources.writer(US)).object
    body["spec"]["mode"] = None
    assert not proves_noop(sources.sink(), live, body, US)


def stored(spec: JsonObject) -> tuple[JsonObject, JsonObject]:
    """A sink as we apply it, and as it is stored then."""
    crd = sources.crd(sources.SINK)
    body = sources.body(sources.sink(), {"mode": "plain"} | spec)
    live = server.apply(crd, sources.ref(crd), None, copy.deepcopy(body), sources.writer(US)).object
    return body, live


@pytest.mark.parametrize(
    ("spec", "without"),
    [
        ({"maybe": None}, {}),
        ({"anything": [{"a": None}]}, {"anything": [{"a": 1}]}),
        ({"anything": [[None]]}, {"anything": [[1]]}),
    ],
    ids=str,
)
def test_a_null_has_no_proof(spec: JsonObject, without: JsonObject) -> None:
    body, live = stored(spec)
    assert same(live["spec"] | spec, live["spec"]), "the null is stored"
    assert not proves_noop(sources.sink(), live, body, US)
    body, live = stored(without)
    assert proves_noop(sources.sink(), live, body, US)


@pytest.mark.parametrize(
    "change",
    [
        lambda live: live["spec"]["ref"].update(more="x"),
        lambda live: live["spec"]["ref"].pop("name"),
        lambda live: live["spec"]["ref"].update(key="other"),
    ],
    ids=["another field", "a missing default", "another value"],
)
def test_an_atomic_mapping_is_ours_as_a_whole(change: Callable[[JsonObject], object]) -> None:
    body, live = stored({"ref": {"key": "k"}})
    assert proves_noop(sources.sink(), live, body, US)
    change(live)
    assert not proves_noop(sources.sink(), live, body, US)
