"""Prune, through the pipeline: what is deleted, and everything that keeps an object from it."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.consumers import CONSUMERS
from reconciler.dependencies import PruneOptions
from reconciler.errors import ExitCode, RefusalReason, Refused, Unreachable
from reconciler.model.applyset import PART_OF
from reconciler.model.change import Action, Change, Outcome, Result, State
from reconciler.model.document import Document, JsonObject
from reconciler.model.hold import ANNOTATION as HOLD
from reconciler.model.hold import MANAGER as HOLD_MANAGER
from reconciler.model.hold import body_of
from reconciler.model.identity import CONFIG_MAP, GroupKind, ObjectRef
from reconciler.model.record import Record
from reconciler.model.record.config_map import from_config_map
from reconciler.model.run import EnvironmentRun
from reconciler.model.verbs import APPLY, DIFF, DRIFT
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.consumers.bodies import OMNIA, runtime
from tests.fakes import Fault, Signals, StoppedClock
from tests.folder_world import CONFIG, FolderWorld
from tests.stages.live import HOME, PROVIDER
from tests.test_pipeline import CLAUDE, MOCK, RECORD

PRUNE = CONFIG + "policy: {prune: true, failOn: []}\n"
RUNTIME = CONSUMERS[GroupKind(OMNIA, "AgentRuntime")].endpoint
OTHERS = 8  # further objects, so that one or two of them are below the share


def other(number: int) -> str:
    return MOCK.replace("name: mock", f"name: other-{number}")


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    """Providers `claude`, `mock` and others, applied once; prune is on."""
    root = tmp_path / "config"
    root.mkdir()
    world = FolderWorld(root, consumers=CONSUMERS)
    others = {f"other{number}": other(number) for number in range(OTHERS)}
    world.write(config=PRUNE, claude=CLAUDE, mock=MOCK, **others)
    world.secret("first")
    commit(world.root, "first")
    assert world.run_environment(APPLY).exit_code is ExitCode.OK
    return world


def git(root: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(
        command, cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(root: Path, message: str) -> str:
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)
    return git(root, "rev-parse", "HEAD")


def remove(world: FolderWorld, *names: str) -> None:
    for name in names:
        (world.root / f"environments/prod/{name}.yaml.j2").unlink()


def live(world: FolderWorld, name: str = "mock") -> JsonObject | None:
    document = world.cluster().get(PROVIDER, "omnia", name)
    return document.body() if document else None


def edit(world: FolderWorld, patch: JsonObject, name: str = "mock") -> None:
    """Somebody changes a live object."""
    world.cluster().merge_patch(PROVIDER, "omnia", name, patch, manager="kubectl-edit")


def stored_record(world: FolderWorld) -> Record:
    config_map = world.cluster().get(CONFIG_MAP, HOME, RECORD)
    assert config_map
    record = from_config_map(config_map.body(), "prod")
    assert record
    return record


def recorded(world: FolderWorld) -> set[str]:
    return {ref.name for ref in stored_record(world).objects}


def change_of(environment: EnvironmentRun, name: str = "mock") -> Change:
    return next(change for change in environment.changes if change.ref.name == name)


def outcome_of(environment: EnvironmentRun, name: str = "mock") -> Outcome:
    return next(outcome for outcome in environment.outcomes if outcome.ref.name == name)


def refused(world: FolderWorld, name: str = "mock", **options: Any) -> Change:
    """The change of an object that an apply refuses to delete; the diff says so before."""
    before = change_of(world.run_environment(DIFF, **options), name)
    environment = world.run_environment(APPLY, **options)
    change = change_of(environment, name)
    assert (change.state, change.action) == (State.REMOVED, Action.REFUSE)
    assert (before.reason, before.hint) == (change.reason, change.hint)
    assert outcome_of(environment, name).result is Result.REFUSED
    assert environment.exit_code is ExitCode.SAFETY
    assert live(world, name) is not None
    return change


class TestDeleted:
    def test_what_git_no_longer_has_is_deleted_and_forgotten(self, world: FolderWorld) -> None:
        remove(world, "mock")
        reviewed = world.run_environment(DIFF)
        assert (change_of(reviewed).state, change_of(reviewed).action) == (
            State.REMOVED,
            Action.DELETE,
        )
        assert reviewed.exit_code is ExitCode.DIFFERENCES
        assert "objects to delete" in reviewed.not_in_sync
        assert live(world) is not None
        environment = world.run_environment(APPLY)
        assert outcome_of(environment).result is Result.PRUNED
        assert environment.exit_code is ExitCode.OK
        assert live(world) is None
        assert recorded(world) == {"claude", *(f"other-{n}" for n in range(OTHERS))}
        assert world.run_environment(DIFF).exit_code is ExitCode.OK

    def test_the_request_names_uid_and_resource_version(self, world: FolderWorld) -> None:
        """An operator that writes between the look and the deletion is a reason to look again."""
        remove(world, "mock")
        world.faults["prod"] = (Fault(Refused(RefusalReason.STALE, "changed"), "delete"),)
        environment = world.run_environment(APPLY)
        assert outcome_of(environment).result is Result.REFUSED
        assert environment.exit_code is ExitCode.SAFETY
        (call,) = world.connected["prod"].of("delete")
        metadata = (live(world) or {})["metadata"]
        assert call.name == "mock"
        assert call.body is not None
        assert call.body.body() == {key: metadata[key] for key in ("uid", "resourceVersion")}
        assert "mock" in recorded(world)

    def test_an_unchanged_environment_sends_no_deletion(self, world: FolderWorld) -> None:
        world.run_environment(APPLY)
        assert world.connected["prod"].of("delete") == []

    def test_drift_only_says_that_it_waits_for_apply(self, world: FolderWorld) -> None:
        remove(world, "mock")
        report = world.run(DRIFT)
        assert "1 object in git waits for apply" in FORMATS["text"].render(report, Style())
        assert live(world) is not None

    def test_off_by_default(self, world: FolderWorld) -> None:
        world.write(config=CONFIG + "policy: {failOn: []}\n")
        remove(world, "mock")
        change = change_of(world.run_environment(APPLY))
        assert (change.state, change.action) == (State.KEPT, Action.SKIP)
        assert live(world) is not None
        assert "mock" in recorded(world)

    def test_the_command_line_turns_it_on_and_off(self, world: FolderWorld) -> None:
        remove(world, "mock")
        assert (
            change_of(world.run_environment(APPLY, prune=PruneOptions(enabled=False))).state
            is State.KEPT
        )
        world.write(config=CONFIG + "policy: {failOn: []}\n")
        world.run_environment(APPLY, prune=PruneOptions(enabled=True))
        assert live(world) is None

    def test_with_only_nothing_is_deleted(self, world: FolderWorld) -> None:
        remove(world, "mock")
        world.run_environment(APPLY, only=frozenset({"provider/omnia/claude"}))
        assert live(world) is not None
        assert "mock" in recorded(world)


class TestOneObject:
    @pytest.mark.parametrize(
        ("patch", "says"),
        [
            ({"labels": {PART_OF: None}}, "someone removed its label"),
            ({"labels": {"argocd.argoproj.io/instance": "x"}}, "argocd manages it"),
            ({"annotations": {"meta.helm.sh/release-name": "x"}}, "helm manages it"),
        ],
    )
    def test_an_object_of_another_is_refused(
        self, world: FolderWorld, patch: JsonObject, says: str
    ) -> None:
        edit(world, {"metadata": patch})
        remove(world, "mock")
        assert says in refused(world).reason

    def test_a_kind_of_others_that_nobody_may_list_keeps_nothing(self, world: FolderWorld) -> None:
        """It is listed for objects that nobody manages; none of ours can be there."""
        forbidden = Refused(RefusalReason.FORBIDDEN, "you may not")
        world.faults["prod"] = (Fault(forbidden, "list", kind="ModelProvider"),)
        remove(world, "mock")
        world.run_environment(APPLY)
        assert live(world) is None

    def test_an_object_with_an_owner_is_refused(self, world: FolderWorld) -> None:
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "boss", "uid": "1-2-3"}
        edit(world, {"metadata": {"ownerReferences": [owner]}})
        remove(world, "mock")
        assert "it belongs to ConfigMap boss" in refused(world).reason

    @pytest.mark.parametrize(
        "annotation",
        [
            ("provider-reconciler/prune", "disabled"),
            ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
            ("kluctl.io/skip-delete", "true"),
            ("helm.sh/resource-policy", "keep"),
            ("cli-utils.sigs.k8s.io/on-remove", "keep"),
            ("argocd.argoproj.io/sync-options", "Validate=false, Prune=false"),
        ],
    )
    def test_a_protected_object_is_kept_and_fails_nothing(
        self, world: FolderWorld, annotation: tuple[str, str]
    ) -> None:
        edit(world, {"metadata": {"annotations": dict([annotation])}})
        remove(world, "mock")
        environment = world.run_environment(APPLY)
        change = change_of(environment)
        assert (change.state, change.action) == (State.KEPT, Action.SKIP)
        assert annotation[0] in change.reason
        assert environment.exit_code is ExitCode.OK
        assert live(world) is not None

    def test_another_value_of_the_annotation_protects_nothing(self, world: FolderWorld) -> None:
        edit(world, {"metadata": {"annotations": {"provider-reconciler/prune": "enabled"}}})
        remove(world, "mock")
        world.run_environment(APPLY)
        assert live(world) is None

    def test_an_object_that_someone_made_again_is_not_the_recorded_one(
        self, world: FolderWorld
    ) -> None:
        body = live(world) or {}
        cluster, uid = world.cluster(), body["metadata"]["uid"]
        cluster.delete(PROVIDER, "omnia", "mock", uid=uid)
        kept = {key: body["metadata"][key] for key in ("name", "namespace", "labels")}
        cluster.apply(
            PROVIDER, Document.of(body | {"metadata": kept}), manager="provider-reconciler"
        )
        remove(world, "mock")
        assert "the record does not say" in refused(world).reason

    def test_an_object_that_somebody_else_applies_as_well_is_refused(
        self, world: FolderWorld
    ) -> None:
        body = live(world) or {}
        metadata = {key: body["metadata"][key] for key in ("name", "namespace")}
        theirs = body | {"metadata": metadata, "spec": {"type": "mock"}}
        theirs.pop("status", None)
        world.cluster().apply(PROVIDER, Document.of(theirs), manager="team-b")
        remove(world, "mock")
        assert "field manager team-b applies it as well" in refused(world).reason

    def test_an_object_in_a_namespace_that_was_given_up_is_refused(
        self, world: FolderWorld
    ) -> None:
        remove(world, "mock")
        others = [f"other{n}" for n in range(OTHERS)]
        remove(world, "claude", *others)
        elsewhere = MOCK.replace("name: mock", "name: elsewhere\n  namespace: llm-system")
        config = PRUNE.replace("[omnia]", "[llm-system]").replace("true", "{maxPercent: 100}")
        world.write(config=config, elsewhere=elsewhere)
        assert "may no longer write to its namespace" in refused(world).reason

    def test_an_object_of_which_we_own_nothing_any_more_is_refused(
        self, world: FolderWorld
    ) -> None:
        edit(world, {"metadata": {"managedFields": [{}]}})
        remove(world, "mock")
        assert "no longer owns any of its fields" in refused(world).reason

    def test_a_lost_record_proves_nothing_even_after_it_is_written_again(
        self, world: FolderWorld
    ) -> None:
        remove(world, "mock")
        cluster = world.cluster()
        config_map = cluster.get(CONFIG_MAP, HOME, RECORD)
        assert config_map
        uid = config_map.body()["metadata"]["uid"]
        cluster.delete(CONFIG_MAP, HOME, RECORD, uid=uid)
        assert "the record does not say" in refused(world).reason
        assert "the record of its apply was lost" in refused(world).reason

    def test_git_that_has_it_again_heals_its_entry(self, world: FolderWorld) -> None:
        self.test_a_lost_record_proves_nothing_even_after_it_is_written_again(world)
        world.write(config=PRUNE, mock=MOCK)
        world.run_environment(APPLY)
        remove(world, "mock")
        world.run_environment(APPLY)
        assert live(world) is None


class TestConsumers:
    def use(self, world: FolderWorld, provider: str = "mock") -> None:
        body = runtime()
        body["spec"]["providers"] = [{"name": "default", "providerRef": {"name": provider}}]
        world.cluster().create(RUNTIME, Document.of(body))

    def test_what_an_agent_uses_is_refused(self, world: FolderWorld) -> None:
        self.use(world)
        remove(world, "mock")
        assert "AgentRuntime omnia/shop still uses it" in refused(world).reason

    def test_what_the_policy_allows_is_deleted_and_said(self, world: FolderWorld) -> None:
        self.use(world)
        config = PRUNE.replace("true", "{consumers: allow}")
        world.write(config=config)
        remove(world, "mock")
        change = change_of(world.run_environment(APPLY))
        assert change.warnings == ("AgentRuntime omnia/shop still uses it",)
        assert live(world) is None

    @pytest.mark.parametrize(
        ("word", "stays"), [("refuse", True), ("allow-unlisted", False), ("allow", False)]
    )
    def test_consumers_that_cannot_be_listed(
        self, world: FolderWorld, word: str, stays: bool
    ) -> None:
        world.write(config=PRUNE.replace("true", f"{{consumers: {word}}}"))
        remove(world, "mock")
        no = Refused(RefusalReason.FORBIDDEN, "no")
        world.faults["prod"] = (Fault(no, "list", "AgentRuntime"),)
        environment = world.run_environment(APPLY)
        assert (live(world) is not None) is stays
        assert not stays or "could not be listed: AgentRuntime" in change_of(environment).reason

    def test_a_reviewed_deletion_is_done_unless_somebody_uses_it_by_then(
        self, world: FolderWorld
    ) -> None:
        remove(world, "mock")
        plan = world.run_environment(DIFF).sealed
        assert plan is not None
        following = APPLY.following_plan()
        self.use(world)
        environment = world.run_environment(following, reviewed=plan)
        assert environment.exit_code is ExitCode.SAFETY
        assert [move.ref.name for move in environment.moved] == ["mock"]
        assert world.connected["prod"].writes == []
        world.cluster().delete(RUNTIME, "omnia", "shop", uid=self.uid_of_runtime(world))
        assert outcome_of(world.run_environment(following, reviewed=plan)).result is Result.PRUNED

    def uid_of_runtime(self, world: FolderWorld) -> str:
        body = world.cluster().get(RUNTIME, "omnia", "shop")
        assert body
        return str(body.body()["metadata"]["uid"])

    def test_a_consumer_that_cannot_be_read_may_use_it(self, world: FolderWorld) -> None:
        self.use(world)
        (file,) = (world.root.parent / "live/prod/omnia").glob("agentruntimes.*/shop.yaml")
        file.write_text(file.read_text() + "  : broken [\n")
        remove(world, "mock")
        change = refused(world)
        assert "could not be listed: AgentRuntime in omnia" in change.reason
        assert any("shop.yaml" in each.hint for each in world.run_environment(DIFF).unchecked)

    def test_a_listed_user_counts_where_others_are_not_listed(self, world: FolderWorld) -> None:
        self.use(world)
        world.write(config=PRUNE.replace("true", "{consumers: allow-unlisted}"))
        remove(world, "mock")
        assert "still uses it" in refused(world).reason


class TestHeld:
    def hold(self, world: FolderWorld, until: datetime) -> None:
        ref = ObjectRef(PROVIDER.group, PROVIDER.kind, "omnia", "mock")
        body = body_of(PROVIDER, ref, until, "vendor outage")
        world.cluster().apply(PROVIDER, body, manager=HOLD_MANAGER, force=True)

    def test_a_held_object_stays_and_says_so(self, world: FolderWorld) -> None:
        self.hold(world, StoppedClock().now() + timedelta(hours=1))
        remove(world, "mock")
        for environment in (world.run_environment(DIFF), world.run_environment(APPLY)):
            change = change_of(environment)
            assert (change.state, change.action) == (State.KEPT, Action.SKIP)
            assert change.reason == "no longer in git; it is held, so it stays in the cluster"
        assert live(world)

    def test_a_hold_that_has_ended_keeps_nothing(self, world: FolderWorld) -> None:
        """Its annotation stays, with a field manager of ours."""
        self.hold(world, StoppedClock().now() - timedelta(days=1))
        remove(world, "mock")
        assert outcome_of(world.run_environment(APPLY)).result is Result.PRUNED
        assert live(world) is None

    def test_a_hold_that_nobody_can_read_keeps_the_object(self, world: FolderWorld) -> None:
        edit(world, {"metadata": {"annotations": {HOLD: "4h please"}}})
        remove(world, "mock")
        assert "cannot be used: it does not begin" in change_of(world.run_environment(APPLY)).reason
        assert live(world)


class TestFinalizers:
    def test_what_uses_an_object_must_be_gone_first(self, world: FolderWorld) -> None:
        """The deletion of an object with finalizers is only accepted."""
        edit(world, {"metadata": {"finalizers": ["example.com/hold"]}})
        remove(world, "mock")
        environment = world.run_environment(APPLY)
        assert outcome_of(environment).result is Result.PRUNED
        assert "until its finalizers go: example.com/hold" in change_of(environment).warnings[0]
        assert (live(world) or {})["metadata"]["deletionTimestamp"]
        again = world.run_environment(APPLY)
        assert change_of(again).state is State.KEPT
        assert again.exit_code is ExitCode.OK


class TestWholeRun:
    def test_an_unreadable_object_is_a_list_that_lacks_something(self, world: FolderWorld) -> None:
        folder = world.root.parent / "live/prod/omnia/providers.omnia.altairalabs.ai"
        (folder / "broken.yaml").write_text("kind: [")
        remove(world, "mock")
        assert "not every object could be listed" in refused(world).reason

    def test_an_empty_environment_deletes_nothing(self, world: FolderWorld) -> None:
        remove(world, "claude", "mock", *(f"other{n}" for n in range(OTHERS)))
        limit = PruneOptions(limit=100)
        assert "git has no object" in refused(world, prune=limit).reason

    def test_more_than_the_limit_deletes_nothing(self, world: FolderWorld) -> None:
        world.write(config=PRUNE.replace("true", "{maxObjects: 1, maxPercent: 100}"))
        remove(world, "mock", "other0")
        change = refused(world)
        assert "2 objects would be deleted, and one run may delete 1 at most" in change.reason
        assert change.hint.startswith("--prune-limit 2")
        refused(world, "other-0")
        world.run_environment(APPLY, prune=PruneOptions(limit=2))
        assert live(world) is None

    @pytest.mark.parametrize(("number", "stays"), [(3, False), (4, True)])
    def test_the_share_of_the_objects_on_record_is_rounded_up(
        self, world: FolderWorld, number: int, stays: bool
    ) -> None:
        world.write(config=PRUNE.replace("true", "{maxPercent: 21}"))  # 2.1 of 10
        remove(world, *(f"other{n}" for n in range(number)))
        world.run_environment(APPLY)
        assert (live(world, "other-0") is not None) is stays

    def test_a_list_that_was_refused_hides_what_exists(self, world: FolderWorld) -> None:
        """A namespace that may not be listed: nobody can tell what git has there."""
        elsewhere = MOCK.replace("name: mock", "name: mock\n  namespace: second")
        config = PRUNE.replace("[omnia]", "[omnia, second]")
        cluster = world.cluster()
        namespace: JsonObject = {"apiVersion": "v1", "kind": "Namespace"}
        from reconciler.model.identity import NAMESPACE

        cluster.create(NAMESPACE, Document.of(namespace | {"metadata": {"name": "second"}}))
        world.write(config=config, elsewhere=elsewhere)
        for name in ("claude", "mock", *(f"other{n}" for n in range(OTHERS))):
            path = world.root / f"environments/prod/{name}.yaml.j2"
            text = path.read_text()
            path.write_text(text.replace("metadata:\n", "metadata:\n  namespace: omnia\n"))
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        remove(world, "elsewhere", "mock")
        no = Refused(RefusalReason.FORBIDDEN, "no")
        world.faults["prod"] = (Fault(no, "list", "Provider", "second"),)
        environment = world.run_environment(APPLY)
        assert "not every object could be listed" in change_of(environment).reason
        assert live(world) is not None

    def test_a_failed_apply_keeps_everything(self, world: FolderWorld) -> None:
        remove(world, "mock")
        world.write(config=PRUNE, claude=CLAUDE.replace("model: one", "model: two"))
        world.faults["prod"] = (
            Fault(Refused(RefusalReason.DENIED, "no"), "apply", "Provider", "claude"),
        )
        environment = world.run_environment(APPLY)
        assert outcome_of(environment).result is Result.SKIPPED
        assert "1 object was not applied" in outcome_of(environment).message
        assert live(world) is not None
        assert "mock" in recorded(world)
        world.faults.clear()
        assert outcome_of(world.run_environment(APPLY)).result is Result.PRUNED

    def test_a_failed_deletion_is_told_and_tried_again(self, world: FolderWorld) -> None:
        remove(world, "mock", "other0")
        world.faults["prod"] = (Fault(Unreachable("no answer"), "delete", "", "mock"),)
        environment = world.run_environment(APPLY)
        assert outcome_of(environment).result is Result.FAILED
        assert outcome_of(environment, "other-0").result is Result.PRUNED
        assert environment.exit_code is ExitCode.PARTIAL
        assert "mock" in recorded(world)
        assert "other-0" not in recorded(world)
        world.faults.clear()
        world.run_environment(APPLY)
        assert live(world) is None

    def test_a_run_that_was_killed_before_its_record_is_forgotten_by_the_next(
        self, world: FolderWorld
    ) -> None:
        remove(world, "mock")
        world.faults["prod"] = (Fault(Unreachable("killed"), "replace", "ConfigMap"),)
        world.run_environment(APPLY)
        assert live(world) is None
        assert "mock" in recorded(world)
        world.faults.clear()
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        assert "mock" not in recorded(world)


class TestRollback:
    """An older revision is not applied. One that nobody can place deletes nothing, however often it runs."""

    def cut(self, world: FolderWorld) -> None:
        """The history before the commit that is checked out was not fetched."""
        (world.root / ".git/shallow").write_text(git(world.root, "rev-parse", "HEAD") + "\n")

    @pytest.mark.parametrize("prunes", [True, False])
    def test_an_older_revision_is_not_applied(self, world: FolderWorld, prunes: bool) -> None:
        config = PRUNE if prunes else CONFIG
        world.write(config=config)
        before = commit(world.root, "before")
        world.write(config=config, mock=MOCK.replace("one", "two"))
        after = commit(world.root, "changes a provider")
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        git(world.root, "checkout", "-q", before)
        reviewed = world.run_environment(DIFF)
        assert change_of(reviewed).state is State.CHANGED
        assert reviewed.forecast
        assert reviewed.forecast.exit_code is ExitCode.SAFETY
        stopped = world.run_environment(APPLY)
        assert stopped.error
        assert stopped.error.message.startswith(f"{after[:7]} was applied, and is not in")
        assert stopped.exit_code is ExitCode.SAFETY
        assert (live(world) or {})["spec"]["model"] == "two"
        assert (
            world.run_environment(APPLY, prune=PruneOptions(allow_rollback=True)).exit_code
            is ExitCode.OK
        )
        assert (live(world) or {})["spec"]["model"] == "one"

    @pytest.mark.parametrize("how", ["partial", "only"])
    def test_what_a_newer_revision_applied_in_part_is_not_undone(
        self, world: FolderWorld, how: str
    ) -> None:
        before = commit(world.root, "before")
        claude = CLAUDE.replace("model: one", "model: two")
        world.write(config=PRUNE, mock=MOCK.replace("one", "two"), claude=claude)
        commit(world.root, "changes two providers")
        if how == "partial":
            fault = Fault(Refused(RefusalReason.DENIED, "no"), "apply", "Provider", "claude")
            world.faults["prod"] = (fault,)
            assert world.run_environment(APPLY).exit_code is not ExitCode.OK
            world.faults.clear()
        else:
            only = frozenset({"provider/omnia/mock"})
            assert world.run_environment(APPLY, only=only).exit_code is ExitCode.OK
        assert (live(world) or {})["spec"]["model"] == "two"
        git(world.root, "checkout", "-q", before)
        assert world.run_environment(APPLY).exit_code is ExitCode.SAFETY
        assert (live(world) or {})["spec"]["model"] == "two"

    def test_where_nobody_can_tell_it_is_said(self, world: FolderWorld) -> None:
        before = commit(world.root, "before")
        world.write(config=PRUNE, mock=MOCK.replace("one", "two"))
        after = commit(world.root, "changes a provider")
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        git(world.root, "checkout", "-q", before)
        self.cut(world)
        for verb in (DIFF, APPLY):
            (note,) = [
                each for each in world.run_environment(verb).notes if "in the history" in each
            ]
            assert note.startswith(f"whether {after[:7]}, which was applied,")
        assert (live(world) or {})["spec"]["model"] == "one"

    def test_a_branch_that_lacks_what_was_applied_is_not_applied_either(
        self, world: FolderWorld
    ) -> None:
        git(world.root, "checkout", "-qb", "feature")
        commit(world.root, "feature")
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        git(world.root, "checkout", "-q", "main")
        assert world.run_environment(APPLY).exit_code is ExitCode.SAFETY
        git(world.root, "merge", "-q", "--no-edit", "feature")
        assert world.run_environment(APPLY).exit_code is ExitCode.OK

    def test_an_older_revision_deletes_nothing(self, world: FolderWorld) -> None:
        before = commit(world.root, "before")
        world.write(config=PRUNE, newer=other(99))
        after = commit(world.root, "adds a provider")
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        git(world.root, "checkout", "-q", before)
        self.cut(world)
        for _ in range(2):
            assert after[:7] in refused(world, "other-99").reason
        environment = world.run_environment(APPLY, prune=PruneOptions(allow_rollback=True))
        assert outcome_of(environment, "other-99").result is Result.PRUNED

    def test_what_a_newer_revision_brought_back_stays(self, world: FolderWorld) -> None:
        """It needed no write at the newer revision, which has it all the same."""
        remove(world, "mock")
        without = commit(world.root, "removes it")
        git(world.root, "revert", "--no-edit", "HEAD")
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        git(world.root, "checkout", "-q", without)
        self.cut(world)
        for _ in range(3):
            refused(world)
        world.run_environment(APPLY, prune=PruneOptions(enabled=False))
        refused(world)

    def test_so_does_what_a_killed_run_applied(self, world: FolderWorld) -> None:
        old = commit(world.root, "old")
        world.write(config=PRUNE, newer=other(99))
        commit(world.root, "adds a provider")
        world.faults["prod"] = (Fault(Unreachable("killed"), "replace", "ConfigMap"),)
        world.run_environment(APPLY)
        world.faults.clear()
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        git(world.root, "checkout", "-q", old)
        self.cut(world)
        for _ in range(2):
            refused(world, "other-99")

    def test_a_later_revision_that_removes_it_deletes_it(self, world: FolderWorld) -> None:
        world.write(config=PRUNE, newer=other(99))
        commit(world.root, "adds a provider")
        world.run_environment(APPLY)
        remove(world, "newer")
        commit(world.root, "removes it")
        assert outcome_of(world.run_environment(APPLY), "other-99").result is Result.PRUNED

    def test_a_shallow_clone_cannot_tell(self, world: FolderWorld) -> None:
        world.run_environment(APPLY)
        remove(world, "mock")
        commit(world.root, "removes it")
        shallow = world.root.parent / "shallow"
        git(world.root, "clone", "-q", "--depth=1", f"file://{world.root}", str(shallow))
        world.root = shallow
        assert "fetch the whole history" in refused(world).hint

    def test_without_git_nobody_can_tell(self, world: FolderWorld) -> None:
        shutil.rmtree(world.root / ".git")
        remove(world, "mock")
        assert "there is no git here" in refused(world).reason

    def test_what_a_colleague_applied_without_a_commit_stays(self, world: FolderWorld) -> None:
        world.write(config=PRUNE, colleague=other(77))
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        remove(world, "colleague")
        assert "uncommitted changes of" in refused(world, "other-77").reason

    def test_the_same_working_tree_deletes_what_it_had(self, world: FolderWorld) -> None:
        world.write(config=PRUNE, draft=other(77), more=other(78))
        world.run_environment(APPLY)
        remove(world, "draft")
        assert outcome_of(world.run_environment(APPLY), "other-77").result is Result.PRUNED

    def test_files_without_a_first_commit_are_in_no_history(self, world: FolderWorld) -> None:
        shutil.rmtree(world.root / ".git")
        git(world.root, "init", "-q", "-b", "main")
        world.run_environment(APPLY)
        commit(world.root, "first")
        remove(world, "mock")
        commit(world.root, "removes it")
        for _ in range(2):
            assert "files without a commit" in refused(world).reason


def test_after_a_signal_nothing_more_is_deleted(world: FolderWorld) -> None:
    remove(world, "mock")
    deps = world.dependencies()
    stop = Signals()
    from dataclasses import replace

    from reconciler.dependencies import Options
    from reconciler.model.change import Plan
    from reconciler.pipeline import run
    from reconciler.stages.prune import delete

    (reviewed,) = run(("prod",), replace(deps, stop=stop), Options(DIFF)).environments
    stop.requested = True
    waves = (tuple(reviewed.changes),)
    (outcome,) = delete(Plan(waves), world.cluster(), stop, lambda: False, unapplied=0)
    assert outcome.message == "interrupted before it was deleted"
    stop.requested = False
    (outcome,) = delete(Plan(waves), world.cluster(), stop, lambda: True, unapplied=0)
    assert outcome.message == "the lock was lost before it was deleted"
    assert live(world) is not None


class TestRenamed:
    def rename(self, world: FolderWorld, name: str) -> None:
        path = world.root / "environments/prod/mock.yaml.j2"
        path.write_text(MOCK.replace("name: mock", f"name: {name}"))

    @pytest.mark.parametrize("prunes", [True, False])
    def test_it_is_told_once_with_who_uses_the_old_name(
        self, world: FolderWorld, prunes: bool
    ) -> None:
        TestConsumers().use(world)
        if not prunes:
            world.write(config=CONFIG)
        self.rename(world, "fake")
        run = world.run(DIFF)
        names = {change.ref.name: change.renamed for change in run.environments[0].changes}
        assert names["fake"] == change_of(run.environments[0]).ref
        assert names["mock"] == change_of(run.environments[0], "fake").ref
        text = FORMATS["text"].render(run, Style())
        assert "RENAMED     Provider omnia/fake" in text
        assert "  its old name is Provider omnia/mock" in text
        assert "shop" in text
        assert not {"NEW", "KEPT", "REMOVED"} & {line.split(" ")[0] for line in text.splitlines()}

    def test_an_object_that_differs_is_another_one(self, world: FolderWorld) -> None:
        path = world.root / "environments/prod/mock.yaml.j2"
        path.write_text(MOCK.replace("name: mock", "name: fake").replace("one", "two"))
        assert change_of(world.run_environment(DIFF), "fake").renamed is None

    def test_what_fits_two_objects_is_said_of_none(self, world: FolderWorld) -> None:
        self.rename(world, "fake")
        remove(world, "other0")
        assert change_of(world.run_environment(DIFF), "fake").renamed is None
