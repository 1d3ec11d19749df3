"""Generated manifests: the engine and a real API server admit the same ones, in every era of every managed kind.

`EXAMPLES=2000 pytest tests/semantics/test_admission_against_server.py` looks harder.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from reconciler.model.document import JsonObject
from reconciler.semantics.schema.crd import Crd
from tests.controlplane.plane import ControlPlane
from tests.kinds.examples import examples
from tests.semantics import bodies
from tests.semantics.sources import managed
from tests.semantics.twin import Request, Twin

# For each era; at least 2,000 over all of them.
EXAMPLES = int(os.environ.get("EXAMPLES", "130"))


def manifests(crd: Crd) -> SearchStrategy[JsonObject]:
    """What a manifest says beside its name: from the schema, from the valid examples, and either with mistakes."""
    spec = crd.storage_version.schema.properties["spec"]
    known = st.sampled_from(
        [one.manifest.document.body()["spec"] for one in examples("valid") if _is_of(one.crd, crd)]
    )
    extended = st.builds(lambda seed, part: seed | part, known, bodies.parts(spec))
    good = known | extended | bodies.specs(spec, wrong=False)
    whole = st.builds(
        lambda value, metadata: {"spec": value, "metadata": metadata}, good, _METADATA
    )
    wrong = bodies.mutated(whole).map(_with_metadata)
    return st.one_of(
        whole,
        wrong,
        wrong,
        bodies.specs(spec).map(lambda value: {"spec": value}),
    )


_METADATA = bodies.metadata()


def _with_metadata(manifest: JsonObject) -> JsonObject:
    """The name has to have a place."""
    held = manifest.get("metadata")
    return manifest | {"metadata": held if isinstance(held, dict) else {}}


def _is_of(one: Crd, other: Crd) -> bool:
    return one.kind == other.kind


@pytest.fixture(scope="module")
def served(control_plane: ControlPlane) -> ControlPlane:
    control_plane.serve_eras({group: path for group, (path, _) in managed().items()})
    return control_plane


def test_the_budget_is_what_was_promised() -> None:
    if "EXAMPLES" not in os.environ:
        assert len(managed()) * EXAMPLES >= 2000


@pytest.mark.parametrize("group", managed())
def test_a_manifest_is_admitted_by_both_or_by_none(
    served: ControlPlane, namespace: str, group: str
) -> None:
    _, crd = managed()[group]
    twin = Twin(served, crd, namespace, "one")
    seen: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        phases=[Phase.generate],  # a failure tells its request; shrinking takes minutes
    )
    @given(manifests(crd))
    def check(manifest: JsonObject) -> None:
        request = Request("apply", twin.body(**manifest), dry_run=True, strict=True)
        answer = twin.send(request)
        seen[answer.reason.name if answer.reason else "admitted"] += 1

    check()
    print(dict(seen))
    assert {"admitted", "INVALID", "UNDECLARED"} <= set(seen)
