"""This repository's own environments, on a folder and on a real API server that has the CRDs they are pinned to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.crds import catalogue
from tests.controlplane.build import binaries
from tests.controlplane.plane import ControlPlane
from tests.controlplane.server import serving
from tests.interpreters.warm import command

ROOT = Path(__file__).parents[2]
PINS = {
    "providers.omnia.altairalabs.ai": "2026-04-19",
    "modelproviders.agent.flokoa.ai": "",
    "models.agent.flokoa.ai": "",
}
NAMESPACES = ("llm", "omnia", "llm-system")


@pytest.fixture(scope="module")
def april(
    control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    """An API server of its own, with the Provider CRD of staging's era."""
    del control_plane  # only for the skip (or, in CI, the failure) where none can be had
    home = tmp_path_factory.mktemp("april")
    with serving(home, binaries()) as description, ControlPlane(description) as plane:
        for name, pin in PINS.items():
            (home / f"{name}.yaml").write_text(catalogue.text(catalogue.era(name, pin).path))
        plane.install_crds([home / f"{name}.yaml" for name in PINS])
        for namespace in NAMESPACES:
            plane.kubectl("create", "namespace", namespace)
        yield plane


def run(verb: str, environment: str, report: Path, *args: str) -> dict[str, object]:
    clean = {key: value for key, value in os.environ.items() if key != "KUBECONFIG"}
    reports = ("-o", "text", "-o", f"json={report}")
    args = (*args, "--allow-dirty") if verb == "apply" else args  # of somebody who edits them
    done = command(verb, environment, "-C", ROOT, *reports, *args, env=clean)
    assert "Traceback" not in done.stderr
    reported = json.loads(report.read_text())["environments"][0]
    return {"code": done.code, "text": done.stdout + done.stderr, **reported}


def states(environment: dict[str, object]) -> set[str]:
    return {change["state"] for change in environment["changes"]}  # type: ignore[attr-defined]


def test_staging_lives_on_the_crd_that_it_pins(april: ControlPlane, tmp_path: Path) -> None:
    where = ("--kubeconfig", str(april.kubeconfig), "--cluster", "kubernetes")
    report = tmp_path / "report.json"
    first = run("apply", "staging", report, *where)
    # Its Secrets are made by others; the objects are all there.
    assert first["exitReasons"] == ["missing key"], first["text"]
    assert {o["result"] for o in first["outcomes"]} == {"created"}  # type: ignore[attr-defined]
    labels = {s["crd"]: s["label"] for s in first["schemas"]}  # type: ignore[attr-defined]
    assert labels["providers.omnia.altairalabs.ai"] == "live, 2026-04-19"
    assert states(run("diff", "staging", report, *where)) == {"unchanged"}


def test_prod_on_a_cluster_of_april_is_told_what_came_later(
    april: ControlPlane, tmp_path: Path
) -> None:
    where = ("--kubeconfig", str(april.kubeconfig), "--cluster", "kubernetes")
    environment = run("apply", "prod", tmp_path / "report.json", *where)
    assert environment["code"] == 3
    assert environment["outcomes"] == []
    codes = {d["code"] for d in environment["diagnostics"]}  # type: ignore[attr-defined]
    assert {"K8S002", "K8S009"} <= codes
    assert "templates/omnia/voyageai.yaml.j2" in str(environment["text"])


def test_two_environments_over_one_namespace_are_told_apart(
    april: ControlPlane, tmp_path: Path
) -> None:
    """staging is there already: dev would take turns with it on the same names."""
    where = ("--kubeconfig", str(april.kubeconfig), "--cluster", "kubernetes")
    run("apply", "staging", tmp_path / "staging.json", *where)
    environment = run("diff", "dev", tmp_path / "report.json", *where)
    assert "foreign" in states(environment)
    assert "it belongs to the environment staging" in str(environment["text"])


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_environment_converges_on_a_folder(environment: str, tmp_path: Path) -> None:
    report, cluster = tmp_path / "report.json", f"directory:{tmp_path / 'live'}"
    first = run("apply", environment, report, "--cluster", cluster)
    assert {o["result"] for o in first["outcomes"]} == {"created"}, first["text"]  # type: ignore[attr-defined]
    assert states(run("diff", environment, report, "--cluster", cluster)) == {"unchanged"}


def test_prod_on_the_newest_crds(control_plane: ControlPlane, tmp_path: Path) -> None:
    for namespace in NAMESPACES:
        control_plane.kubectl("create", "namespace", namespace, check=False)
    where = ("--kubeconfig", str(control_plane.kubeconfig), "--cluster", "kubernetes")
    report = tmp_path / "report.json"
    first = run("apply", "prod", report, *where)
    assert {o["result"] for o in first["outcomes"]} == {"created"}, first["text"]  # type: ignore[attr-defined]
    assert states(run("diff", "prod", report, *where)) == {"unchanged"}
