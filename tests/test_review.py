"""An apply that is held to a plan does exactly that, or writes nothing and names what moved."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.errors import ExitCode
from reconciler.model.applyset import TOOL
from reconciler.model.change import Result
from reconciler.model.document import Document, JsonObject
from reconciler.model.run import EnvironmentRun
from reconciler.model.sealed import SealedPlan
from reconciler.model.verbs import APPLY, DIFF, DRIFT
from reconciler.reports._plan import plan_from_json, plan_json
from tests.folder_world import CONFIG, FolderWorld
from tests.stages.live import HOME, PROVIDER
from tests.test_pipeline import CLAUDE, MOCK

FOLLOWING = APPLY.following_plan()


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    """Committed and applied; then git moves."""
    root = tmp_path / "config"
    root.mkdir()
    world = FolderWorld(root).write(claude=CLAUDE, mock=MOCK)
    commit(world)
    assert world.run_environment(APPLY).exit_code in (ExitCode.OK, ExitCode.PARTIAL)
    world.write(claude=CLAUDE.replace("model: one", "model: two"))
    commit(world)
    return world


def commit(world: FolderWorld) -> None:
    for words in (
        ("init", "-q"), ("add", "-A"),
        ("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "a", "--allow-empty"),
    ):  # fmt: skip
        subprocess.run(["git", *words], cwd=world.root, check=True, capture_output=True)


def reviewed(world: FolderWorld, **options: object) -> SealedPlan:
    """As a plan file carries it."""
    plan = world.run_environment(DIFF, **options).sealed
    assert plan is not None
    return plan_from_json(plan_json(plan))


def without_key(plan: SealedPlan) -> SealedPlan:
    """The same plan as the review role writes it, which may not read the fingerprint key."""
    objects = (replace(each, content="", stored="", live="") for each in plan.objects)
    return replace(plan, key_id="", objects=tuple(objects))


def model(world: FolderWorld, name: str = "claude") -> str:
    live = world.cluster().get(PROVIDER, "omnia", name)
    assert live is not None
    return str(live.body()["spec"]["model"])


def nothing_written(world: FolderWorld, run: EnvironmentRun) -> None:
    assert run.exit_code is ExitCode.SAFETY
    assert run.outcomes == ()
    assert world.connected["prod"].writes == []


@pytest.mark.parametrize("keyed", [True, False])
def test_it_does_what_was_reviewed(world: FolderWorld, *, keyed: bool) -> None:
    plan = reviewed(world) if keyed else without_key(reviewed(world))
    run = world.run_environment(FOLLOWING, reviewed=plan)
    results = {outcome.ref.name: outcome.result for outcome in run.outcomes}
    assert results == {"claude": Result.CONFIGURED, "mock": Result.UNCHANGED}
    assert (run.reviewed, run.moved, model(world)) == (plan.id, (), "two")


def test_a_first_apply_makes_the_key_after_the_plan_was_compared(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    world = FolderWorld(tmp_path / "config").write(mock=MOCK)
    commit(world)
    plan = reviewed(world)
    assert plan.key_id == ""
    run = world.run_environment(FOLLOWING, reviewed=plan)
    assert [outcome.result for outcome in run.outcomes] == [Result.CREATED]
    kinds = [call.kind for call in world.connected["prod"].writes]
    assert "Provider" in kinds


def test_a_first_apply_that_is_stopped_makes_no_key(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    world = FolderWorld(tmp_path / "config").write(mock=MOCK)
    commit(world)
    plan = reviewed(world)
    commit(world)
    nothing_written(world, world.run_environment(FOLLOWING, reviewed=plan))


def write_status(world: FolderWorld) -> None:
    live = world.cluster().get(PROVIDER, "omnia", "claude")
    assert live is not None
    body = live.body() | {"status": {"phase": "Ready"}}
    world.cluster().update_status(PROVIDER, Document.of(body), manager="omnia")


def write_finalizer(world: FolderWorld) -> None:
    patch(world, {"metadata": {"finalizers": ["omnia.altairalabs.ai/clean"]}})


def watch(world: FolderWorld) -> None:
    world.run_environment(DRIFT.recording())


@pytest.mark.parametrize("between", [write_status, write_finalizer, watch])
@pytest.mark.parametrize("keyed", [True, False])
def test_what_an_operator_or_a_watch_writes_is_no_move(
    world: FolderWorld, between: Callable[[FolderWorld], None], *, keyed: bool
) -> None:
    plan = reviewed(world) if keyed else without_key(reviewed(world))
    between(world)
    run = world.run_environment(FOLLOWING, reviewed=plan)
    assert (run.moved, model(world)) == ((), "two")


def patch(world: FolderWorld, patch: JsonObject, name: str = "claude") -> None:
    world.cluster().merge_patch(PROVIDER, "omnia", name, patch, manager="kubectl-edit")


def edit(world: FolderWorld) -> None:
    patch(world, {"spec": {"model": "three"}})


def add_field(world: FolderWorld) -> None:
    patch(world, {"spec": {"baseURL": "https://elsewhere.example.com"}})


def label(world: FolderWorld) -> None:
    patch(world, {"metadata": {"labels": {"argocd.argoproj.io/instance": "x"}}})


def edit_what_the_plan_leaves(world: FolderWorld) -> None:
    patch(world, {"spec": {"model": "three"}}, "mock")


def delete(world: FolderWorld) -> None:
    live = world.cluster().get(PROVIDER, "omnia", "claude")
    assert live is not None
    world.cluster().delete(PROVIDER, "omnia", "claude", uid=live.body()["metadata"]["uid"])


def recreate(world: FolderWorld) -> None:
    live = world.cluster().get(PROVIDER, "omnia", "claude")
    assert live is not None
    delete(world)
    body = live.body()
    body["metadata"] = {key: body["metadata"][key] for key in ("name", "namespace", "labels")}
    world.cluster().create(PROVIDER, Document.of(body), manager="kubectl-create")


@pytest.mark.parametrize(
    ("between", "name", "how"),
    [
        (edit, "claude", "its spec was changed"),
        (add_field, "claude", "its spec was changed"),
        (label, "claude", "its fields, its labels or its annotations were written"),
        (edit_what_the_plan_leaves, "mock", "its spec was changed; apply would now update it"),
        (delete, "claude", "it was deleted; apply would now create it"),
        (recreate, "claude", "it was deleted and created again"),
    ],
)
@pytest.mark.parametrize("keyed", [True, False])
def test_what_somebody_writes_is_one_and_nothing_else_is_written(
    world: FolderWorld, between: Callable[[FolderWorld], None], name: str, how: str, *, keyed: bool
) -> None:
    plan = reviewed(world) if keyed else without_key(reviewed(world))
    between(world)
    before = world.stored()
    run = world.run_environment(FOLLOWING, reviewed=plan)
    (moved,) = run.moved
    assert moved.ref is not None
    assert (moved.ref.name, moved.how[: len(how)]) == (name, how)
    nothing_written(world, run)
    assert world.stored() == before


@pytest.mark.parametrize("keyed", [True, False])
def test_a_plan_that_is_already_applied_is_no_error(world: FolderWorld, *, keyed: bool) -> None:
    plan = reviewed(world) if keyed else without_key(reviewed(world))
    first = world.run_environment(FOLLOWING, reviewed=plan)
    run = world.run_environment(FOLLOWING, reviewed=plan)
    assert (run.exit_code, run.moved, run.error) == (first.exit_code, (), None)
    assert {outcome.result for outcome in run.outcomes} == {Result.UNCHANGED}


def test_a_plan_that_was_applied_in_part_is_completed(world: FolderWorld) -> None:
    world.write(mock=MOCK.replace("model: one", "model: two"))
    commit(world)
    plan = reviewed(world)
    world.run_environment(APPLY, only=frozenset({"provider/omnia/mock"}))
    run = world.run_environment(FOLLOWING, reviewed=plan)
    results = {outcome.ref.name: outcome.result for outcome in run.outcomes}
    assert results == {"claude": Result.CONFIGURED, "mock": Result.UNCHANGED}
    assert (run.moved, model(world)) == ((), "two")


def test_what_moves_after_a_plan_was_applied_is_a_move(world: FolderWorld) -> None:
    plan = reviewed(world)
    world.run_environment(FOLLOWING, reviewed=plan)
    edit(world)
    run = world.run_environment(FOLLOWING, reviewed=plan)
    (moved,) = run.moved
    assert moved.how.startswith("its spec was changed; it is drifted, and in the plan changed")
    nothing_written(world, run)


def test_an_object_that_somebody_created_meanwhile(world: FolderWorld) -> None:
    world.write(new=MOCK.replace("name: mock", "name: new"))
    commit(world)
    plan = reviewed(world)
    body = {"apiVersion": PROVIDER.api_version, "kind": "Provider", "spec": {"type": "mock"}}
    body["metadata"] = {"name": "new", "namespace": "omnia"}  # type: ignore[assignment]
    world.cluster().create(PROVIDER, Document.of(body), manager="kubectl-create")
    run = world.run_environment(FOLLOWING, reviewed=plan)
    (moved,) = run.moved
    assert moved.how.startswith("it was created meanwhile")
    assert str(moved.by) == "kubectl-create (Update)"
    nothing_written(world, run)


def move_git(world: FolderWorld) -> None:
    commit(world)


def change_policy(world: FolderWorld) -> None:
    world.write(config=CONFIG + "policy: {onDrift: refuse}\n")


def uncommitted(world: FolderWorld) -> None:
    world.write(mock=MOCK.replace("model: one", "model: nine"))


@pytest.mark.parametrize(
    ("between", "sentences"),
    [
        (move_git, ["the plan is of commit"]),
        (change_policy, ["the plan is of commit", "the policy or the namespaces"]),
        (uncommitted, ["the plan is of commit", ""]),
    ],
)
def test_other_sources_are_a_move(
    world: FolderWorld, between: Callable[[FolderWorld], None], sentences: list[str]
) -> None:
    plan = reviewed(world)
    between(world)
    run = world.run_environment(FOLLOWING, reviewed=plan)
    assert len(run.moved) == len(sentences)
    for moved, sentence in zip(run.moved, sentences, strict=True):
        assert sentence in moved.how
    nothing_written(world, run)


def test_the_plan_of_another_cluster(world: FolderWorld) -> None:
    world.uid = "22222222-2222-2222-2222-222222222222"
    plan = reviewed(world)
    world.uid = None
    run = world.run_environment(FOLLOWING, reviewed=plan)
    assert [moved.how[:31] for moved in run.moved] == ["the plan is for another cluster"]
    nothing_written(world, run)


def test_it_is_compared_under_the_lock_which_is_released(world: FolderWorld) -> None:
    plan = reviewed(world)
    edit(world)
    world.run_environment(FOLLOWING, reviewed=plan)
    calls = [call for call in world.connected["prod"].calls if call.verb != "uid"]
    locked = next(n for n, call in enumerate(calls) if call.kind == "Lease")
    listed = next(
        n for n, call in enumerate(calls) if (call.verb, call.kind) == ("list", "Provider")
    )
    assert locked < listed
    assert calls[-1].kind == "Lease"


def test_a_dry_run_tells_whether_the_plan_still_holds(world: FolderWorld) -> None:
    plan = reviewed(world)
    dry = FOLLOWING.as_dry_run()
    assert world.run_environment(dry, reviewed=plan).reviewed == plan.id
    edit(world)
    run = world.run_environment(dry, reviewed=plan)
    assert run.moved[0].how.startswith("its spec was changed")
    nothing_written(world, run)


def test_only_what_the_plan_selected_is_compared_and_applied(world: FolderWorld) -> None:
    world.write(mock=MOCK.replace("model: one", "model: two"))
    commit(world)
    plan = reviewed(world, only=frozenset({"provider/omnia/claude"}))
    edit_what_the_plan_leaves(world)
    run = world.run_environment(FOLLOWING, reviewed=plan, only=frozenset(plan.only))
    assert (model(world), model(world, "mock")) == ("two", "three")
    assert run.moved == ()


def test_a_plan_of_files_without_git_is_held_by_its_digests(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    world = FolderWorld(tmp_path / "config").write(mock=MOCK)
    assert world.run_environment(APPLY).exit_code is ExitCode.OK
    world.write(mock=MOCK.replace("model: one", "model: two"))
    plan = reviewed(world)
    assert (plan.commit, bool(plan.key_id)) == ("", True)
    world.write(mock=MOCK.replace("model: one", "model: six"))
    run = world.run_environment(FOLLOWING, reviewed=plan)
    assert [moved.how for moved in run.moved] == ["its manifest has changed"]
    nothing_written(world, run)
    world.write(mock=MOCK.replace("model: one", "model: two"))
    assert world.run_environment(FOLLOWING, reviewed=plan).moved == ()
    assert model(world, "mock") == "two"


def test_a_forged_plan_applies_nothing_but_what_git_describes(world: FolderWorld) -> None:
    """Nobody vouches for a plan file: at most it lets through what an apply would do anyhow."""
    plan = reviewed(world)
    (claude, *others) = plan.objects
    forged = replace(plan, objects=(replace(claude, fields=("~ spec.type",)), *others))
    run = world.run_environment(FOLLOWING, reviewed=plan_from_json(plan_json(forged)))
    assert run.moved[0].how.startswith("apply would now change other fields: ~ spec.model")
    nothing_written(world, run)


def test_a_record_that_is_lost_moves_nothing_that_is_ours_by_its_owners(world: FolderWorld) -> None:
    plan = reviewed(world)
    name = f"{TOOL}-prod"
    record = world.root.parent / "live" / "prod" / HOME / "configmaps" / f"{name}.yaml"
    record.unlink()
    run = world.run_environment(FOLLOWING, reviewed=plan)
    assert (run.moved, model(world)) == ((), "two")
