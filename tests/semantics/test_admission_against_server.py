"""The engine and a real API server admit the same generated manifests, in every era of every managed kind.

`EXAMPLES=2000 pytest tests/semantics/test_admission_against_server.py` generates more of them.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from reconciler.model.document import JsonObject
from tests.controlplane.plane import ControlPlane
from tests.semantics.bodies import manifests
from tests.semantics.sources import managed
from tests.semantics.twin import Request, Twin

# Manifests for each era; at least 2,000 in total.
EXAMPLES = int(os.environ.get("EXAMPLES", "130"))


@pytest.fixture(scope="module")
def served(control_plane: ControlPlane) -> ControlPlane:
    control_plane.serve_eras({group: path for group, (path, _) in managed().items()})
    return control_plane


def test_there_are_at_least_2000_manifests() -> None:
    if "EXAMPLES" not in os.environ:
        assert len(managed()) * EXAMPLES >= 2000


@pytest.mark.parametrize("group", managed())
def test_both_admit_a_manifest_or_both_refuse_it(
    served: ControlPlane, namespace: str, group: str
) -> None:
    _, crd = managed()[group]
    twin = Twin(served, crd, namespace, "one")
    verdicts: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        phases=[Phase.generate],  # a failure prints its request, and shrinking takes minutes
    )
    @given(manifests(crd))
    def check(manifest: JsonObject) -> None:
        request = Request("apply", twin.body(**manifest), dry_run=True, strict=True)
        answer = twin.send(request)
        verdicts[answer.reason.name if answer.reason else "admitted"] += 1

    check()
    print(dict(verdicts))
    assert {"admitted", "INVALID", "UNDECLARED"} <= set(verdicts)
