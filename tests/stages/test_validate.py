"""The stage: places, layers, references. What the kinds say is shown by the examples in `tests/kinds`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.crds import catalogue
from reconciler.kinds import KINDS
from reconciler.model.document import Document
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate import validate
from reconciler.text.credentials import credential_in
from tests.kinds.manifests import environment

TEMPLATE = Location("templates/omnia/claude.yaml.j2", 4)
VALUE = Location("environments/prod/values.yaml", 12, 5)
CRDS = {group_kind: catalogue.load(k.endpoint.crd_name) for group_kind, k in KINDS.items()}
CLAUDE = {
    "type": "claude",
    "model": "claude-sonnet-4-5",
    "credential": {"secretRef": {"name": "vendor", "key": "ANTHROPIC_API_KEY"}},
}
API_VERSIONS = {
    "Provider": "omnia.altairalabs.ai/v1alpha1",
    "ModelProvider": "agent.flokoa.ai/v1alpha1",
    "Model": "agent.flokoa.ai/v1alpha1",
}
# Each is put together here, so that no scanner of this repository takes it for real.
CANARIES = [
    "sk-ant-" + "api03-" + "A" * 60,
    "sk-or-v1-" + "0" * 64,
    "sk-" + "proj-" + "A" * 30,
    "AIza" + "B" * 35,
    "AKIA" + "C" * 16,
    "hf_" + "D" * 34,
    "pa-" + "E" * 43,
    "sk_" + "f" * 48,
    "sk_car_" + "G" * 20,
    "gsk_" + "H" * 52,
    "xai-" + "I" * 80,
    "ghp_" + "J" * 36,
    "abc8Q~" + "K" * 33,
    "-----BEGIN " + "RSA PRIVATE KEY-----",
    "ey" + "L" * 20 + ".ey" + "M" * 20 + ".N",
]


def manifest(kind: str, spec: dict[str, Any], name: str = "one", /, **origins: Origin) -> Manifest:
    """A manifest; `origins` by path, `spec__model=Origin(...)`."""
    api_version = API_VERSIONS[kind]
    namespace = "omnia" if kind == "Provider" else "llm"
    body = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }
    places = {tuple(path.split("__")): origin for path, origin in origins.items()}
    return Manifest(
        ObjectRef(api_version.partition("/")[0], kind, namespace, name),
        api_version,
        Document.of(body),
        {(): Origin(TEMPLATE), **places},
    )


def judge(*manifests: Manifest, crds: dict[GroupKind, Crd] | None = None) -> tuple[Finding, ...]:
    return validate(environment(), manifests, KINDS, CRDS if crds is None else crds)


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(d.code, d.path) for d in findings]


def test_a_good_manifest_has_no_finding() -> None:
    assert judge(manifest("Provider", CLAUDE)) == ()


def test_a_finding_stands_where_its_value_was_set_and_names_the_template_too() -> None:
    wrong = manifest("Provider", {**CLAUDE, "type": "clade"}, spec__type=Origin(TEMPLATE, (VALUE,)))

    (found,) = [d for d in judge(wrong) if d.code == "K8S004"]

    assert (found.where, found.also) == (VALUE, (TEMPLATE,))
    assert found.ref == wrong.ref
    assert found.source == ""


def test_with_several_values_a_finding_stands_at_the_template() -> None:
    other = replace(VALUE, line=13)
    wrong = manifest(
        "Provider", {**CLAUDE, "type": "clade"}, spec__type=Origin(TEMPLATE, (VALUE, other))
    )

    (found,) = [d for d in judge(wrong) if d.code == "K8S004"]

    assert (found.where, found.also) == (TEMPLATE, (VALUE, other))


def test_a_missing_field_stands_at_the_nearest_field_above() -> None:
    wrong = manifest("Provider", {"model": "m"}, spec=Origin(VALUE))

    assert {d.where for d in judge(wrong)} == {VALUE}


def test_all_findings_come_in_one_run_one_per_path() -> None:
    spec = {"type": "claude", "modle": "x", "defaults": {"temperature": 0.7, "maxTokens": 0}}

    assert sorted(told(judge(manifest("Provider", spec)))) == [
        ("K8S002", "spec.modle"),
        ("K8S003", "spec.defaults.temperature"),
        ("OM002", "spec.credential"),
        ("OM035", "spec.defaults"),
        ("OM036", "spec.defaults.maxTokens"),
    ]


def test_the_crd_speaks_before_the_contract() -> None:
    spec = {**CLAUDE, "secretRef": {"name": "vendor", "key": ""}}
    april = {**CRDS, **_april()}

    assert told(judge(manifest("Provider", spec))) == [("K8S002", "spec.secretRef")]
    assert told(judge(manifest("Provider", spec), crds=april)) == [("OM010", "spec.secretRef")]


def test_a_field_that_went_is_told_with_its_day_and_what_to_write() -> None:
    spec = {"type": "ollama", "model": "m", "baseURL": "http://ollama", "secretRef": {"name": "s"}}

    (found,) = judge(manifest("Provider", spec))

    assert found.message == "unknown field spec.secretRef; it was removed on 2026-04-28"
    assert found.hint.endswith(", that is `credential: {secretRef: {name: s}}`")


def test_a_field_that_came_later_is_told_with_its_day() -> None:
    (found,) = judge(manifest("Provider", {**CLAUDE, "role": "llm"}), crds={**CRDS, **_april()})

    assert found.message == "unknown field spec.role; it came on 2026-05-18, and this CRD is older"


def test_a_misspelt_field_is_told_with_what_was_meant() -> None:
    (found,) = judge(manifest("ModelProvider", {"bedrock": {"regoin": "y"}}))[-1:]

    assert found.hint == "did you mean spec.bedrock.region?"


def test_a_version_that_is_not_served() -> None:
    wrong = manifest("Provider", CLAUDE)
    body = {**wrong.document.body(), "apiVersion": "omnia.altairalabs.ai/v1"}

    (found,) = judge(replace(wrong, document=Document.of(body)))

    assert (found.code, found.path) == ("K8S008", "apiVersion")
    assert found.hint == "write omnia.altairalabs.ai/v1alpha1"


def test_without_a_crd_the_kind_still_speaks() -> None:
    assert told(judge(manifest("Provider", {"type": "openai"}), crds={})) == [
        ("OM002", "spec.credential"),
        ("OM004", "spec.model"),
    ]


def test_an_object_of_another_kind_is_left_alone() -> None:
    other = manifest("Provider", {})
    other = replace(other, ref=replace(other.ref, group="promptkit.altairalabs.ai"))

    assert judge(other) == ()


OPENAI = {"openai": {}, "apiKeySecretRef": {"name": "vendor", "key": "api-key"}}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ({"name": "openai"}, []),
        ({"name": "openai", "namespace": "llm"}, []),
        ({"name": "opena"}, [("REF001", Severity.WARNING, "did you mean openai?")]),
        ({"name": "openai", "namespace": "omnia"}, [("REF001", Severity.WARNING, "")]),
        ({"name": "openai", "namespace": "shared"}, [("REF002", Severity.NOTICE, "")]),
    ],
)
def test_a_reference_leads_to_an_object_of_the_environment(
    reference: dict[str, str], expected: list[tuple[str, Severity, str]]
) -> None:
    provider = manifest("ModelProvider", OPENAI, "openai")
    model = manifest("Model", {"model": "gpt-5", "providerRef": reference})

    found = [d for d in judge(provider, model) if d.code != "FL044"]

    assert [(d.code, d.severity, d.hint) for d in found] == expected
    assert all(d.path == "spec.providerRef.name" for d in found)


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary[:6])
def test_a_secret_is_found_wherever_it_stands_and_never_shown(canary: str) -> None:
    spec = {
        "type": canary,
        "model": canary,
        "baseURL": f"{canary}://",
        "credential": {
            "envVar": canary,
            "filePath": canary,
            "secretRef": {"name": "s", "key": "k"},
        },
        "capabilities": [canary],
        "headers": {"X-Title": f"Bearer {canary}"},
        "defaults": {"temperature": canary, "truncationStrategy": canary},
        "pricing": {"inputCostPer1K": canary},
        "api_key": canary,
    }

    found = judge(manifest("Provider", spec))

    assert canary not in "".join(repr(d) for d in found)
    assert {d.path for d in found if d.code == "SEC001"} >= {
        "spec.api_key",
        "spec.headers.X-Title",
        "spec.credential.envVar",
        "spec.capabilities[0]",
    }


@pytest.mark.parametrize("crds", [CRDS, {}], ids=["with a CRD", "without"])
@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary[:6])
def test_a_secret_in_a_model_is_never_shown(canary: str, crds: dict[GroupKind, Crd]) -> None:
    spec = {
        "model": f"{canary}:1",
        "providerRef": {"name": canary},
        canary: canary,
        "settings": {"extra": {canary: canary}, "topP": canary, "maxTokens": canary},
    }

    found = judge(manifest("Model", spec), crds=crds)

    assert canary not in "".join(repr(replace(d, ref=None)) for d in found)


@pytest.mark.parametrize(
    "text",
    ["", "sk-short", "claude-sonnet-4-5-20250929", "sk-replace-with-real-key-0000000", "pa-short"],
)
def test_names_and_placeholders_are_no_secrets(text: str) -> None:
    assert credential_in(text) == ""


def test_the_value_of_a_header_is_never_shown() -> None:
    spec = {**CLAUDE, "headers": {"X-Api-Key": "of-what", "X-Count": 4711}}

    found = judge(manifest("Provider", spec))

    assert {d.code for d in found} == {"OM030", "OM031", "K8S003"}
    assert not any("of-what" in repr(d) or "4711" in repr(d) for d in found)


def _april() -> dict[GroupKind, Crd]:
    crd = catalogue.load("providers.omnia.altairalabs.ai", "2026-04-19")
    return {crd.group_kind: crd}


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (2**31 - 1, None),
        (2**31, "write at most 2147483647"),
        (-(2**31) - 1, "write at least -2147483648"),
    ],
)
def test_a_number_that_no_operator_can_read(number: int, hint: str | None) -> None:
    found = judge(manifest("Provider", {**CLAUDE, "defaults": {"maxTokens": number}}))
    assert [d.hint for d in found if d.code == "K8S010"] == ([hint] if hint else [])


def test_such_a_number_in_a_mapping_of_numbers() -> None:
    spec = {"model": "m", "providerRef": {"name": "a"}, "settings": {"logitBias": {"50256": 2**40}}}
    (found,) = [d for d in judge(manifest("Model", spec)) if d.code == "K8S010"]
    assert found.path == "spec.settings.logitBias[50256]"
