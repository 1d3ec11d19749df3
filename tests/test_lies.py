"""A server that lies in what it answers: whatever passes the door of the adapter ends no run as a bug.

The door is `lists.checked` and `stored_error`; behind it, spec, status and the content of FieldsV1 may be anything.
"""

from __future__ import annotations

import builtins
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.kubernetes.lists import checked
from reconciler.consumers import CONSUMERS
from reconciler.errors import ExitCode
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import Environment
from reconciler.model.identity import Endpoint, GroupKind
from reconciler.model.verbs import APPLY, DIFF, DRIFT, IMPACT, STAMP, Verb
from reconciler.ports import Applied, Cluster
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.consumers.bodies import OMNIA, runtime
from tests.fakes import FaultyCluster
from tests.folder_world import CONFIG, FolderWorld
from tests.stages.live import PROVIDER
from tests.test_impact_steps import pod
from tests.test_pipeline import CLAUDE, MOCK

POLICY = "policy: {prune: {maxPercent: 100}, extraFields: remove, adoptFrom: [kubectl-edit]}\n"
VERBS = (DIFF, DRIFT, APPLY, STAMP, IMPACT, APPLY.as_dry_run(), DRIFT.recording(), APPLY.waiting())
SEEDS = 30  # of each verb


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"f:a": [value]} if levels % 2 else {"f:a": value}
    return value


VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1 << 63, 10**400, 1.5, 1e308, "", "x", "\0\x1b[31m\u2028\u202e", "abc" * 2000, [], [[]], {},
    [None], [1], ["x"], [{}], [{"a": 1}], [{"uid": []}], {"a": 1}, {"": ""}, {"f:a": []}, {'k:{"a":1}': {}, "q:": {}},
    deep(90), deep(300), deep(901),
)  # fmt: skip
_METADATA = ("generation", "uid", "deletionTimestamp", "ownerReferences", "finalizers", "labels")
PLACES: tuple[tuple[str, ...], ...] = (
    *(("metadata", key) for key in (*_METADATA, "annotations", "managedFields")),
    ("spec",), ("status",), ("status", "conditions"), ("status", "phase"), ("binaryData",),
    ("spec", "holderIdentity"), ("spec", "leaseDurationSeconds"), ("spec", "renewTime"),
)  # fmt: skip


class LyingCluster(FaultyCluster):
    """Changes a field in some of its answers."""

    def __init__(self, inner: Cluster, chance: random.Random, **parts: Any) -> None:
        super().__init__(inner, **parts)
        self._chance = chance

    def _lie(self, document: Document, endpoint: Endpoint) -> Document:
        body = document.body()
        if self._chance.random() < 0.5:
            _change(body, self._chance)
        return checked(body, endpoint, document.body()["metadata"].get("namespace", ""))[1]

    def list(self, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
        return tuple(self._lie(each, endpoint) for each in super().list(endpoint, namespace))

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> Document | None:
        document = super().get(endpoint, namespace, name)
        return self._lie(document, endpoint) if document else None

    def apply(self, endpoint: Endpoint, body: Document, **how: Any) -> Applied:
        applied = super().apply(endpoint, body, **how)
        return replace(applied, document=self._lie(applied.document, endpoint))

    def merge_patch(
        self, endpoint: Endpoint, namespace: str, name: str, patch: JsonObject, *, manager: str
    ) -> Document:
        patched = super().merge_patch(endpoint, namespace, name, patch, manager=manager)
        return self._lie(patched, endpoint)

    def create(self, endpoint: Endpoint, body: Document) -> Document:
        return self._lie(super().create(endpoint, body), endpoint)

    def replace(self, endpoint: Endpoint, body: Document) -> Document:
        return self._lie(super().replace(endpoint, body), endpoint)


def _change(body: JsonObject, chance: random.Random) -> None:
    """Another value at a place that the object has, or that this program reads."""
    *parents, last = chance.choice((*_paths(body), *PLACES * 3))
    node: Any = body
    for key in parents:
        if isinstance(node, dict) and not isinstance(node.get(key), dict | list):
            node[key] = {}
        node = node[key]
    node[last] = chance.choice(VALUES)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Of all fields, but those that name the object."""
    pairs: Any = value.items() if isinstance(value, dict) else ()
    pairs = enumerate(value) if isinstance(value, builtins.list) else pairs
    for key, child in pairs:
        if (*path, key) not in ((), ("apiVersion",), ("kind",), ("metadata",)):
            yield (*path, key)
        yield from _paths(child, (*path, key))


class LyingWorld(FolderWorld):
    """A world whose cluster lies."""

    chance = random.Random(0)

    def connect(self, environment: Environment) -> Cluster:
        return LyingCluster(super().connect(environment), self.chance, pods=self.pods)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Applied once; then somebody edits an object and rotates a key, and git loses an object."""
    root = tmp_path_factory.mktemp("honest") / "config"
    root.mkdir()
    world = FolderWorld(root, consumers=CONSUMERS)
    others = {f"mock{n}": MOCK.replace("name: mock", f"name: mock{n}") for n in range(2)}
    world.write(config=CONFIG + POLICY, claude=CLAUDE, mock=MOCK, **others)
    world.secret("first")
    assert world.run_environment(APPLY).exit_code is ExitCode.OK
    agents = CONSUMERS[GroupKind(OMNIA, "AgentRuntime")].endpoint
    world.cluster().create(agents, Document.of(runtime()))
    edit = {"spec": {"model": "two", "defaults": {"maxTokens": 5}}}
    world.cluster().merge_patch(PROVIDER, "omnia", "claude", edit, manager="kubectl-edit")
    (root / "environments/prod/mock1.yaml.j2").unlink()
    world.secret("second")
    return root.parent


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name + "-dry" * verb.dry_run)
def test_no_lie_is_a_bug(tmp_path: Path, honest: Path, verb: Verb) -> None:
    for seed in range(SEEDS):
        folder = tmp_path / str(seed)
        shutil.copytree(honest, folder)
        after = pod("2100-01-01T00:00:00Z")
        world = LyingWorld(folder / "config", consumers=CONSUMERS, pods=(after,))
        world.chance = random.Random(seed)
        run = world.run(verb, full=seed % 3 == 0)
        (environment,) = run.environments
        assert environment.exit_code is not ExitCode.BUG, (seed, environment.error)
        for each in FORMATS.values():
            each.render(run, Style()).encode()
