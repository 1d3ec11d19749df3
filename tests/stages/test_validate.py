"""The stage: locations, the order of the checks, references. The examples in `tests/kinds` test the kinds."""

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
# Each is joined from parts, so that no secret scanner reports it.
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


def codes_and_paths(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(f.code, f.path) for f in findings]


def test_a_good_manifest_has_no_finding() -> None:
    assert judge(manifest("Provider", CLAUDE)) == ()


def test_a_finding_is_where_its_value_is_set_and_names_the_template_too() -> None:
    wrong = manifest("Provider", {**CLAUDE, "type": "clade"}, spec__type=Origin(TEMPLATE, (VALUE,)))

    (finding,) = [f for f in judge(wrong) if f.code == "K8S004"]

    assert (finding.where, finding.also) == (VALUE, (TEMPLATE,))
    assert finding.ref == wrong.ref
    assert finding.source == ""


def test_with_several_values_a_finding_is_in_the_template() -> None:
    other = replace(VALUE, line=13)
    wrong = manifest(
        "Provider", {**CLAUDE, "type": "clade"}, spec__type=Origin(TEMPLATE, (VALUE, other))
    )

    (finding,) = [f for f in judge(wrong) if f.code == "K8S004"]

    assert (finding.where, finding.also) == (TEMPLATE, (VALUE, other))


def test_a_missing_field_has_the_location_of_its_nearest_parent() -> None:
    wrong = manifest("Provider", {"model": "m"}, spec=Origin(VALUE))

    assert {f.where for f in judge(wrong)} == {VALUE}


def test_one_run_reports_all_findings_and_one_per_field() -> None:
    spec = {"type": "claude", "modle": "x", "defaults": {"temperature": 0.7, "maxTokens": 0}}

    assert sorted(codes_and_paths(judge(manifest("Provider", spec)))) == [
        ("K8S002", "spec.modle"),
        ("K8S003", "spec.defaults.temperature"),
        ("OM002", "spec.credential"),
        ("OM035", "spec.defaults"),
        ("OM036", "spec.defaults.maxTokens"),
    ]


def test_a_finding_of_the_crd_replaces_that_of_the_contract() -> None:
    spec = {**CLAUDE, "secretRef": {"name": "vendor", "key": ""}}
    april = {**CRDS, **_april()}

    assert codes_and_paths(judge(manifest("Provider", spec))) == [("K8S002", "spec.secretRef")]
    assert codes_and_paths(judge(manifest("Provider", spec), crds=april)) == [
        ("OM010", "spec.secretRef")
    ]


def test_the_finding_on_a_removed_field_has_the_date_and_a_replacement() -> None:
    spec = {"type": "ollama", "model": "m", "baseURL": "https://ollama", "secretRef": {"name": "s"}}

    (finding,) = judge(manifest("Provider", spec))

    assert finding.message == "unknown field spec.secretRef; it was removed on 2026-04-28"
    assert finding.hint.endswith(", that is `credential: {secretRef: {name: s}}`")


def test_the_finding_on_a_field_of_a_later_crd_has_its_date() -> None:
    (finding,) = judge(manifest("Provider", {**CLAUDE, "role": "llm"}), crds={**CRDS, **_april()})

    assert (
        finding.message
        == "unknown field spec.role; it was added on 2026-05-18, and this CRD is older"
    )


def test_the_finding_on_a_misspelt_field_suggests_the_intended_one() -> None:
    (finding,) = judge(manifest("ModelProvider", {"bedrock": {"regoin": "y"}}))[-1:]

    assert finding.hint == "did you mean spec.bedrock.region?"


def test_a_version_that_is_not_served() -> None:
    wrong = manifest("Provider", CLAUDE)
    body = {**wrong.document.body(), "apiVersion": "omnia.altairalabs.ai/v1"}

    (finding,) = judge(replace(wrong, document=Document.of(body)))

    assert (finding.code, finding.path) == ("K8S008", "apiVersion")
    assert finding.hint == "write omnia.altairalabs.ai/v1alpha1"


def test_without_a_crd_the_contract_and_the_lints_still_run() -> None:
    assert codes_and_paths(judge(manifest("Provider", {"type": "openai"}), crds={})) == [
        ("OM002", "spec.credential"),
        ("OM004", "spec.model"),
    ]


def test_an_object_of_another_kind_is_not_validated() -> None:
    other = manifest("Provider", {})
    other = replace(other, ref=replace(other.ref, group="promptkit.altairalabs.ai"))

    assert judge(other) == ()


OPENAI = {"openai": {}, "apiKeySecretRef": {"name": "vendor", "key": "api-key"}}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ({"name": "openai"}, []),
        ({"name": "openai", "namespace": "llm"}, []),
        ({"name": "opena"}, [("REF001", Severity.ERROR, "did you mean openai?")]),
        ({"name": "opneai"}, [("REF001", Severity.ERROR, "did you mean openai?")]),
        ({"name": "openai-eu"}, [("REF001", Severity.WARNING, "did you mean openai?")]),
        ({"name": "openai2"}, [("REF001", Severity.WARNING, "did you mean openai?")]),
        ({"name": "openai", "namespace": "omnia"}, [("REF001", Severity.WARNING, "")]),
        ({"name": "openai", "namespace": "shared"}, [("REF002", Severity.NOTICE, "")]),
    ],
)
def test_a_reference_must_lead_to_an_object_of_the_environment(
    reference: dict[str, str], expected: list[tuple[str, Severity, str]]
) -> None:
    provider = manifest("ModelProvider", OPENAI, "openai")
    model = manifest("Model", {"model": "gpt-5", "providerRef": reference})

    findings = [f for f in judge(provider, model) if f.code != "FL044"]

    assert [(f.code, f.severity, f.hint) for f in findings] == expected
    assert all(f.path == "spec.providerRef.name" for f in findings)


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary[:6])
def test_a_secret_is_found_in_any_field_and_never_shown(canary: str) -> None:
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

    findings = judge(manifest("Provider", spec))

    assert canary not in "".join(repr(f) for f in findings)
    assert {f.path for f in findings if f.code == "SEC001"} >= {
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

    findings = judge(manifest("Model", spec), crds=crds)

    assert canary not in "".join(repr(replace(f, ref=None)) for f in findings)


@pytest.mark.parametrize(
    "text",
    ["", "sk-short", "claude-sonnet-4-5-20250929", "sk-replace-with-real-key-0000000", "pa-short"],
)
def test_names_and_placeholders_are_not_secrets(text: str) -> None:
    assert credential_in(text) == ""


def test_the_value_of_a_header_is_never_shown() -> None:
    spec = {**CLAUDE, "headers": {"X-Api-Key": "of-what", "X-Count": 4711}}

    findings = judge(manifest("Provider", spec))

    assert {f.code for f in findings} == {"OM030", "OM031", "K8S003"}
    assert not any("of-what" in repr(f) or "4711" in repr(f) for f in findings)


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
def test_a_number_that_overflows_its_field(number: int, hint: str | None) -> None:
    findings = judge(manifest("Provider", {**CLAUDE, "defaults": {"maxTokens": number}}))
    assert [f.hint for f in findings if f.code == "K8S010"] == ([hint] if hint else [])


def test_a_number_that_overflows_in_a_mapping_of_numbers() -> None:
    spec = {"model": "m", "providerRef": {"name": "a"}, "settings": {"logitBias": {"50256": 2**40}}}
    (finding,) = [f for f in judge(manifest("Model", spec)) if f.code == "K8S010"]
    assert finding.path == "spec.settings.logitBias[50256]"
