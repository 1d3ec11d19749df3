"""Wherever the no-op proof holds, a real API server changes nothing.

Generated histories of an object, and after each request the desired states that its owner may have then. For those with
a proof the server is asked: a dry run and an apply must both leave the object as it is, with its resourceVersion.
`STORIES=500 pytest tests/semantics/test_noop_against_server.py` generates more of them.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from reconciler.model.document import JsonObject
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.schema.structural import Schema
from tests.controlplane.crds import install, load, regrouped
from tests.controlplane.plane import ControlPlane
from tests.semantics import bodies
from tests.semantics.histories import NAMES, Step, apply_of, steps
from tests.semantics.noop_judge import US, Judge
from tests.semantics.sources import SINK, newest
from tests.semantics.twin import Twin

STORIES = int(os.environ.get("STORIES", "12"))
EDITS = 4
# A spec with a value of every shape, of which each desired state has a part.
FULL: JsonObject = {
    "mode": "plain",
    "text": "abc",
    "count": 4,
    "ratio": 0.5,
    "flag": True,
    "settings": {"inner": {}},
    "ref": {"name": "n", "key": "k"},
    "labels": {"a": "1"},
    "groups": {"g": {"size": 1, "tags": ["a", "b"]}},
    "words": ["a", "b"],
    "unique": ["a", "b"],
    "ports": [{"number": 1}, {"number": 2, "protocol": "UDP"}],
    "parts": [{"name": "x", "list": [1, 2]}],
    "open": {"known": {"size": 1}, "more": [1, {"a": 1.0}]},
    "anything": {"a": {}, "b": []},
    "port": "http",
}
CRDS: dict[str, tuple[Path, JsonObject]] = {
    "sink": (SINK, FULL),
    "provider": (
        newest("omnia/providers.*.yaml"),
        {
            "type": "claude",
            "model": "m",
            "capabilities": ["text", "tools"],
            "headers": {"a": "1"},
            "defaults": {"maxTokens": 1},
            "credential": {"secretRef": {"name": "s"}},
        },
    ),
    "modelprovider": (
        newest("flokoa/modelproviders.*.yaml"),
        {"anthropic": {}, "apiKeySecretRef": {"name": "s", "key": "k"}},
    ),
    "model": (
        newest("flokoa/models.*.yaml"),
        {
            "model": "m",
            "providerRef": {"name": "p"},
            "settings": {"stopSequences": ["a", "b"], "maxTokens": 1},
        },
    ),
}


@pytest.mark.parametrize("source", CRDS)
def test_the_server_confirms_every_proof(
    control_plane: ControlPlane, namespace: str, source: str
) -> None:
    path, full = CRDS[source]
    crd = in_two_versions(control_plane, path, f"{source}.noop.test")
    counts: Counter[str] = Counter()

    @settings(max_examples=STORIES, suppress_health_check=list(HealthCheck), print_blob=False)
    @given(stories(crd.storage_version.schema, full))
    def check(story: list[Step]) -> None:
        twin = Twin(control_plane, crd, namespace, next(NAMES))
        judge = Judge(twin)
        for step in story:
            refused = judge.send(step.request(twin)).reason is not None
            counts["refused" if refused else "admitted"] += 1
            counts.update({} if refused else judge.judge())

    check()
    print(source, dict(counts))
    assert counts["judged"] >= 1000, counts
    assert counts["proved"] >= 2 * STORIES, counts


def stories(schema: Schema, full: JsonObject) -> SearchStrategy[list[Step]]:
    """An apply of ours, and then what others and we do to the object."""
    rich = bodies.parts(schema.properties["spec"]).map(lambda part: full | part)
    first = st.builds(apply_of, rich | st.just(full), bodies.metadata(), st.just(US), st.just(True))
    edits = st.lists(steps(schema, full), min_size=EDITS, max_size=EDITS)
    return st.builds(lambda step, others: [step, *others], first, edits)


def in_two_versions(plane: ControlPlane, path: Path, group: str) -> Crd:
    """A CRD that serves its stored version under another name too."""
    crd = regrouped(load(path), group)
    (stored,) = (version for version in crd["spec"]["versions"] if version["storage"])
    crd["spec"]["versions"] = [stored, stored | {"name": "v0", "storage": False}]
    install(plane.request, [crd])
    return Crd.of(crd)
