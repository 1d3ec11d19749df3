"""ApplySet ids and marks (KEP-3659)."""

from __future__ import annotations

import pytest

from reconciler.model import applyset


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        (
            ("set1", "foo", "Secret", ""),
            "applyset-7CmtoRyMlhBIeIT1oJFa9-afdKAlctFH-0bE1dsQUDQ-v1",
        ),
        (
            ("providers", "llm-prod", "ConfigMap", ""),
            "applyset-TlACOMv8XRykZVELaZnMw3uRyQC3WObhPAJRBJh20Dw-v1",
        ),
        (
            ("tracker", "", "ApplySet", "example.com"),
            "applyset-DGUxyFsomUSXRsRkw6eSUK8av99kPVMZTRVsD1B9l_k-v1",
        ),
    ],
)
def test_the_id_matches_its_vector(parent: tuple[str, str, str, str], expected: str) -> None:
    assert applyset.identify(*parent) == expected


def test_the_id_fits_a_label_value() -> None:
    assert len(applyset.set_id("prod", "llm-system")) == 55


def test_marks_leave_the_home_namespace_out_and_are_sorted() -> None:
    labels, annotations = applyset.parent_marks(
        "applyset-x-v1", "1.2.3", "home", {"Provider.b", "Model.a"}, {"z", "home", "a"}
    )
    assert labels == {"applyset.kubernetes.io/id": "applyset-x-v1"}
    assert annotations == {
        "applyset.kubernetes.io/tooling": "provider-reconciler/v1.2.3",
        "applyset.kubernetes.io/contains-group-kinds": "Model.a,Provider.b",
        "applyset.kubernetes.io/additional-namespaces": "a,z",
    }


@pytest.mark.parametrize(
    ("labels", "annotations", "why"),
    [
        ({}, {}, ""),
        ({"applyset.kubernetes.io/id": "mine"}, {}, ""),
        ({"applyset.kubernetes.io/id": "other"}, {}, "its ApplySet id is other, not mine"),
        (
            {},
            {"applyset.kubernetes.io/tooling": "kubectl/v1.35"},
            "it is the ApplySet of another tool: kubectl/v1.35",
        ),
        ({}, {"applyset.kubernetes.io/tooling": "provider-reconciler/v9"}, ""),
    ],
)
def test_a_parent_of_another_tool_is_told(
    labels: dict[str, str], annotations: dict[str, str], why: str
) -> None:
    parent = {"metadata": {"labels": labels, "annotations": annotations}}
    assert applyset.foreign_tool(parent, "mine") == why
