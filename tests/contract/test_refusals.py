"""Refused writes: the reason, the message and the causes."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import Document
from reconciler.model.identity import CONFIG_MAP
from tests.contract.world import PROVIDER, UNSERVED, US, World, causes, with_metadata

_NOT_CHECKED = (
    "Invalid value: null: some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation"
)
NO_CEL = ("<nil>", "FieldValueInvalid", _NOT_CHECKED)


def refused(world: World, body: Document, **options: bool) -> Refused:
    with pytest.raises(Refused) as caught:
        world.apply(body, **options)
    assert world.live() is None
    return caught.value


def untyped(world: World, mismatch: str) -> str:
    return (
        f"failed to create typed patch object ({world.namespace}/one; "
        f"{PROVIDER.api_version}, Kind=Provider): {mismatch}"
    )


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("spec", "field", "message"),
    [
        ({"nope": 1}, ".spec.nope", "field not declared in schema"),
        ({"defaults": {"nope": 1}}, ".spec.defaults.nope", "field not declared in schema"),
        (
            {"defaults": {"temperature": 0.7}},
            ".spec.defaults.temperature",
            "expected string, got &value.valueUnstructured{Value:0.7}",
        ),
        ({"defaults": "x"}, ".spec.defaults", "expected map, got &{x}"),
        ({"capabilities": "x"}, ".spec.capabilities", "expected list, got &{x}"),
        (
            {"defaults": {"maxTokens": "x"}},
            ".spec.defaults.maxTokens",
            "expected numeric (int or float), got string",
        ),
    ],
)
def test_a_field_that_does_not_fit_the_types_is_refused(
    world: World, spec: dict[str, Any], field: str, message: str, dry_run: bool
) -> None:
    error = refused(world, world.provider(**spec), dry_run=dry_run)
    assert error.reason is RefusalReason.UNDECLARED
    assert error.message == untyped(world, f"{field}: {message}")
    assert causes(error) == [(field, "FieldValueInvalid", message)]


def test_a_null_is_refused(world: World) -> None:
    error = refused(world, world.provider(defaults=None))
    assert error.reason is RefusalReason.INVALID
    assert causes(error) == [
        (
            "spec.defaults",
            "FieldValueTypeInvalid",
            'Invalid value: "null": spec.defaults in body must be of type object: "null"',
        ),
        NO_CEL,
    ]


def test_every_invalid_value_is_a_cause(world: World) -> None:
    error = refused(world, world.provider(type="gpt", role="tenor"))
    assert error.reason is RefusalReason.INVALID
    *wrong, last = causes(error)
    assert {(field, reason) for field, reason, _ in wrong} == {  # a Go map has no order
        ("spec.role", "FieldValueNotSupported"),
        ("spec.type", "FieldValueNotSupported"),
    }
    assert last == NO_CEL
    assert error.message.startswith('Provider.omnia.altairalabs.ai "one" is invalid: [spec.')


def test_a_missing_required_field_is_refused(world: World) -> None:
    body = world.document(PROVIDER, "one", {"model": "gpt-4o"})
    error = refused(world, body)
    assert error.reason is RefusalReason.INVALID
    assert causes(error) == [("spec.type", "FieldValueRequired", "Required value"), NO_CEL]


def test_a_violation_of_a_cel_rule_is_refused(world: World) -> None:
    error = refused(world, world.provider(type="voyageai", model="voyage-3"))
    assert error.reason is RefusalReason.INVALID
    assert [cause.field for cause in error.causes] == ["spec", "spec"]
    assert all(cause.reason == "FieldValueInvalid" for cause in error.causes)


def test_an_invalid_name_is_refused(world: World) -> None:
    body = world.document(PROVIDER, "Not_A_Name", {"type": "mock"})
    with pytest.raises(Refused) as caught:
        world.apply(body)
    assert caught.value.reason is RefusalReason.INVALID
    assert [cause.field for cause in caught.value.causes] == ["metadata.name"]


def test_an_invalid_label_is_refused(world: World) -> None:
    error = refused(world, with_metadata(world.provider(), labels={"a b": "c"}))
    assert error.reason is RefusalReason.INVALID
    assert [cause.field for cause in error.causes] == ["metadata.labels"]


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_apply_in_a_missing_namespace_is_refused(world: World, dry_run: bool) -> None:
    body = with_metadata(world.provider(), namespace="not-there")
    with pytest.raises(Refused) as caught:
        world.apply(body, dry_run=dry_run)
    assert caught.value.reason is RefusalReason.NO_NAMESPACE
    assert caught.value.message == 'namespaces "not-there" not found'


def test_an_apply_of_an_unserved_kind_is_refused(world: World) -> None:
    body = world.document(UNSERVED, "one", {})
    with pytest.raises(Refused) as caught:
        world.cluster.apply(UNSERVED, body, manager=US)
    assert caught.value.reason is RefusalReason.NO_KIND


def test_managed_fields_in_an_applied_body_are_refused(world: World) -> None:
    stored = world.apply(world.provider("two"))
    fields = stored["metadata"]["managedFields"]
    error = refused(world, with_metadata(world.provider(), managedFields=fields))
    assert error.reason is RefusalReason.INVALID


def test_undeclared_fields_in_several_maps_are_refused(world: World) -> None:
    error = refused(world, world.provider(nope=1, defaults={"nah": 1, "topP": 0.5}))
    assert error.reason is RefusalReason.UNDECLARED
    # The server reads a map in any order, and stops at its first undeclared field.
    fields = {cause.field for cause in error.causes}
    assert fields
    assert fields <= {".spec.nope", ".spec.defaults.nah", ".spec.defaults.topP"}


@pytest.mark.parametrize("verb", ["create", "replace"])
def test_create_and_replace_refuse_undeclared_fields(world: World, verb: str) -> None:
    before = world.apply(world.provider()) if verb == "replace" else None
    sent = world.provider().body() if before is None else before
    headers = {"X-Nope": "declared"}
    spec = sent["spec"] | {"nope": 1, "defaults": {"nah": {"a": 1}}, "headers": headers}
    with pytest.raises(Refused) as caught:
        getattr(world.cluster, verb)(PROVIDER, Document.of(sent | {"spec": spec}))
    assert caught.value.reason is RefusalReason.INVALID
    assert caught.value.message == (
        'Provider in version "v1alpha1" cannot be handled as a Provider: strict decoding error: '
        'unknown field "spec.defaults.nah", unknown field "spec.nope"'
    )
    assert "nope" not in str(world.live())


def test_undeclared_fields_of_a_core_object_are_refused(world: World) -> None:
    metadata = {"name": "one", "namespace": world.namespace}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "spec": {}}
    with pytest.raises(Refused) as caught:
        world.cluster.create(CONFIG_MAP, Document.of(body))
    assert caught.value.reason is RefusalReason.INVALID
    assert 'unknown field "spec"' in caught.value.message
