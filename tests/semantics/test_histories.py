"""The engine and a real API server agree on generated histories of one object.

There are at least 300 histories of twelve requests; `HISTORIES=500 pytest tests/semantics/test_histories.py` generates
more of them.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from reconciler.model.document import JsonObject
from reconciler.semantics.schema.crd import Crd
from tests.controlplane.crds import load, regrouped
from tests.controlplane.plane import ControlPlane
from tests.semantics.histories import NAMES, SMALLEST, Step, histories
from tests.semantics.sources import SINK, TESTDATA, managed, newest
from tests.semantics.twin import Twin

# Histories for each CRD: every era of every managed kind, and the CRDs of OTHERS.
HISTORIES = int(os.environ.get("HISTORIES", "19"))

# Other CRDs, each complete (the package has at most a part of it) and with its smallest valid spec.
OTHERS: dict[str, tuple[Path, JsonObject]] = {
    "sink": (SINK, {"mode": "plain"}),
    "agentruntime": (
        TESTDATA / "agentruntimes.yaml",
        {"promptPackRef": {"name": "p"}, "facades": [{"type": "websocket"}], "providers": []},
    ),
    "workspace": (
        TESTDATA / "workspaces.yaml",
        {"displayName": "w", "namespace": {"name": "n"}},
    ),
    "agent": (
        TESTDATA / "agents.yaml",
        {"card": {"name": "a", "description": "d", "version": "1", "skills": []}},
    ),
}


@pytest.mark.parametrize("group", managed())
def test_both_agree_on_histories_in_every_era(
    control_plane: ControlPlane, namespace: str, group: str
) -> None:
    path, crd = managed()[group]
    control_plane.serve_era(path, group)
    _check(control_plane, namespace, crd, SMALLEST[crd.kind])


@pytest.mark.parametrize("source", OTHERS)
def test_both_agree_on_histories_of_other_kinds(
    control_plane: ControlPlane, namespace: str, source: str
) -> None:
    path, base = OTHERS[source]
    group = f"{source}.histories.test"
    control_plane.serve_era(path, group)
    _check(control_plane, namespace, Crd.of(regrouped(load(path), group)), base)


def test_there_are_at_least_300_histories() -> None:
    eras = {group.rpartition(".semantics.test")[0] for group in managed()}
    newest_provider = newest("omnia/providers.*.yaml").stem
    assert {newest_provider, "providers.2026-04-19.e4d373f0"} <= eras
    if "HISTORIES" not in os.environ:
        assert len(eras) * HISTORIES >= 300


def _check(plane: ControlPlane, namespace: str, crd: Crd, base: JsonObject) -> None:
    verdicts: Counter[str] = Counter()

    @settings(
        max_examples=HISTORIES,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(histories(crd.storage_version.schema, base))
    def check(history: list[Step]) -> None:
        twin = Twin(plane, crd, namespace, next(NAMES))
        for step in history:
            answer = twin.send(step.request(twin))
            verdicts["refused" if answer.reason else "admitted"] += 1

    check()
    print(dict(verdicts))
    assert min(verdicts["admitted"], verdicts["refused"]) >= HISTORIES // 2, verdicts
