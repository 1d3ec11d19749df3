"""A plan made from a snapshot is the plan that the cluster gives, whatever others did to the object meanwhile."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.adapters.directory.snapshot import SnapshotCluster, files_of, read_snapshot
from reconciler.errors import Refused
from reconciler.kinds import KINDS
from reconciler.model.change import Change
from reconciler.model.difference import FieldDifference
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import Policy
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.model.record import Record, RecordedObject
from reconciler.model.run import ClusterIdentity
from reconciler.model.snapshot import AS_GIT
from reconciler.ports import Cluster
from reconciler.semantics.ownership.queries import applied_at, applied_by
from reconciler.stages.observe import ObserveInput, body_to_send, observe
from reconciler.stages.plan import PlanInput, plan_object
from reconciler.stages.snapshot import SnapshotInput, crds_of, restored, take
from reconciler.text.foreign import MARK
from tests.contract.world import PROVIDER, US, World
from tests.repository import write
from tests.semantics.histories import NAMES
from tests.stages.builders import SET_ID
from tests.stages.live import GO, environment

EXAMPLES = 60
KIND = KINDS[PROVIDER.group_kind]
SECRET = "sk-" + "ant-api03-9f2c81d07be34a6fb5d8c1e2a7f30946bb"


def few(values: st.SearchStrategy[Any], **keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Some of these keys, or none; `values` are those that each has."""
    return st.builds(
        lambda always, some: always | some, values, st.fixed_dictionaries({}, optional=keys)
    )


def desired(hidden: tuple[str, ...]) -> st.SearchStrategy[tuple[JsonObject, JsonObject]]:
    """A spec, with labels and annotations; what no snapshot shows has these values."""
    values = st.sampled_from(hidden)
    spec = few(
        st.fixed_dictionaries({"type": st.just("claude"), "model": st.sampled_from(("a", "b"))}),
        headers=st.dictionaries(st.sampled_from(("X-Gate", "Authorization")), values, max_size=2),
        baseURL=st.sampled_from(("https://a.example.com", "https://b.example.com")),
        capabilities=st.lists(st.sampled_from(("text", "tools", "vision")), max_size=2),
        defaults=st.fixed_dictionaries({}, optional={"maxTokens": st.integers(1, 3)}),
    )
    marks = st.fixed_dictionaries(
        {},
        optional={
            "labels": st.dictionaries(st.sampled_from(("a", "b")), st.sampled_from(("1", "2"))),
            "annotations": st.dictionaries(st.sampled_from(("a/b", "c")), values),
        },
    )
    return st.tuples(spec, marks)


OURS = desired(("ours-1", "ours-2", SECRET))
THEIRS = desired(("theirs-1", "theirs-2", f"{SECRET}x"))
EDITS = st.lists(
    st.tuples(st.sampled_from(("patch", "apply", "status", "delete", "create")), THEIRS), max_size=3
)


def manifest(world: World, name: str, what: tuple[JsonObject, JsonObject]) -> Manifest:
    spec, marks = what
    document = world.document(PROVIDER, name, spec, **marks)
    ref = ObjectRef(PROVIDER.group, PROVIDER.kind, world.namespace, name)
    return Manifest(ref, PROVIDER.api_version, document, {(): Origin(Location("a.yaml.j2", 1))})


def edit(world: World, name: str, how: str, what: tuple[JsonObject, JsonObject]) -> None:
    """What somebody else does; the cluster may refuse it."""
    spec, marks = what
    body = world.document(PROVIDER, name, spec, **marks)
    live = world.live(name)
    try:
        match how, live:
            case "patch", dict():
                patch = {"spec": spec, "metadata": marks}
                world.others.patch(PROVIDER, name, patch, "kubectl-edit")
            case "apply", _:
                world.cluster.apply(PROVIDER, body, manager="helm", force=True)
            case "status", dict():
                world.others.status(PROVIDER, name, {"phase": "Ready"}, "omnia")
            case "delete", dict():
                world.cluster.delete(PROVIDER, world.namespace, name, uid=live["metadata"]["uid"])
            case "create", None:
                world.others.create(PROVIDER, body.body(), "kubectl-create")
    except Refused:
        return


def recorded(ref: ObjectRef, live: JsonObject | None) -> Record | None:
    if live is None:
        return None
    owned = Document.of(applied_by(live, US) or {})
    entry = RecordedObject(
        live["metadata"]["uid"],
        "a" * 40,
        "",
        owned,
        "2026-07-30T00:00:00Z",
        written=applied_at(live, US),
    )
    return Record("prod", objects={ref: entry})


def planned(cluster: Cluster, git: Manifest, record: Record | None) -> Change:
    crd = cluster.crd(PROVIDER)
    assert crd is not None
    crds = {PROVIDER.group_kind: crd}
    observed = observe(ObserveInput((git,), KINDS, SET_ID, US, crds=crds), cluster, GO)
    inputs = PlanInput(KINDS, Policy(), US, SET_ID, record, crds=crds)
    return plan_object(inputs, observed.objects[0])


def from_snapshot(
    world: World, git: Manifest, folder: Path, commit: str = "c0ffee"
) -> SnapshotCluster:
    """What is in git is compared, the folder is written and read, and what git has comes back."""
    crd = world.cluster.crd(PROVIDER)
    assert crd is not None
    inputs = SnapshotInput(
        "1", environment(namespaces=(world.namespace,)), commit, ClusterIdentity("prod-eu", "uid"),
        KINDS, {PROVIDER.group_kind: crd}, (git,), "2026-07-30T00:00:00Z",
    )  # fmt: skip
    write(folder, dict(files_of(take(inputs, world.cluster))))
    snapshot = restored(read_snapshot(folder), (git,))
    return SnapshotCluster(snapshot, crds_of(snapshot))


def compared(change: Change, other: Change) -> tuple[Any, ...]:
    """A plan, but for values that a snapshot does not have, and what only a server can warn of."""
    hidden = {d.path for c in (change, other) for d in c.differences if d.live.text == f'"{MARK}"'}

    def difference(each: FieldDifference) -> Any:
        live = None if each.path in hidden else each.live
        return each.path, live, each.predicted, each.why, each.by

    foreign = tuple((f.path, f.by, f.decides, f.policy, f.root) for f in change.foreign)
    bare = dataclasses.replace(change, differences=(), foreign=(), warnings=(), body=None)
    return bare, tuple(map(difference, change.differences)), foreign


def test_a_snapshot_gives_the_plan_of_the_cluster(world: World, tmp_path: Path) -> None:
    states: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,  # so that each state is among them in every run
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(OURS, EDITS, OURS, st.booleans(), st.sampled_from((True, True, False)))
    def check(first: Any, edits: Any, second: Any, same_again: bool, remembered: bool) -> None:
        name = next(NAMES)
        before = manifest(world, name, first)
        world.cluster.apply(PROVIDER, body_to_send(before, SET_ID), manager=US)
        record = recorded(before.ref, world.live(name)) if remembered else None
        for how, what in edits:
            edit(world, name, how, what)
        git = before if same_again else manifest(world, name, second)
        expected = planned(world.cluster, git, record)
        actual = planned(from_snapshot(world, before, tmp_path / name), git, record)
        assert compared(actual, expected) == compared(expected, actual)
        texts = [file.read_text() for file in (tmp_path / name).rglob("*.json")]
        assert not any(part in text for text in texts for part in (SECRET, "theirs-", "ours-"))
        states[expected.state] += 1
        live = world.live(name)
        if live:
            world.cluster.delete(PROVIDER, world.namespace, name, uid=live["metadata"]["uid"])

    check()
    assert {"unchanged", "changed", "drifted", "conflict", "missing"} <= states.keys(), states


def test_a_value_that_git_did_not_have_differs_from_any(world: World, tmp_path: Path) -> None:
    """The one case in which the plan differs: a hidden value that others set, and git sets to the same later."""
    name = next(NAMES)
    spec: JsonObject = {"type": "claude", "model": "a", "headers": {"X-Gate": "ours"}}
    before = manifest(world, name, (spec, {}))
    world.cluster.apply(PROVIDER, body_to_send(before, SET_ID), manager=US)
    edit(world, name, "patch", ({"headers": {"X-Gate": "theirs"}}, {}))
    git = manifest(world, name, (spec | {"headers": {"X-Gate": "theirs"}}, {}))
    change = planned(from_snapshot(world, before, tmp_path), git, None)
    assert [each.shown_path for each in change.differences] == ["spec.headers.X-Gate"]
    assert not planned(world.cluster, git, None).differences


def test_without_a_commit_no_value_is_compared(world: World, tmp_path: Path) -> None:
    name = next(NAMES)
    spec: JsonObject = {"type": "claude", "model": "a", "headers": {"X-Gate": "ours"}}
    git = manifest(world, name, (spec, {}))
    world.cluster.apply(PROVIDER, body_to_send(git, SET_ID), manager=US)
    from_snapshot(world, git, tmp_path, commit="")
    assert all(AS_GIT not in file.read_text() for file in tmp_path.rglob("*.json"))
