"""The kinds as a set, and what holds their tables to the CRDs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from reconciler.crds import catalogue
from reconciler.kind import Kind, ObjectReference
from reconciler.kinds import CODES, KINDS, by_group_kind, discover, flokoa_model, omnia_provider
from reconciler.model import codes
from reconciler.model.identity import GroupKind
from reconciler.semantics.crd import Crd
from reconciler.semantics.schema import Schema


def _rules(schema: Schema) -> Iterator[str]:
    yield from (rule.rule for rule in schema.rules)
    below = [*schema.properties.values(), schema.items, schema.additional]
    for child in below:
        if child is not None:
            yield from _rules(child)


def _all_rules(kind: Kind) -> set[str]:
    crds: list[Crd] = [crd for _, crd in catalogue.history(kind.endpoint.crd_name)]
    return {rule for crd in crds for version in crd.versions for rule in _rules(version.schema)}


def test_the_kinds_are_found_by_listing_the_folder() -> None:
    assert set(KINDS) == {
        GroupKind("agent.flokoa.ai", "ModelProvider"),
        GroupKind("agent.flokoa.ai", "Model"),
        GroupKind("omnia.altairalabs.ai", "Provider"),
    }


def test_two_modules_cannot_declare_one_kind() -> None:
    twin = ModuleType("twin")
    twin.__dict__["KIND"] = omnia_provider.KIND

    with pytest.raises(TypeError, match=r"twin and reconciler\.kinds\.omnia_provider both declare"):
        by_group_kind([*discover(), twin])


def test_no_code_of_a_kind_is_one_of_the_program() -> None:
    assert codes.register(codes.CODES, CODES)
    assert all(re.fullmatch(r"(FL|OM)\d{3}", code) for code in CODES)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.endpoint.kind)
def test_every_rule_of_every_era_has_a_meaning(kind: Kind) -> None:
    assert set(kind.rules) == _all_rules(kind)
    assert {meaning.code for meaning in kind.rules.values()} <= set(CODES)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.endpoint.kind)
def test_every_kind_has_a_crd_in_the_tree_that_can_be_proved(kind: Kind) -> None:
    crd = catalogue.load(kind.endpoint.crd_name)

    assert crd.group_kind == kind.endpoint.group_kind
    assert crd.version(kind.endpoint.version)
    assert crd.not_provable == ()


def test_providers_come_before_models() -> None:
    orders = {kind.endpoint.kind: kind.apply_order for kind in KINDS.values()}

    assert orders["ModelProvider"] < orders["Model"]


@pytest.mark.parametrize(
    ("namespace", "wanted"), [(None, "team"), ("", "team"), ("shared", "shared")]
)
def test_a_model_names_its_provider(namespace: str | None, wanted: str) -> None:
    reference = {"name": "openai"} | ({} if namespace is None else {"namespace": namespace})
    body = {"metadata": {"namespace": "team"}, "spec": {"model": "m", "providerRef": reference}}

    assert flokoa_model.KIND.object_references(body) == (
        ObjectReference(("spec", "providerRef", "name"), flokoa_model.PROVIDER, wanted, "openai"),
    )


@pytest.mark.parametrize(
    ("path", "sensitive"),
    [
        (("spec", "headers", "X-Title"), True),
        (("spec", "headers"), True),
        (("spec",), True),
        (("spec", "model"), False),
        (("metadata", "labels"), False),
    ],
)
def test_headers_are_sensitive_and_so_is_what_holds_them(
    path: tuple[str, ...], sensitive: bool
) -> None:
    assert omnia_provider.KIND.is_sensitive(path) is sensitive
