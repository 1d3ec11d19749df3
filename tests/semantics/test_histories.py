"""Generated histories of one object: the engine and a real API server stay of one mind.

`HISTORIES=500 pytest tests/semantics/test_histories.py` looks harder.
"""

from __future__ import annotations

import copy
import itertools
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from reconciler.model.document import JsonObject
from reconciler.semantics.crd import Crd
from reconciler.semantics.schema import Schema
from reconciler.semantics.server import patched
from tests.controlplane.crds import load
from tests.controlplane.plane import ControlPlane
from tests.semantics import bodies
from tests.semantics.twin import Request, Twin

HERE = Path(__file__).parent
CRDS = HERE.parents[1] / "reconciler" / "crds"
HISTORIES = int(os.environ.get("HISTORIES", "12"))
STEPS = 8
# Objects without a namespace share their names with every worker of the run.
_NAMES = (f"h{secrets.token_hex(4)}-{number}" for number in itertools.count())


@dataclass(frozen=True)
class Step:
    """A request that may depend on the live object: `of` makes it once that is known."""

    name: str
    of: Callable[[Twin], Request]

    def __repr__(self) -> str:
        return self.name


def _apply(spec: Any, metadata: JsonObject, manager: str, force: bool) -> Step:
    def of(twin: Twin) -> Request:
        return Request("apply", twin.body(spec, metadata=metadata), manager, force=force)

    return Step(f"apply({spec!r}, {metadata!r}, {manager}, {force=})", of)


def _patch(patch: JsonObject, manager: str, verb: str) -> Step:
    return Step(f"{verb}({patch!r}, {manager})", lambda _: Request(verb, patch, manager))


def _replace(patch: JsonObject, manager: str, verb: str, keeps: bool) -> Step:
    """A PUT of the live object with a change, as a controller or an editor sends it."""

    def of(twin: Twin) -> Request:
        body = copy.deepcopy(twin.live) if twin.live else twin.body({})
        if not keeps:
            body["metadata"].pop("managedFields", None)
        return Request(verb, patched(body, patch), manager)

    return Step(f"{verb}({patch!r}, {manager}, {keeps=})", of)


def _delete() -> Step:
    return Step("delete()", lambda _: Request("delete", {}))


def _create(spec: Any, manager: str) -> Step:
    return Step(
        f"create({spec!r}, {manager})", lambda twin: Request("create", twin.body(spec), manager)
    )


def histories(schema: Schema, base: JsonObject) -> SearchStrategy[list[Step]]:
    """A valid object, and then anything; most bodies build on the valid one, so that most are taken."""
    managers = st.sampled_from(("alice", "bob"))
    first = st.builds(_apply, st.just(base), st.just({}), managers, st.just(False)) | st.builds(
        _create, st.just(base), st.sampled_from(("edit", "ctl"))
    )
    rest = st.lists(steps(schema, base), min_size=3, max_size=STEPS)
    return st.builds(lambda step, others: [step, *others], first, rest)


def steps(schema: Schema, base: JsonObject) -> SearchStrategy[Step]:
    good = bodies.specs(schema.properties["spec"], wrong=False)
    part = bodies.parts(schema.properties["spec"])
    spec = st.one_of(
        part.map(lambda value: base | value),
        part.map(lambda value: base | value),
        part,
        bodies.specs(schema.properties["spec"]),
    )
    changes = bodies.with_nulls(part | good).map(lambda value: {"spec": value})
    status = bodies.specs(schema.properties["status"], wrong=False) | bodies.specs(
        schema.properties["status"]
    )
    statuses = bodies.with_nulls(status).map(lambda value: {"status": value})
    metadata = bodies.metadata()
    labels = bodies.with_nulls(metadata).map(lambda value: {"metadata": value})
    managers = st.sampled_from(("alice", "bob"))
    updaters = st.sampled_from(("edit", "ctl", "alice"))
    applies = st.builds(_apply, spec, metadata, managers, st.booleans())
    return st.one_of(
        applies,
        applies,
        applies,
        st.builds(_patch, changes | labels, updaters, st.just("patch")),
        st.builds(_replace, changes | labels, updaters, st.just("update"), st.booleans()),
        st.builds(_patch, statuses, updaters, st.just("patch-status")),
        st.builds(_replace, statuses, updaters, st.just("update-status"), st.booleans()),
        st.integers(0, 7).flatmap(lambda n: st.just(_delete()) if n == 0 else applies),
    )


def crd_of(path: Path) -> Crd:
    return Crd.of(load(path))


def newest(pattern: str) -> Path:
    return max(CRDS.glob(pattern))


# A CRD, and the smallest object that it takes.
SOURCES: dict[str, tuple[Path, JsonObject]] = {
    "sink": (HERE / "testdata" / "sink.yaml", {"mode": "plain"}),
    "provider": (newest("omnia/providers.*.yaml"), {"type": "mock"}),
    "modelprovider": (newest("flokoa/modelproviders.*.yaml"), {}),
    "model": (newest("flokoa/models.*.yaml"), {"model": "m", "providerRef": {"name": "p"}}),
    "agentruntime": (
        newest("omnia/agentruntimes.*.yaml"),
        {"promptPackRef": {"name": "p"}, "facades": [{"type": "websocket"}], "providers": []},
    ),
    "workspace": (
        newest("omnia/workspaces.*.yaml"),
        {"displayName": "w", "namespace": {"name": "n"}},
    ),
    "agent": (
        newest("flokoa/agents.*.yaml"),
        {"card": {"name": "a", "description": "d", "version": "1", "skills": []}},
    ),
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_history_means_the_same_to_both(
    control_plane: ControlPlane, namespace: str, source: str
) -> None:
    path, base = SOURCES[source]
    control_plane.install_crds([path])
    crd = crd_of(path)

    @settings(
        max_examples=HISTORIES,
        deadline=None,
        derandomize=os.environ.get("CI") == "true",
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(histories(crd.storage_version.schema, base))
    def check(history: list[Step]) -> None:
        twin = Twin(control_plane, crd, namespace, next(_NAMES))
        for step in history:
            twin.send(step.of(twin))

    check()
