"""The set of kinds, and the agreement of their tables with the CRDs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from reconciler import kinds
from reconciler.crds import catalogue
from reconciler.kind import Kind, ObjectReference
from reconciler.kinds import CODES, KINDS, by_group_kind, discover, flokoa_model, omnia_provider
from reconciler.model import codes
from reconciler.model.identity import GroupKind
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.structural import Schema

FOLDER = Path(str(kinds.__file__)).parent


def _rules(schema: Schema) -> Iterator[str]:
    yield from (rule.rule for rule in schema.rules)
    for child in (*schema.properties.values(), schema.items, schema.additional):
        if child is not None:
            yield from _rules(child)


def _all_rules(kind: Kind) -> set[str]:
    crds: list[Crd] = [crd for _, crd in catalogue.history(kind.endpoint.crd_name)]
    return {rule for crd in crds for version in crd.versions for rule in _rules(version.schema)}


def test_the_kinds_are_discovered_by_listing_the_folder() -> None:
    assert set(KINDS) >= {
        GroupKind("agent.flokoa.ai", "ModelProvider"),
        GroupKind("agent.flokoa.ai", "Model"),
        GroupKind("omnia.altairalabs.ai", "Provider"),
    }
    listed = {path.stem for path in FOLDER.iterdir() if path.stem[0] not in "._"}
    assert {module.__name__.rpartition(".")[2] for module in discover()} == listed
    assert len(KINDS) == len(listed)


def _imports(file: Path) -> Iterator[str]:
    """The absolute imports; ruff refuses relative ones (TID252)."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("module", discover(), ids=lambda module: module.__name__)
def test_kinds_do_not_know_each_other(module: ModuleType) -> None:
    """What several kinds share is in a module with an underscore, which imports none of them."""
    file = Path(str(module.__file__))
    own = file.parent.rglob("*.py") if file.name == "__init__.py" else [file]
    others = tuple(f"{other.__name__}." for other in discover() if other is not module)
    for source in [*own, *FOLDER.glob("_[!_]*.py")]:
        assert not [name for name in _imports(source) if f"{name}.".startswith(others)], source


def test_two_modules_cannot_define_one_kind() -> None:
    twin = ModuleType("twin")
    twin.__dict__["KIND"] = omnia_provider.KIND

    with pytest.raises(TypeError, match=r"twin and reconciler\.kinds\.omnia_provider both define"):
        by_group_kind([*discover(), twin])


def test_the_codes_of_kinds_do_not_collide_with_those_of_the_program() -> None:
    assert codes.register(codes.CODES, CODES)
    assert all(re.fullmatch(r"[A-Z]{2,4}\d{3}", code) for code in CODES)


def test_each_system_has_its_own_prefix() -> None:
    prefixes: dict[str, set[str]] = {}
    for module in discover():
        own = prefixes.setdefault(module.KIND.system, set())
        own |= {code.rstrip("0123456789") for code in module.KIND.codes}
    assert all(len(own) <= 1 for own in prefixes.values())
    listed = [prefix for own in prefixes.values() for prefix in own]
    assert len(listed) == len(set(listed))
    assert not {code.rstrip("0123456789") for code in codes.CODES} & set(listed)
    assert (prefixes["flokoa"], prefixes["omnia"]) == ({"FL"}, {"OM"})


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
    ("namespace", "expected"), [(None, "team"), ("", "team"), ("shared", "shared")]
)
def test_a_model_references_its_provider(namespace: str | None, expected: str) -> None:
    reference = {"name": "openai"} | ({} if namespace is None else {"namespace": namespace})
    body = {"metadata": {"namespace": "team"}, "spec": {"model": "m", "providerRef": reference}}

    assert flokoa_model.KIND.object_references(body) == (
        ObjectReference(("spec", "providerRef", "name"), flokoa_model.PROVIDER, expected, "openai"),
    )


@pytest.mark.parametrize(
    ("path", "sensitive"),
    [
        (("spec", "headers", "X-Team"), True),
        (("spec", "headers", "X-Title"), False),
        (("spec", "headers"), True),
        (("spec",), True),
        (("spec", "model"), False),
        (("metadata", "labels"), False),
    ],
)
def test_headers_and_their_parents_are_sensitive(path: tuple[str, ...], sensitive: bool) -> None:
    assert omnia_provider.KIND.is_sensitive(path) is sensitive
