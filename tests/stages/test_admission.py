"""Findings on what the API server would refuse: complete in one run, with messages and hints that help."""

# ruff: noqa: E501 -- one case of a table is one line
from __future__ import annotations

from collections import Counter
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
from tests.stages.test_validate import (
    CLAUDE,
    CRDS,
    OPENAI,
    TEMPLATE,
    VALUE,
    codes_and_paths,
    judge,
    manifest,
)

MODEL = {"model": "gpt-5", "providerRef": {"name": "openai"}}
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "y"}


def pinned(date: str) -> dict[GroupKind, Crd]:
    crd = catalogue.load("providers.omnia.altairalabs.ai", date)
    return {**CRDS, crd.group_kind: crd}


def with_metadata(**metadata: Any) -> Manifest:
    made = manifest("Provider", CLAUDE)
    body = made.document.body()
    return replace(made, document=Document.of(body | {"metadata": body["metadata"] | metadata}))


def finding_at(path: str, kind: str, spec: dict[str, Any], date: str = "") -> Finding:
    findings = judge(manifest(kind, spec), crds=pinned(date) if date else None)
    (finding,) = [f for f in findings if f.path == path]
    return finding


METADATA: list[tuple[dict[str, Any], list[tuple[str, str, str]]]] = [
    ({"labels": {"a": 1}}, [("K8S003", "metadata.labels.a", "put the value in quotes")]),
    ({"labels": {"a": "1", "b": None}, "annotations": {"a": None}}, []),
    ({"annotations": {"a": True, "b": None}}, [("K8S003", "metadata.annotations.a", "put the value in quotes")]),
    ({"annotations": {"a": {"b": "c"}}}, [("K8S003", "metadata.annotations.a", "write a single string")]),
    ({"labels": ["a"]}, [("K8S003", "metadata.labels", 'write key: "value" pairs below it')]),
    ({"finalizers": "a"}, [("K8S003", "metadata.finalizers", "remove it, or write a list of strings")]),
    ({"finalizers": ["t.io/a", "t.io/a"]}, [("K8S005", "metadata.finalizers[1]", "remove it")]),
    ({"finalizers": [None]}, [("K8S005", "metadata.finalizers[0]", "remove it")]),
    ({"ownerReferences": "a"}, [("K8S003", "metadata.ownerReferences", "remove it: only controllers set owners")]),
    ({"ownerReferences": ["a"]}, [("K8S005", "metadata.ownerReferences[0]", "remove it")]),
    ({"ownerReferences": [OWNER | {"name": 1}]}, [("K8S003", "metadata.ownerReferences[0].name", "put the value in quotes")]),
    ({"ownerReferences": [OWNER | {"uid": ""}]}, [("K8S005", "metadata.ownerReferences[0].uid", "correct or remove it")]),
    ({"generateName": 1}, [("K8S003", "metadata.generateName", "put the value in quotes")]),
    ({"foo": 1}, [("K8S002", "metadata.foo", "remove it; metadata has the fields annotations, labels, name, namespace")]),
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
    findings = judge(with_metadata(**metadata))

    assert [(f.code, f.path, f.hint) for f in findings] == expected


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"namespace": "Omnia"}, "metadata.namespace must be like my-team: lower case letters, digits, `-` inside, at most 63 characters"),
        ({"labels": {"a": "b c"}}, "metadata.labels.a must be empty or like my-value: letters, digits, `-`, `_` and `.` inside, at most 63 characters"),
        ({"labels": {"b c": ""}}, "metadata.labels[b c] must have a key like example.com/my-key: letters, digits, `-`, `_` and `.` inside, at most 63 characters"),
        ({"labels": {"a": True}}, "metadata.labels.a must be a string, not a boolean"),
    ],
)  # fmt: skip
def test_the_message_on_metadata_names_the_violated_rule(
    metadata: dict[str, Any], message: str
) -> None:
    assert [f.message for f in judge(with_metadata(**metadata))] == [message]


def test_a_label_of_a_wrong_type_is_reported_where_its_value_is_set() -> None:
    wrong = with_metadata(labels={"a": 1})
    origins = {**wrong.origins, ("metadata", "labels", "a"): Origin(TEMPLATE, (VALUE,))}

    (finding,) = judge(replace(wrong, origins=origins))

    assert (finding.where, finding.also) == (VALUE, (TEMPLATE,))


def test_an_error_of_an_earlier_stage_is_not_reported_again() -> None:
    wrong = with_metadata(name="Claude_4")
    before = Finding(
        "M005", Severity.ERROR, "a name ...", TEMPLATE, ref=wrong.ref, path="metadata.name"
    )

    findings = validate(environment(), [wrong], KINDS, CRDS, before=(before,))

    assert [f.code for f in findings] == ["M005"]


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
def test_rules_that_do_not_depend_on_other_errors_are_reported_as_well(
    more: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    pairs = codes_and_paths(judge(manifest("Provider", VERTEX | more)))

    assert sorted(pair for pair in pairs if pair[0] not in ("OM021", "OM024")) == sorted(expected)


def test_a_list_with_elements_of_wrong_types_does_not_break_its_rules() -> None:
    spec = {**CLAUDE, "capabilities": ["text", 3, None, {"a": 1}]}

    assert {f.code for f in judge(manifest("Provider", spec))} >= {"K8S003"}


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
    ("Provider", SECRET_OF | {"credential": {"secretRef": None, "name": "a"}}, "spec.credential.secretRef", "indent its fields: {name: ...}"),
    ("Provider", SECRET_OF | {"credential": {"secretRef": "anthropic"}}, "spec.credential.secretRef", "write {name: ...}"),
    ("Provider", CLAUDE | {"defaults": None}, "spec.defaults", "indent its fields, write {} for an empty mapping, or remove it"),
    ("Provider", CLAUDE | {"model": None}, "spec.model", "write a value, or remove it"),
    ("Provider", CLAUDE | {"defaults": {"streamIdleTimeout": 90}}, "spec.defaults.streamIdleTimeout", "write 90s or 2m"),
    ("Provider", SECRET_OF | {"credential": {"filePath": "key"}}, "spec.credential.filePath", 'write it like "/path/to/file"'),
    ("ModelProvider", {**OPENAI, "apiKeySecretRef": "incluster"}, "spec.apiKeySecretRef", "write {name: ..., key: ...}"),
    ("ModelProvider", {**OPENAI, "apiKeySecretRef": None}, "spec.apiKeySecretRef", "indent its fields: {name: ..., key: ...}"),
    ("ModelProvider", {**OPENAI, "apiKeySecretRef": {"name": "a", "key": "k", "namespace": "b"}}, "spec.apiKeySecretRef.namespace", "remove it; spec.apiKeySecretRef has the fields key, name, optional"),
    ("Provider", CLAUDE | {"dimensions": 5}, "spec.dimensions", "move it to spec.embedding.dimensions, or remove it"),
    ("Provider", CLAUDE | {"credential": {"secretRef": {"name": "a", "type": "b"}}}, "spec.credential.secretRef.type", "move it to spec.type, or remove it"),
    ("Provider", CLAUDE | {"embedding": {"zork": 1}}, "spec.embedding.zork", "remove it; spec.embedding has the fields dimensions, distance"),
    ("Provider", {"type": "openai", "model": "m", "role": "embedding", "embedding": {"dimensions": 0}, "credential": CLAUDE["credential"]}, "spec.embedding.dimensions", "write a whole number from 1 to 4096"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "spec", "path", "hint"), HINTS, ids=lambda case: str(case)[:50])
def test_the_hint_says_what_to_write(kind: str, spec: dict[str, Any], path: str, hint: str) -> None:
    assert finding_at(path, kind, spec).hint == hint


OLD = "2026-04-10"
LATER = "upgrade the operator and its CRD to {} or later, or remove it"


def test_a_value_of_a_later_crd_gets_no_did_you_mean() -> None:
    finding = finding_at("spec.type", "Provider", {**CLAUDE, "type": "vllm"}, OLD)

    assert "it was added on 2026-04-18" in finding.message
    assert not finding.hint.startswith("did you mean")
    assert finding.hint


def test_without_a_replacement_the_hint_on_a_field_of_a_later_crd_is_to_upgrade() -> None:
    crd = CRDS[GroupKind("omnia.altairalabs.ai", "Provider")]
    bare = {**KINDS, crd.group_kind: replace(KINDS[crd.group_kind], replacement_hints={})}
    newer = manifest("Provider", {**CLAUDE, "headers": {"X-Title": "a"}, "role": "llm"})

    findings = validate(environment(), [newer], bare, pinned(OLD))

    hints = {f.path: f.hint for f in findings if f.code == "K8S002"}
    assert hints == {
        "spec.headers": LATER.format("2026-04-18"),
        "spec.role": LATER.format("2026-05-18"),
    }


def test_the_hint_on_a_field_that_moved_contains_its_replacement() -> None:
    spec = {"type": "claude", "model": "m", "secretRef": {"name": "a", "key": "b"}}

    finding = finding_at("spec.secretRef", "Provider", spec)
    api_key = finding_at("spec.apiKey", "Provider", spec | {"apiKey": "x"})

    assert finding.hint.endswith(", that is `credential: {secretRef: {key: b, name: a}}`")
    assert api_key.hint.startswith("store the key in a Secret")


@pytest.mark.parametrize(
    "spec",
    [
        {"capabilities": [f"c{n}" for n in range(3000)]},
        {"capabilities": list(range(3000))},
        {"headers": {f"x-{n}": n for n in range(3000)}},
        {"defaults": {f"c{n}": n for n in range(3000)}},
    ],
    ids=["values", "types", "types of a known field", "fields"],
)
def test_many_findings_on_one_line_take_little_time_and_memory(spec: dict[str, Any]) -> None:
    file = SourceFile(TEMPLATE.path, "capabilities: [" + ", ".join(f"c{n}" for n in range(3000)))
    wrong = manifest("Provider", {**CLAUDE, **spec})
    on_one_line = {(): Origin(replace(TEMPLATE, line=1, column=20))}
    start = process_time()

    findings = validate(
        replace(environment(), templates=(file,)),
        [replace(wrong, origins=on_one_line)],
        KINDS,
        CRDS,
    )

    assert process_time() - start < 10
    assert len(findings) >= 3000
    assert {f.source for f in findings} == {""}


def test_many_wrong_references_take_little_time() -> None:
    providers = [manifest("ModelProvider", OPENAI, f"provider-{n:04d}") for n in range(600)]
    models = [
        manifest("Model", {**MODEL, "providerRef": {"name": f"provder-{n:04d}"}}, f"m{n}")
        for n in range(600)
    ]

    start = process_time()
    findings = judge(*providers, *models)

    assert process_time() - start < 10
    hints = [f.hint for f in findings if f.code == "REF001"]
    assert sorted(hints) == [f"did you mean provider-{n:04d}?" for n in range(600)]


_ODD_METADATA = st.dictionaries(
    st.sampled_from(("labels", "annotations", "finalizers", "ownerReferences", "generateName", "foo")),
    st.sampled_from((None, 1, True, "a", [], ["a"], [None], {}, {"a": 1}, {"a": None}, {"a b": "c"}, {"a": "b c"}, [OWNER], [{"uid": 1}], [OWNER, OWNER])),
    max_size=2,
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.endpoint.kind)
def test_admission_has_errors_exactly_where_the_server_refuses(kind: Kind) -> None:
    crd = CRDS[kind.endpoint.group_kind]
    admission = Admission(kind, crd, catalogue.history)
    refusals: Counter[bool] = Counter()

    @settings(max_examples=150, phases=[Phase.generate])
    @given(bodies.manifests(crd), st.just({}) | _ODD_METADATA)
    def check(manifest: dict[str, Any], odd: dict[str, Any]) -> None:
        ref = ObjectRef(crd.group, crd.kind, "llm", "one")
        head = {"apiVersion": kind.endpoint.api_version, "kind": crd.kind}
        metadata = manifest["metadata"] | {"name": "one", "namespace": "llm"} | odd
        body = manifest | head | {"metadata": metadata}
        try:
            server.apply(crd, ref, None, body, server.WriteContext.for_prediction("us"))
            refused = False
        except Refused:
            refused = True

        errors = [f for f in admission.findings(body) if f.severity is Severity.ERROR]

        assert bool(errors) == refused
        refusals[refused] += 1

    check()
    assert min(refusals[True], refusals[False]) >= 3, refusals
