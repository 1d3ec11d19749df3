"""What the API server would refuse: in words, with what to write, and all of it in one run."""

# ruff: noqa: E501 -- one case of a table is one line
from __future__ import annotations

from dataclasses import replace
from time import process_time
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from reconciler.crds import catalogue
from reconciler.errors import Refused
from reconciler.kind import Kind
from reconciler.kinds import KINDS
from reconciler.model.document import Document
from reconciler.model.environment import SourceFile
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.location import Origin
from reconciler.model.manifest import Manifest
from reconciler.semantics import server
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate import validate
from reconciler.stages.validate.admission import Admission
from tests.kinds.manifests import environment
from tests.semantics import bodies
from tests.stages.test_validate import CLAUDE, CRDS, OPENAI, TEMPLATE, VALUE, judge, manifest, told

MODEL = {"model": "gpt-5", "providerRef": {"name": "openai"}}
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "y"}


def pinned(date: str) -> dict[GroupKind, Crd]:
    crd = catalogue.load("providers.omnia.altairalabs.ai", date)
    return {**CRDS, crd.group_kind: crd}


def with_metadata(**metadata: Any) -> Manifest:
    made = manifest("Provider", CLAUDE)
    body = made.document.body()
    return replace(made, document=Document.of(body | {"metadata": body["metadata"] | metadata}))


def finding(kind: str, spec: dict[str, Any], path: str, date: str = "") -> Finding:
    found = judge(manifest(kind, spec), crds=pinned(date) if date else None)
    (one,) = [d for d in found if d.path == path]
    return one


METADATA: list[tuple[dict[str, Any], list[tuple[str, str, str]]]] = [
    ({"labels": {"a": 1}}, [("K8S003", "metadata.labels.a", "put the value in quotes")]),
    ({"labels": {"a": "1", "b": None}, "annotations": {"a": None}}, []),
    ({"annotations": {"a": True, "b": None}}, [("K8S003", "metadata.annotations.a", "put the value in quotes")]),
    ({"annotations": {"a": {"b": "c"}}}, [("K8S003", "metadata.annotations.a", "write one text")]),
    ({"labels": ["a"]}, [("K8S003", "metadata.labels", 'write key: "value" pairs below it')]),
    ({"finalizers": "a"}, [("K8S003", "metadata.finalizers", "remove it, or write a list of texts")]),
    ({"finalizers": ["t.io/a", "t.io/a"]}, [("K8S005", "metadata.finalizers[1]", "remove it")]),
    ({"finalizers": [None]}, [("K8S005", "metadata.finalizers[0]", "remove it")]),
    ({"ownerReferences": "a"}, [("K8S003", "metadata.ownerReferences", "remove it: owners are for what a controller makes")]),
    ({"ownerReferences": ["a"]}, [("K8S005", "metadata.ownerReferences[0]", "remove it")]),
    ({"ownerReferences": [OWNER | {"name": 1}]}, [("K8S003", "metadata.ownerReferences[0].name", "put the value in quotes")]),
    ({"ownerReferences": [OWNER | {"uid": ""}]}, [("K8S005", "metadata.ownerReferences[0].uid", "remove it, or mend it")]),
    ({"generateName": 1}, [("K8S003", "metadata.generateName", "put the value in quotes")]),
    ({"foo": 1}, [("K8S002", "metadata.foo", "remove it, or write one of annotations, labels")]),
    ({"label": {"a": "b"}}, [("K8S002", "metadata.label", "did you mean metadata.labels?")]),
    ({"namespace": "Omnia"}, [("K8S005", "metadata.namespace", "write omnia")]),
    ({"name": "Claude_4"}, [("K8S005", "metadata.name", "write claude-4")]),
    ({"labels": {"b c": "d"}}, [("K8S005", "metadata.labels[b c]", "write b-c")]),
    ({"labels": {"a": "my team"}}, [("K8S005", "metadata.labels.a", "write my-team")]),
    ({"labels": {"a": "x" * 64}}, [("K8S005", "metadata.labels.a", "")]),
    ({"annotations": {"a": "x" * 300_000}}, [("K8S005", "metadata.annotations", "keep them below 256 KiB")]),
]  # fmt: skip


@pytest.mark.parametrize(("metadata", "expected"), METADATA, ids=lambda case: str(case)[:60])
def test_metadata_is_judged_as_the_server_does(
    metadata: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    found = judge(with_metadata(**metadata))

    assert [(d.code, d.path, d.hint) for d in found] == expected


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"namespace": "Omnia"}, "metadata.namespace must be like my-team: small letters, digits, `-` inside, at most 63 characters"),
        ({"labels": {"a": "b c"}}, "metadata.labels.a must be empty or like my-value: letters, digits, `-`, `_` and `.` inside, at most 63 characters"),
        ({"labels": {"b c": ""}}, "metadata.labels[b c] must have a key like example.com/my-key: letters, digits, `-`, `_` and `.` inside, at most 63 characters"),
        ({"labels": {"a": True}}, "metadata.labels.a must be a string, not a boolean"),
    ],
)  # fmt: skip
def test_metadata_is_told_by_the_rule_that_it_breaks(
    metadata: dict[str, Any], message: str
) -> None:
    assert [d.message for d in judge(with_metadata(**metadata))] == [message]


def test_a_label_of_a_wrong_type_stands_where_its_value_was_set() -> None:
    wrong = with_metadata(labels={"a": 1})
    origins = {**wrong.origins, ("metadata", "labels", "a"): Origin(TEMPLATE, (VALUE,))}

    (found,) = judge(replace(wrong, origins=origins))

    assert (found.where, found.also) == (VALUE, (TEMPLATE,))


def test_what_an_earlier_stage_refused_is_not_told_again() -> None:
    wrong = with_metadata(name="Claude_4")
    before = Finding(
        "M005", Severity.ERROR, "a name ...", TEMPLATE, ref=wrong.ref, path="metadata.name"
    )

    found = validate(environment(), [wrong], KINDS, CRDS, before=(before,))

    assert [d.code for d in found] == ["M005"]


VERTEX = {
    "type": "gemini",
    "model": "gemini-2.5-pro",
    "platform": {"type": "vertex", "region": "r", "project": "p"},
    "auth": {"type": "accessKey", "credentialsSecretRef": {"name": "s"}},
}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, [("OM023", "spec.auth.type")]),
        ({"defaults": {"maxTokens": "1"}}, [("K8S003", "spec.defaults.maxTokens"), ("OM023", "spec.auth.type")]),
        ({"role": "lllm"}, [("K8S004", "spec.role"), ("OM023", "spec.auth.type")]),
        ({"platform": {"type": "vertex", "region": "r", "project": 7}}, [("K8S003", "spec.platform.project"), ("OM023", "spec.auth.type")]),
        ({"platform": {"type": "vertx"}}, [("K8S004", "spec.platform.type")]),
        ({"platform": "vertex"}, [("K8S003", "spec.platform"), ("OM002", "spec.credential")]),
        ({"auth": {"type": 3}}, [("K8S003", "spec.auth.type")]),
    ],
)  # fmt: skip
def test_rules_that_do_not_depend_on_what_is_wrong_are_told_as_well(
    more: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = told(judge(manifest("Provider", VERTEX | more)))

    assert sorted(one for one in found if one[0] not in ("OM021", "OM024")) == sorted(expected)


def test_a_rule_in_a_list_that_holds_something_wrong_does_not_fall_over_it() -> None:
    spec = {**CLAUDE, "capabilities": ["text", 3, None, {"a": 1}]}

    assert {d.code for d in judge(manifest("Provider", spec))} >= {"K8S003"}


SECRET_OF = {"type": "claude", "model": "m"}
HINTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("Provider", CLAUDE | {"defaults": {"maxTokens": "4096"}}, "spec.defaults.maxTokens", "write the number without quotes"),
    ("Provider", CLAUDE | {"defaults": {"contextWindow": "200k"}}, "spec.defaults.contextWindow", "write 200000"),
    ("Provider", CLAUDE | {"defaults": {"contextWindow": "large"}}, "spec.defaults.contextWindow", "write a whole number, such as 4096"),
    ("Provider", CLAUDE | {"defaults": {"contextWindow": 0.5}}, "spec.defaults.contextWindow", "write a whole number, such as 4096"),
    ("Model", MODEL | {"settings": {"timeoutSeconds": "2m"}}, "spec.settings.timeoutSeconds", "write 120"),
    ("Model", MODEL | {"settings": {"timeoutSeconds": "soon"}}, "spec.settings.timeoutSeconds", "write a whole number, such as 60"),
    ("Model", MODEL | {"settings": {"temperature": 0.7}}, "spec.settings.temperature", "put the value in quotes"),
    ("Model", MODEL | {"settings": {"topP": 7}}, "spec.settings.topP", 'write it like "0.95", from 0.0 to 1.0'),
    ("Model", MODEL | {"settings": {"topP": "7"}}, "spec.settings.topP", 'write it like "0.95", from 0.0 to 1.0'),
    ("Model", MODEL | {"settings": {"stopSequences": "a"}}, "spec.settings.stopSequences", "write a list: [...]"),
    ("Model", {"model": "gpt-5"}, "spec.providerRef", "add spec.providerRef: {name: ...}"),
    ("Provider", {"model": "m", "credential": CLAUDE["credential"]}, "spec.type", "add spec.type: claude or openai or gemini or ollama or mock or vllm or voyageai or cartesia or elevenlabs or imagen or huggingface"),
    ("Provider", SECRET_OF | {"credential": {"secretRef": None, "name": "a"}}, "spec.credential.secretRef", "indent what belongs to it: {name: ...}"),
    ("Provider", SECRET_OF | {"credential": {"secretRef": "anthropic"}}, "spec.credential.secretRef", "write {name: ...}"),
    ("Provider", CLAUDE | {"defaults": None}, "spec.defaults", "indent what belongs to it, write {} for an empty block, or leave the line out"),
    ("Provider", CLAUDE | {"model": None}, "spec.model", "write a value, or leave the line out"),
    ("Provider", CLAUDE | {"defaults": {"streamIdleTimeout": 90}}, "spec.defaults.streamIdleTimeout", "write 90s or 2m"),
    ("Provider", SECRET_OF | {"credential": {"filePath": "key"}}, "spec.credential.filePath", 'write it like "/path/to/file"'),
    ("ModelProvider", {**OPENAI, "apiKeySecretRef": {"name": "a", "key": "k", "namespace": "b"}}, "spec.apiKeySecretRef.namespace", "remove it"),
    ("Provider", {"type": "openai", "model": "m", "role": "embedding", "embedding": {"dimensions": 0}, "credential": CLAUDE["credential"]}, "spec.embedding.dimensions", "write a whole number from 1 to 4096"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "spec", "path", "hint"), HINTS, ids=lambda case: str(case)[:50])
def test_what_to_write_would_be_taken(
    kind: str, spec: dict[str, Any], path: str, hint: str
) -> None:
    assert finding(kind, spec, path).hint == hint


OLD = "2026-04-10"
LATER = "upgrade the operator and its CRD to {} or later, or remove it"


def test_a_value_of_a_later_crd_gets_no_did_you_mean() -> None:
    found = finding("Provider", {**CLAUDE, "type": "vllm"}, "spec.type", OLD)

    assert "it came on 2026-04-18" in found.message
    assert not found.hint.startswith("did you mean")
    assert found.hint


def test_a_field_of_a_later_crd_without_other_words_names_the_upgrade() -> None:
    crd = CRDS[GroupKind("omnia.altairalabs.ai", "Provider")]
    bare = {**KINDS, crd.group_kind: replace(KINDS[crd.group_kind], replaced={})}
    wanted = manifest("Provider", {**CLAUDE, "headers": {"X-Title": "a"}, "role": "llm"})

    found = validate(environment(), [wanted], bare, pinned(OLD))

    hints = {d.path: d.hint for d in found if d.code == "K8S002"}
    assert hints == {
        "spec.headers": LATER.format("2026-04-18"),
        "spec.role": LATER.format("2026-05-18"),
    }


def test_a_field_that_moved_is_told_with_the_lines_to_write() -> None:
    spec = {"type": "claude", "model": "m", "secretRef": {"name": "a", "key": "b"}}

    found = finding("Provider", spec, "spec.secretRef")

    assert found.hint.endswith(", that is `credential: {secretRef: {key: b, name: a}}`")
    assert finding("Provider", spec | {"apiKey": "x"}, "spec.apiKey").hint.startswith("put the key")


@pytest.mark.parametrize(
    "spec",
    [
        {"capabilities": [f"c{n}" for n in range(3000)]},
        {"capabilities": list(range(3000))},
        {"headers": {f"x-{n}": n for n in range(3000)}},
        {"defaults": {f"c{n}": n for n in range(3000)}},
    ],
    ids=["values", "types", "types that the kind knows", "fields"],
)
def test_many_findings_on_one_line_take_no_time_and_no_room(spec: dict[str, Any]) -> None:
    file = SourceFile(TEMPLATE.path, "capabilities: [" + ", ".join(f"c{n}" for n in range(3000)))
    wrong = manifest("Provider", {**CLAUDE, **spec})
    on_one_line = {(): Origin(replace(TEMPLATE, line=1, column=20))}
    start = process_time()

    found = validate(
        replace(environment(), templates=(file,)),
        [replace(wrong, origins=on_one_line)],
        KINDS,
        CRDS,
    )

    assert process_time() - start < 10
    assert len(found) >= 3000
    assert {d.source for d in found} == {""}


def test_many_wrong_references_take_no_time() -> None:
    providers = [manifest("ModelProvider", OPENAI, f"provider-{n:04d}") for n in range(600)]
    models = [
        manifest("Model", {**MODEL, "providerRef": {"name": f"provder-{n:04d}"}}, f"m{n}")
        for n in range(600)
    ]

    start = process_time()
    found = judge(*providers, *models)

    assert process_time() - start < 10
    hints = [d.hint for d in found if d.code == "REF001"]
    assert sorted(hints) == [f"did you mean provider-{n:04d}?" for n in range(600)]


_ODD_METADATA = st.dictionaries(
    st.sampled_from(("labels", "annotations", "finalizers", "ownerReferences", "generateName", "foo")),
    st.sampled_from((None, 1, True, "a", [], ["a"], [None], {}, {"a": 1}, {"a": None}, {"a b": "c"}, {"a": "b c"}, [OWNER], [{"uid": 1}], [OWNER, OWNER])),
    max_size=2,
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.endpoint.kind)
def test_what_is_told_is_refused_and_what_is_refused_is_told(kind: Kind) -> None:
    crd = CRDS[kind.endpoint.group_kind]
    spec = crd.storage_version.schema.properties["spec"]
    admission = Admission(kind, crd, catalogue.history)

    @settings(max_examples=150, phases=[Phase.generate])
    @given(bodies.mutated(bodies.specs(spec).map(lambda one: {"spec": one})), _ODD_METADATA)
    def check(wanted: dict[str, Any], metadata: dict[str, Any]) -> None:
        ref = ObjectRef(crd.group, crd.kind, "llm", "one")
        named = {"metadata": {"name": "one", "namespace": "llm", **metadata}}
        body = {"apiVersion": kind.endpoint.api_version, "kind": crd.kind, **wanted, **named}
        try:
            server.apply(crd, ref, None, body, server.WriteContext.for_prediction("us"))
            refused = False
        except Refused:
            refused = True

        errors = [one for one in admission.findings(body) if one.severity is Severity.ERROR]

        assert bool(errors) == refused

    check()
