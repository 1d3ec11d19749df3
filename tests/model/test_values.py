"""Documents, paths and the marks of other tools: the smallest parts of the model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.document import Document, JsonObject, canonical, dig, dig_map
from reconciler.model.marks import tool_of
from reconciler.model.path import FieldPath, at, present, show, starts_with

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.text(), below),
    max_leaves=10,
)


class TestDocument:
    """One JSON object, immutable and hashable."""

    @given(st.dictionaries(st.text(), JSON))
    def test_a_body_comes_back_as_it_was(self, body: JsonObject) -> None:
        assert Document.of(body).body() == body

    def test_the_order_of_keys_makes_no_other_document(self) -> None:
        first, second = (
            Document.of({"a": 1, "b": {"c": 2, "d": 3}}),
            Document.of({"b": {"d": 3, "c": 2}, "a": 1}),
        )
        assert first == second
        assert len({first, second}) == 1
        assert first.text == '{"a":1,"b":{"c":2,"d":3}}'

    def test_each_body_is_a_copy_of_its_own(self) -> None:
        document = Document.of({"a": {"b": 1}})
        document.body()["a"]["b"] = 2
        assert document.body() == {"a": {"b": 1}}

    def test_a_body_that_changes_later_changes_no_document(self) -> None:
        body: JsonObject = {"a": {"b": 1}}
        document = Document.of(body)
        body["a"]["b"] = 2
        assert document.body() == {"a": {"b": 1}}

    @pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
    def test_what_json_does_not_have_is_refused(self, number: float) -> None:
        with pytest.raises(ValueError, match="JSON compliant"):
            canonical({"a": number})

    def test_text_of_other_scripts_stays_readable(self) -> None:
        assert canonical({"ключ": "値"}) == '{"ключ":"値"}'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("metadata", "name"), "n"),
        (("metadata",), {"name": "n", "none": None}),
        ((), {"metadata": {"name": "n", "none": None}, "list": [1]}),
        (("metadata", "none"), None),
        (("metadata", "nope"), None),
        (("metadata", "name", "below"), None),
        (("list", "0"), None),
        (("nope", "nope"), None),
    ],
)
def test_digging_leads_to_a_value_or_to_none(path: tuple[str, ...], expected: Any) -> None:
    body = {"metadata": {"name": "n", "none": None}, "list": [1]}
    assert dig(body, *path) == expected
    assert dig_map(body, *path) == (expected if isinstance(expected, dict) else {})
    assert dig("text", "a") is None


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ((), ""),
        (("spec",), "spec"),
        (("spec", "model"), "spec.model"),
        (("spec", "capabilities", 0), "spec.capabilities[0]"),
        (("spec", "headers", "X-Title"), "spec.headers.X-Title"),
        (
            ("metadata", "labels", "app.kubernetes.io/name"),
            "metadata.labels[app.kubernetes.io/name]",
        ),
        (("spec", "extra", "a b"), "spec.extra[a b]"),
        (("spec", "extra", ""), "spec.extra[]"),
        (("spec", "extra", "0"), "spec.extra[0]"),
        (("spec", "extra", "$ref"), "spec.extra.$ref"),
        ((0, "a"), "[0].a"),
    ],
)
def test_a_path_is_shown_as_people_write_it(path: FieldPath, shown: str) -> None:
    assert show(path) == shown


BODY = {"a": {"b": [1, {"c": None}], "": 2}, "n": None}


@pytest.mark.parametrize(
    ("path", "value", "is_present"),
    [
        ((), BODY, True),
        (("a", "b", 0), 1, True),
        (("a", "b", 1, "c"), None, True),
        (("a", ""), 2, True),
        (("n",), None, True),
        (("n", "below"), None, False),
        (("a", "b", 2), None, False),
        (("a", "b", -1), None, False),
        (("a", "b", "0"), None, False),
        (("a", 0), None, False),
        (("nope",), None, False),
    ],
)
def test_an_explicit_null_is_there_and_what_leads_nowhere_is_not(
    path: FieldPath, value: Any, is_present: bool
) -> None:
    assert (at(BODY, path), present(BODY, path)) == (value, is_present)


@pytest.mark.parametrize(
    ("path", "prefix", "expected"),
    [
        (("a", "b"), ("a",), True),
        (("a", "b"), ("a", "b"), True),
        (("a", "b"), (), True),
        (("a",), ("a", "b"), False),
        (("ab",), ("a",), False),
        ((), ("a",), False),
    ],
)
def test_a_path_begins_with_whole_steps(path: FieldPath, prefix: FieldPath, expected: bool) -> None:
    assert starts_with(path, prefix) is expected


class TestMarks:
    """Which other tool says that an object is its own."""

    @pytest.mark.parametrize(
        ("tool", "key"),
        [
            ("argocd", "argocd.argoproj.io/tracking-id"),
            ("argocd", "argocd.argoproj.io/instance"),
            ("flux", "kustomize.toolkit.fluxcd.io/name"),
            ("flux", "helm.toolkit.fluxcd.io/name"),
            ("kluctl", "kluctl.io/discriminator"),
            ("kapp", "kapp.k14s.io/app"),
            ("kapp", "kapp.k14s.io/association"),
            ("config-sync", "configmanagement.gke.io/managed"),
            ("config-sync", "configsync.gke.io/resource-id"),
            ("cli-utils", "config.k8s.io/owning-inventory"),
            ("helm", "meta.helm.sh/release-name"),
        ],
    )
    @pytest.mark.parametrize("where", ["labels", "annotations"])
    def test_its_key_among_labels_or_annotations_names_it(
        self, tool: str, key: str, where: str
    ) -> None:
        assert tool_of({"metadata": {where: {key: ""}}}) == (tool, key)

    @pytest.mark.parametrize(
        "metadata",
        [
            {},
            {"labels": None, "annotations": None},
            {"labels": {"app.kubernetes.io/managed-by": "Helm"}},  # a word that anybody copies
            {"labels": {"app": "meta.helm.sh/release-name"}},
            {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}},
        ],
    )
    def test_an_object_of_nobody_has_none(self, metadata: JsonObject) -> None:
        assert tool_of({"metadata": metadata}) == ("", "")

    def test_a_tool_that_works_through_helm_comes_first(self) -> None:
        marks = {"meta.helm.sh/release-name": "r", "helm.toolkit.fluxcd.io/name": "r"}
        assert tool_of({"metadata": {"annotations": marks}})[0] == "flux"


def test_canonical_text_is_json() -> None:
    assert json.loads(canonical([1, "a", None, True])) == [1, "a", None, True]
