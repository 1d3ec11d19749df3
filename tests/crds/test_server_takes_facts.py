"""A real API server installs every file of the tree as it stands, stores all of it, and serves the kind."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from reconciler.crds import catalogue
from tests.controlplane.crds import load
from tests.controlplane.plane import ControlPlane

_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_FOLDER = Path(str(resources.files("reconciler.crds")))
# A server holds one schema per CRD name, so each era gets a group of its own.
_GROUPS = {
    f"{Path(era.path).stem}.facts.test": _FOLDER / era.path
    for name in catalogue.names()
    for era in catalogue.eras(name)
}


@pytest.fixture(scope="module")
def served(control_plane: ControlPlane) -> ControlPlane:
    control_plane.serve_eras(_GROUPS)  # ends when each kind can be listed and applied
    return control_plane


@pytest.mark.parametrize("group", _GROUPS)
def test_a_file_is_stored_whole_and_served(served: ControlPlane, group: str) -> None:
    expected = load(_GROUPS[group])["spec"]

    answer = served.request("GET", f"{_CRDS}/{expected['names']['plural']}.{group}")

    stored = answer.json()
    conditions = {each["type"]: each["status"] for each in stored["status"]["conditions"]}
    assert conditions["Established"] == conditions["NamesAccepted"] == "True"
    assert "NonStructuralSchema" not in conditions
    assert stored["spec"]["versions"] == expected["versions"]
    assert stored["spec"]["names"] == expected["names"]
    assert stored["spec"]["scope"] == expected["scope"]
