"""The steps in order: what each command stops after, and that one environment never stops another."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from reconciler import pipeline
from reconciler.dependencies import Options
from reconciler.errors import (
    EnvironmentFileError,
    ExitCode,
    LockError,
    ReconcilerError,
    RefusalReason,
    Refused,
    SafetyStop,
    Unreachable,
)
from reconciler.model import stamp
from reconciler.model.change import Awaited, Prerequisite, Result, State
from reconciler.model.environment import ClusterTarget, ClusterType, Environment
from reconciler.model.identity import CONFIG_MAP
from reconciler.model.record.config_map import from_config_map
from reconciler.model.revision import Revision
from reconciler.model.rotation import Rotation
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.unchecked import ROTATIONS
from reconciler.model.verbs import APPLY, DIFF, DRIFT, STAMP, VALIDATE, Verb
from reconciler.pipeline import Step, run, steps_of
from reconciler.reconciliation import Reconciliation
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.fakes import Fault, FaultyCluster, Signals, StoppedClock
from tests.folder_world import CONFIG, FolderWorld
from tests.stages.live import HOME, PROVIDER

CLAUDE = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata:
  name: claude
spec:
  type: claude
  model: one
  credential:
    secretRef: {name: claude, key: ANTHROPIC_API_KEY}
"""
MOCK = """\
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
metadata:
  name: mock
spec:
  type: mock
  model: one
"""
BROKEN = MOCK.replace("type: mock", "type: no-such-type")
RECORD = "provider-reconciler-prod"
PROVIDERS = "providers.omnia.altairalabs.ai"


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    root = tmp_path / "config"
    root.mkdir()
    return FolderWorld(root)


class TestOneStopsNoOther:
    """Several environments side by side."""

    def breaks(self, world: FolderWorld, how: str) -> None:
        world.write("a", "broken", "z", mock=MOCK)
        match how:
            case "connect":
                world.connects["broken"] = Unreachable("no answer")
            case "list":
                world.faults["broken"] = (Fault(Unreachable("no answer"), "list"),)
            case "bug in a cluster":
                world.faults["broken"] = (Fault(RuntimeError("canary-5e0f"), "list"),)
            case "bug in an apply":
                world.faults["broken"] = (Fault(RuntimeError("canary-5e0f"), "apply"),)
            case "bug in the renderer":
                world.renders["broken"] = RuntimeError("canary-5e0f")
            case "environment.yaml":
                world.write("broken", config="configVersion: 7\n")
            case "safety":
                world.connects["broken"] = SafetyStop("another cluster")

    @pytest.mark.parametrize(
        ("how", "code"),
        [
            ("connect", 5),
            ("list", 5),
            ("bug in a cluster", 70),
            ("bug in an apply", 6),  # one object failed, and its outcome names the bug
            ("bug in the renderer", 70),
            ("environment.yaml", 2),
            ("safety", 8),
        ],
    )
    def test_the_others_go_on_and_the_worst_code_counts(
        self, world: FolderWorld, how: str, code: int
    ) -> None:
        self.breaks(world, how)
        run_result = world.run(APPLY, "a", "broken", "z")
        assert [each.name for each in run_result.environments] == ["a", "broken", "z"]
        first, broken, last = run_result.environments
        assert (first.exit_code, broken.exit_code, last.exit_code) == (0, code, 0)
        assert run_result.exit_code == code
        reason = broken.error or broken.findings
        assert reason or broken.outcomes[0].result is Result.FAILED
        assert [o.result for o in (*first.outcomes, *last.outcomes)] == [Result.CREATED] * 2
        assert "canary" not in repr(broken), "the text of a bug may hold anything"

    @pytest.mark.parametrize("how", ["policy", "comment"])
    def test_what_the_environment_lets_pass_stops_nothing(
        self, world: FolderWorld, how: str
    ) -> None:
        """A Deployment beside the manifests: nobody applies it, and the rest goes on."""
        policy, comment = (
            "policy: {severity: {M009: warning}}\n",
            "# reconciler: ignore M009 -- why\n",
        )
        policy, comment = (policy, "") if how == "policy" else ("", comment)
        other = f"apiVersion: apps/v1\n{comment}kind: Deployment\nmetadata: {{name: other}}\n"
        world.write(config=CONFIG + policy, mock=MOCK, other=other)
        result = world.run_environment(APPLY)
        assert result.exit_code is ExitCode.OK
        assert [o.result for o in result.outcomes] == [Result.CREATED]

    def test_an_environment_that_is_not_there_is_said_with_a_suggestion(
        self, world: FolderWorld
    ) -> None:
        world.write("prod", mock=MOCK)
        run_result = world.run(DIFF, "prd", "prod")
        missing, present = run_result.environments
        assert missing.error is not None
        assert "prod" in missing.error.hint
        assert (missing.exit_code, present.exit_code) == (ExitCode.USAGE, ExitCode.DIFFERENCES)

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (EnvironmentFileError("m", hint="h", where="w"), ExitCode.USAGE),
            (Refused(RefusalReason.FORBIDDEN, "m", hint="h"), ExitCode.CLUSTER),
            (ReconcilerError("m"), ExitCode.BUG),
        ],
    )
    def test_an_error_becomes_the_problem_of_its_environment(
        self, world: FolderWorld, error: ReconcilerError, code: ExitCode
    ) -> None:
        world.write(mock=MOCK)
        world.connects["prod"] = error
        result = world.run_environment(DIFF)
        assert result.error is not None
        assert (result.name, result.exit_code, result.error.message) == ("prod", code, "m")


class TestInvalid:
    """What git says is wrong: nobody is asked."""

    @pytest.mark.parametrize("verb", [DIFF, APPLY, DRIFT])
    def test_manifests_that_cannot_be_read_are_reported_before_a_cluster_is_connected(
        self, world: FolderWorld, verb: Verb
    ) -> None:
        world.write(mock=MOCK, bad="a: 1\na: 2\n")
        result = world.run_environment(verb)
        assert result.exit_code is ExitCode.INVALID
        assert world.connected == {}
        assert result.cluster is None

    @pytest.mark.parametrize("verb", [DIFF, APPLY, DRIFT])
    def test_what_the_clusters_crd_refuses_is_never_written(
        self, world: FolderWorld, verb: Verb
    ) -> None:
        world.write(bad=BROKEN, mock=MOCK.replace("name: mock", "name: other"))
        result = world.run_environment(verb)
        assert result.exit_code is ExitCode.INVALID
        assert world.connected["prod"].writes == []
        assert world.connected["prod"].of("list", "dry-run") == []
        assert {d.code for d in result.findings} == {"K8S004"}

    def test_validate_asks_no_cluster(self, world: FolderWorld) -> None:
        world.write(mock=MOCK)
        assert world.run_environment(VALIDATE).exit_code is ExitCode.OK
        assert world.connected == {}


class TestWrites:
    """Who writes what."""

    @pytest.mark.parametrize(
        ("verb", "options"),
        [
            (DIFF, {}),
            (DRIFT, {}),
            (APPLY.as_dry_run(), {}),
            (DIFF, {"full": True}),
        ],
    )
    def test_a_look_writes_nothing(
        self, world: FolderWorld, verb: Verb, options: dict[str, bool]
    ) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        result = world.run_environment(verb, **options)
        assert world.connected["prod"].of("apply", "create", "replace", "create-keyring") == []
        assert {change.state for change in result.changes} == {State.NEW}
        assert result.outcomes == ()
        assert world.stored() == ()

    def test_the_first_apply_announces_the_set_before_its_first_object(
        self, world: FolderWorld
    ) -> None:
        world.write(mock=MOCK)
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        assert [(call.verb, call.kind) for call in world.connected["prod"].writes] == [
            ("create-keyring", "Secret"),
            ("create", "ConfigMap"),
            ("apply", "Provider"),
            ("replace", "ConfigMap"),
        ]

    def test_the_first_write_of_an_apply_locks_the_environment_and_the_last_unlocks_it(
        self, world: FolderWorld
    ) -> None:
        world.write(mock=MOCK)
        world.run_environment(APPLY)
        written = world.connected["prod"].of("create", "replace", "apply", "create-keyring")
        lease = [index for index, call in enumerate(written) if call.kind == "Lease"]
        assert lease == [0, len(written) - 1]

    def test_an_apply_that_fails_unlocks_the_environment(self, world: FolderWorld) -> None:
        world.write(mock=MOCK)
        world.faults["prod"] = (Fault(Unreachable("no route"), "list"),)
        assert world.run_environment(APPLY).exit_code is ExitCode.CLUSTER
        del world.faults["prod"]
        assert world.run_environment(APPLY).exit_code is ExitCode.OK

    def test_a_write_that_waits_for_its_turn_learns_that_the_lock_is_lost(
        self, world: FolderWorld
    ) -> None:
        world.write(mock=MOCK)
        clock = StoppedClock()

        class Limited(FaultyCluster):
            """A write waits for so long that the lock is lost."""

            def end_waits_with(self, lost: Callable[[], bool]) -> None:
                self.lost = lost

            def apply(self, *args: Any, **options: Any) -> Any:
                before, clock.seconds = self.lost(), clock.seconds + 50
                if (before, self.lost()) == (False, True):
                    raise LockError("the lock was lost before it was sent")
                return super().apply(*args, **options)

        connected = Limited(world.cluster())
        deps = replace(world.dependencies(), clock=clock, connect=lambda _: connected)
        (after,) = run(("prod",), deps, Options(APPLY)).environments
        assert after.exit_code is ExitCode.LOCK
        (outcome,) = after.outcomes
        assert outcome.message == "the lock was lost before it was sent"

    def test_an_apply_that_loses_the_lock_writes_no_other_object_and_records_those_before(
        self, world: FolderWorld
    ) -> None:
        world.write(mock=MOCK, claude=CLAUDE)
        clock = StoppedClock()

        class Late(FaultyCluster):
            """The process is suspended after its first write."""

            def apply(self, *args: Any, **options: Any) -> Any:
                answer = super().apply(*args, **options)
                clock.seconds += 0 if options.get("dry_run") else 50
                return answer

        connected = Late(world.cluster())
        connected.connections = 1
        deps = replace(world.dependencies(), clock=clock, connect=lambda _: connected)
        (after,) = run(("prod",), deps, Options(APPLY)).environments
        assert after.exit_code is ExitCode.LOCK
        assert [outcome.result for outcome in after.outcomes] == [Result.CREATED, Result.SKIPPED]
        assert after.outcomes[1].message == "the lock was lost before it was applied"
        record = from_config_map(connected.inner.get(CONFIG_MAP, HOME, RECORD).body(), "prod")
        assert [ref.name for ref in record.objects] == [after.outcomes[0].ref.name]

    def test_without_permission_for_leases_the_run_goes_on_and_says_so(
        self, world: FolderWorld
    ) -> None:
        world.write(mock=MOCK)
        forbidden = Refused(RefusalReason.FORBIDDEN, "get Lease: forbidden")
        world.faults["prod"] = (Fault(forbidden, kind="Lease"),)
        after = world.run_environment(APPLY)
        assert after.exit_code is ExitCode.OK
        assert "not locked, so two applies could overlap: get Lease: forbidden" in after.notes

    def test_a_second_apply_writes_nothing(self, world: FolderWorld) -> None:
        world.write(mock=MOCK)
        world.run_environment(APPLY)
        before = world.stored()
        result = world.run_environment(APPLY)
        assert [o.result for o in result.outcomes] == [Result.UNCHANGED]
        assert world.connected["prod"].writes == []
        assert world.stored() == before

    def test_what_was_applied_is_told_even_if_remembering_fails(self, world: FolderWorld) -> None:
        world.write(mock=MOCK)
        refused = Refused(RefusalReason.STALE, "somebody was quicker")
        world.faults["prod"] = (Fault(refused, "replace", "ConfigMap"),)
        result = world.run_environment(APPLY)
        assert result.exit_code is ExitCode.SAFETY
        assert [o.result for o in result.outcomes] == [Result.CREATED]
        assert result.error is not None
        assert "another run" in result.error.message

    @pytest.mark.parametrize("refusal", [RefusalReason.INVALID, RefusalReason.STALE], ids=str)
    def test_the_record_names_no_revision_that_was_applied_in_part(
        self, world: FolderWorld, refusal: RefusalReason
    ) -> None:
        world.write(mock=MOCK, claude=CLAUDE)
        world.secret("sk-ant-the-first-value")
        world.faults["prod"] = (Fault(Refused(refusal, "no"), "apply", name="claude"),)
        half = world.run_environment(APPLY)
        assert len({o.result for o in half.outcomes}) == 2, "one was created"
        then = world.run_environment(DIFF).record
        assert then is not None
        assert (then.applied, then.partial) == ("", True)
        del world.faults["prod"]
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        after = world.run_environment(DIFF).record
        assert after is not None
        assert (bool(after.applied), after.partial) == (True, False)

    def test_an_object_that_is_kept_leaves_an_apply_complete(self, world: FolderWorld) -> None:
        world.write(mock=MOCK, claude=CLAUDE)
        world.faults["prod"] = (Fault(Unreachable("no answer"), "apply", name="mock"),)
        assert world.run_environment(APPLY).exit_code is ExitCode.PARTIAL
        del world.faults["prod"]
        (world.root / "environments/prod/claude.yaml.j2").unlink()
        result = world.run_environment(APPLY)
        assert {o.result for o in result.outcomes} == {Result.CREATED, Result.SKIPPED}
        after = world.run_environment(DIFF).record
        assert after is not None
        assert after.applied

    def test_drift_with_record_advances_the_secrets_and_nothing_else(
        self, world: FolderWorld
    ) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        world.secret("sk-ant-the-first-value")
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        world.secret("sk-ant-the-second-value")
        world.write(mock=MOCK.replace("model: one", "model: two"), claude=CLAUDE)
        (row,) = world.run_environment(DRIFT).secrets
        assert row.rotation is Rotation.ROTATED
        assert world.connected["prod"].writes == []

        result = world.run_environment(DRIFT.recording())
        assert {c.ref.name: c.state for c in result.changes}["mock"] is State.CHANGED
        writes = [(call.verb, call.kind) for call in world.connected["prod"].writes]
        assert writes == [("replace", "ConfigMap")]
        assert result.outcomes == ()
        again = world.run_environment(DRIFT.recording())
        assert [(row.rotation, row.noticed) for row in again.secrets] == [(Rotation.ROTATED, False)]
        assert again.exit_reasons == ("open rotation",), (
            "to record a rotation is not to deal with it"
        )
        assert world.connected["prod"].writes == []
        live = world.cluster().get(PROVIDER, "omnia", "mock")
        assert live is not None
        assert live.body()["spec"]["model"] == "one"


class TestFingerprintKey:
    """The first apply makes the key, and reads each Secret once nevertheless."""

    @pytest.fixture
    def fresh(self, world: FolderWorld) -> FolderWorld:
        world.write(claude=CLAUDE)
        world.secret("sk-ant-first-9d2c4e")
        return world

    def test_each_secret_is_read_once(self, fresh: FolderWorld) -> None:
        (row,) = fresh.run_environment(APPLY).secrets
        assert (row.rotation, row.reading.fingerprint is not None) == (Rotation.FIRST_SEEN, True)
        assert len(fresh.connected["prod"].of("read-secret")) == 1
        (row,) = fresh.run_environment(DRIFT).secrets
        assert row.rotation is Rotation.NONE, "the stored key made the recorded fingerprint"

    def test_if_another_run_was_first_its_key_counts(self, fresh: FolderWorld) -> None:
        """The other run stores its key while this one observes."""
        race = tuple(
            replace(step, run=self.storing(fresh, step.run))
            if step.run.__name__ == "make_key"
            else step
            for step in steps_of(APPLY)
        )
        (row,) = fresh.run_environment(APPLY, steps=race).secrets
        stored = fresh.cluster().keyring(HOME, "provider-reconciler-key")
        assert stored is not None
        assert row.reading.fingerprint is not None
        assert row.reading.fingerprint.key_id == stored.key_id
        assert len(fresh.connected["prod"].of("read-secret")) == 2

    def storing(self, world: FolderWorld, make_key: Any) -> Any:
        def run(*args: Any) -> Reconciliation:
            world.cluster().create_keyring(HOME, "provider-reconciler-key")
            state: Reconciliation = make_key(*args)
            return state

        return run

    def test_without_permission_to_store_it_there_are_no_fingerprints(
        self, fresh: FolderWorld
    ) -> None:
        refused = Refused(RefusalReason.FORBIDDEN, "you may not")
        fresh.faults["prod"] = (Fault(refused, "create-keyring"),)
        environment = fresh.run_environment(APPLY)
        (row,) = environment.secrets
        assert (row.reading.state.value, row.reading.fingerprint) == ("unavailable", None)
        assert [each.subject for each in environment.unchecked] == ["fingerprint key"]

    def test_a_key_that_no_apply_could_make_is_not_checked_by_a_watch(
        self, fresh: FolderWorld
    ) -> None:
        assert fresh.run_environment(DRIFT).unchecked == (), (
            "before the first apply there is nothing to compare"
        )
        refused = Refused(RefusalReason.FORBIDDEN, "you may not")
        fresh.faults["prod"] = (Fault(refused, "create-keyring"),)
        fresh.run_environment(APPLY)
        watched = fresh.run_environment(DRIFT)
        (unchecked,) = watched.unchecked
        assert (unchecked.subject, unchecked.reason) == ("fingerprint key", "it does not exist")
        assert watched.not_in_sync == watched.exit_reasons == ("not checked",)


class TestStamp:
    """A rotated key: whose operator is told, and that nothing else of the provider changes."""

    CLAUDE_ADDRESS = "provider/omnia/claude"
    BY_POLICY = CONFIG + "policy: {onRotation: stamp}\n"

    @pytest.fixture
    def rotated(self, world: FolderWorld) -> FolderWorld:
        world.write(claude=CLAUDE, mock=MOCK)
        world.secret("sk-ant-first-9d2c4e")
        world.run_environment(APPLY)
        world.secret("sk-ant-second-1b7f35")
        return world

    def stamps(self, world: FolderWorld, verb: Verb, **options: Any) -> list[tuple[str, str]]:
        environment = world.run_environment(verb, **options)
        assert environment.exit_code is ExitCode.OK, environment
        return [(stamp.ref.name, stamp.result.value) for stamp in environment.stamps]

    def live(self, world: FolderWorld) -> Any:
        document = world.cluster().get(PROVIDER, "omnia", "claude")
        assert document is not None
        return document.body()

    def test_it_is_one_patch_and_never_a_second_one(self, rotated: FolderWorld) -> None:
        before = self.live(rotated)
        assert self.stamps(rotated, STAMP) == [("claude", "stamped")]
        cluster = rotated.connected["prod"]
        assert [call.verb for call in cluster.writes] == ["apply"]
        assert cluster.of("list") == [], "nothing but the rotated provider is read"
        after = self.live(rotated)
        assert after["spec"] == before["spec"]
        assert list(after["metadata"]["annotations"]) == [stamp.ANNOTATION]

        assert self.stamps(rotated, STAMP) == [("claude", "unchanged")]
        assert rotated.connected["prod"].writes == []
        rotated.secret("sk-ant-third-77ce01")
        assert self.stamps(rotated, STAMP) == [("claude", "stamped")]

    def test_without_a_rotation_no_provider_is_read(self, world: FolderWorld) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        world.secret("sk-ant-first-9d2c4e")
        world.run_environment(APPLY)
        assert self.stamps(world, STAMP) == []
        cluster = world.connected["prod"]
        assert (cluster.writes, cluster.of("list")) == ([], [])
        assert [call.name for call in cluster.of("get")] == [RECORD]

    def test_a_dry_run_asks_the_server_and_stores_nothing(self, rotated: FolderWorld) -> None:
        before = rotated.stored()
        assert self.stamps(rotated, STAMP.as_dry_run()) == [("claude", "stamped")]
        assert len(rotated.connected["prod"].of("dry-run")) == 1
        assert rotated.stored() == before

    def test_without_a_record_it_says_that_no_rotation_can_be_detected(
        self, rotated: FolderWorld
    ) -> None:
        cluster = rotated.cluster()
        stored = cluster.get(CONFIG_MAP, HOME, RECORD)
        assert stored is not None
        uid = stored.body()["metadata"]["uid"]
        cluster.delete(CONFIG_MAP, HOME, RECORD, uid=uid)
        result = rotated.run_environment(STAMP)
        assert result.stamps == ()
        assert [each.subject for each in result.unchecked] == [ROTATIONS]
        text = FORMATS["text"].render(Run(STAMP, "1", Revision(), (result,)), Style())
        assert "prod: nothing to stamp, no rotation can be detected\n" in text
        assert "no record to compare with" in text

    def test_it_is_no_diff_no_drift_and_survives_the_next_apply(self, rotated: FolderWorld) -> None:
        self.stamps(rotated, STAMP)
        value = self.live(rotated)["metadata"]["annotations"]
        for verb in (DIFF, DRIFT):
            (claude, _) = rotated.run_environment(verb).changes
            assert (claude.state, claude.differences, claude.foreign) == (State.UNCHANGED, (), ())
            assert rotated.connected["prod"].of("dry-run") == [], "the no-op proof holds"
        rotated.write(claude=CLAUDE.replace("model: one", "model: two"), mock=MOCK)
        assert rotated.run_environment(APPLY).outcomes[0].result is Result.CONFIGURED
        assert self.live(rotated)["metadata"]["annotations"] == value

    def test_apply_stamps_if_the_policy_says_so(self, rotated: FolderWorld) -> None:
        assert self.stamps(rotated, APPLY.as_dry_run()) == []
        rotated.write(config=self.BY_POLICY, claude=CLAUDE, mock=MOCK)
        assert rotated.run_environment(DRIFT.recording()).stamps == ()
        rotated.secret("sk-ant-third-77ce01")
        assert self.stamps(rotated, APPLY.as_dry_run()) == [("claude", "stamped")]
        assert stamp.ANNOTATION not in repr(self.live(rotated))
        assert self.stamps(rotated, APPLY) == [("claude", "stamped")]
        assert stamp.ANNOTATION in self.live(rotated)["metadata"]["annotations"]

    def test_only_the_selected_providers_are_stamped(self, rotated: FolderWorld) -> None:
        assert self.stamps(rotated, STAMP, only=frozenset({"provider/omnia/mock"})) == []
        only = frozenset({self.CLAUDE_ADDRESS})
        assert self.stamps(rotated, STAMP, only=only) == [("claude", "stamped")]

    def test_it_does_not_wait_for_what_git_would_change(self, rotated: FolderWorld) -> None:
        rotated.write(claude=CLAUDE.replace("model: one", "model: two"), mock=MOCK)
        assert self.stamps(rotated, STAMP) == [("claude", "stamped")]
        assert self.live(rotated)["spec"]["model"] == "one"

    @pytest.mark.parametrize(
        ("reason", "result", "code"),
        [
            (RefusalReason.FORBIDDEN, "failed", ExitCode.PARTIAL),
            (RefusalReason.STALE, "refused", ExitCode.SAFETY),
        ],
    )
    def test_a_refusal_fails_the_run(
        self, rotated: FolderWorld, reason: RefusalReason, result: str, code: ExitCode
    ) -> None:
        rotated.faults["prod"] = (Fault(Refused(reason, "m", hint="h"), "apply", "Provider"),)
        environment = rotated.run_environment(STAMP)
        (outcome,) = environment.stamps
        assert (outcome.result.value, environment.exit_code) == (result, code)
        assert "m" in outcome.message

    def test_invalid_sources_stamp_nothing(self, rotated: FolderWorld) -> None:
        rotated.write(claude=CLAUDE, mock=BROKEN)
        environment = rotated.run_environment(STAMP)
        assert (environment.exit_code, environment.stamps) == (ExitCode.INVALID, ())


class TestOnly:
    """--only: nothing else is looked at, and nothing else is forgotten."""

    def test_only_that_object_is_read_and_written(self, world: FolderWorld) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        result = world.run_environment(APPLY, only=frozenset({"provider/omnia/mock"}))
        assert {o.ref.name: o.result for o in result.outcomes} == {"mock": Result.CREATED}
        assert [call.name for call in world.connected["prod"].of("apply")] == ["mock"]
        assert world.connected["prod"].of("read-secret") == []

    def test_the_run_says_what_it_was_limited_to(self, world: FolderWorld) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        world.secret("sk-ant-the-first-value")
        world.run_environment(APPLY)
        limited = world.run_environment(DRIFT, only=frozenset({"provider/omnia/mock"}))
        assert ([ref.name for ref in limited.only], limited.objects) == (["mock"], 2)
        assert (limited.not_in_sync, limited.exit_code) == (("limited by --only",), ExitCode.OK)
        everything = world.run_environment(DRIFT)
        assert (everything.only, everything.not_in_sync) == ((), ())

    def test_a_file_that_nobody_can_read_fails_a_drift_and_no_run_that_is_limited(
        self, world: FolderWorld
    ) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        world.run_environment(APPLY)
        (file,) = world.root.parent.rglob(f"{PROVIDER.crd_name}/mock.yaml")
        (file.parent / "rogue.yaml").write_text(file.read_text() + "x: &a 1\nz: *a\n")
        result = world.run_environment(DRIFT)
        assert [each.name for each in result.unchecked] == ["Provider omnia/rogue"]
        assert result.exit_code is ExitCode.DIFFERENCES
        limited = world.run_environment(DRIFT, only=frozenset({"provider/omnia/mock"}))
        assert (limited.unchecked, limited.exit_code) == ((), ExitCode.OK)

    def test_an_object_that_git_does_not_have_is_a_mistake(self, world: FolderWorld) -> None:
        world.write(mock=MOCK)
        result = world.run_environment(APPLY, only=frozenset({"provider/omnia/nope"}))
        assert result.exit_code is ExitCode.USAGE
        assert world.connected == {}, "nothing is written for it either, such as the key"
        assert result.error is not None
        assert "provider/omnia/nope" in result.error.message
        assert "provider/omnia/mock" in result.error.hint

    def test_the_secrets_and_the_revision_of_the_record_stay(self, world: FolderWorld) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        world.secret("sk-ant-the-first-value")
        world.run_environment(APPLY)
        world.secret("sk-ant-the-second-value")
        world.write(claude=CLAUDE, mock=MOCK.replace("model: one", "model: two"))
        result = world.run_environment(APPLY, only=frozenset({"provider/omnia/mock"}))
        assert {o.ref.name: o.result for o in result.outcomes} == {"mock": Result.CONFIGURED}
        (row,) = world.run_environment(DRIFT).secrets
        assert row.rotation is Rotation.ROTATED, "it was not looked at, so it is still open"
        assert row.noticed, "and nobody has recorded it"
        (note,) = (note for note in result.notes if "--only" in note)
        assert note.startswith("with --only, rotations of the Secrets of other objects")

    @pytest.mark.parametrize("verb", [APPLY, DRIFT.recording()], ids=str)
    def test_the_secret_of_that_object_is_recorded(self, world: FolderWorld, verb: Verb) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        world.secret("sk-ant-the-first-value")
        world.run_environment(APPLY)
        world.secret("sk-ant-the-second-value")
        world.run_environment(verb, only=frozenset({"provider/omnia/claude"}))
        (row,) = world.run_environment(DRIFT).secrets
        assert (row.rotation, row.noticed) == (Rotation.ROTATED, False)
        stored = world.cluster().get(CONFIG_MAP, HOME, RECORD)
        record = from_config_map(stored.body(), "prod") if stored else None
        assert record
        (secret,) = record.secrets.values()
        assert [used.owner.name for used in secret.references] == ["claude"]

    def test_an_apply_for_another_reason_closes_no_rotation(self, world: FolderWorld) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        world.secret("sk-ant-the-first-value")
        world.run_environment(APPLY)
        world.secret("sk-ant-the-second-value")
        world.write(claude=CLAUDE.replace("model: one", "model: two"), mock=MOCK)
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        (row,) = world.run_environment(DRIFT).secrets
        assert (row.rotation, row.open, row.noticed) == (Rotation.ROTATED, True, False)

    def test_what_git_has_lost_is_neither_told_nor_forgotten(self, world: FolderWorld) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        world.run_environment(APPLY)
        (world.root / "environments/prod/claude.yaml.j2").unlink()
        result = world.run_environment(APPLY, only=frozenset({"provider/omnia/mock"}))
        assert [c.ref.name for c in result.changes] == ["mock"]
        states = {c.ref.name: c.state for c in world.run_environment(DIFF).changes}
        assert states == {"claude": State.KEPT, "mock": State.UNCHANGED}


class TestWhichCluster:
    """A pinned uid, and the CRDs that are there."""

    def test_what_a_run_suggests_is_for_the_cluster_that_it_read(self, world: FolderWorld) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        world.run_environment(APPLY)
        (world.root / "environments/prod/mock.yaml.j2").unlink()
        (kept,) = (c for c in world.run_environment(DRIFT).changes if c.state is State.KEPT)
        remove, file = shlex.split(kept.hint)
        assert (remove, Path(file).is_file()) == ("rm", True)
        world.write(config=f"{CONFIG}cluster: {{type: kubernetes, context: prod eu}}\n")
        (kept,) = (c for c in world.run_environment(DRIFT).changes if c.state is State.KEPT)
        assert kept.hint.startswith("kubectl --context 'prod eu' delete ")

    @pytest.mark.parametrize(
        ("uid", "words"), [("", "cannot tell"), ("another", "is another cluster")]
    )
    @pytest.mark.parametrize("verb", [DIFF, APPLY])
    def test_a_pin_that_is_not_met_stops_before_anything_is_read(
        self, world: FolderWorld, uid: str, words: str, verb: Verb
    ) -> None:
        world.write(mock=MOCK, config=CONFIG + "cluster: {type: directory, uid: mine}\n")
        world.uid = uid
        result = world.run_environment(verb)
        assert result.exit_code is ExitCode.SAFETY
        assert result.error is not None
        assert words in result.error.message
        assert result.error.hint
        assert [call.verb for call in world.connected["prod"].calls] == ["uid"]

    def test_the_cluster_that_is_pinned_is_told_in_the_report(self, world: FolderWorld) -> None:
        world.write(mock=MOCK, config=CONFIG + "cluster: {type: directory, uid: mine}\n")
        world.uid = "mine"
        result = world.run_environment(DIFF)
        assert result.cluster is not None
        assert result.cluster.uid == "mine"

    @pytest.mark.parametrize(
        ("pin", "live", "codes"),
        [
            ("2026-07-24", "2026-07-24", set()),
            ("2026-04-19", "2026-07-24", {"K8S009"}),
            ("", "2026-04-19", set()),
        ],
    )
    def test_a_live_crd_that_is_not_the_pinned_one_is_a_warning(
        self, world: FolderWorld, pin: str, live: str, codes: set[str]
    ) -> None:
        config = CONFIG + (f'crds: {{{PROVIDERS}: "{pin}"}}\n' if pin else "")
        world.write(mock=MOCK, config=config)
        world.live_pin = live
        result = world.run_environment(DIFF)
        assert {d.code for d in result.findings} == codes
        assert result.exit_code is ExitCode.DIFFERENCES
        assert [used.label for used in result.schemas] == ["live"]

    def test_without_permission_the_pinned_crd_stands_in_and_it_is_not_checked(
        self, world: FolderWorld
    ) -> None:
        world.write(mock=MOCK)
        world.faults["prod"] = (Fault(Refused(RefusalReason.FORBIDDEN, "no"), "crd"),)
        result = world.run_environment(DIFF)
        assert [c.state for c in result.changes] == [State.NEW]
        crds = ["models.agent.flokoa.ai", "modelproviders.agent.flokoa.ai", PROVIDERS]
        assert [(each.subject, each.name) for each in result.unchecked] == [
            ("CRD", c) for c in crds
        ]


def test_a_run_says_when_it_began_and_ended_and_what_it_was(world: FolderWorld) -> None:
    world.write(mock=MOCK)
    run_result = world.run(APPLY.as_dry_run())
    assert (run_result.started, run_result.finished) == (
        "2026-08-01T12:00:00Z",
        "2026-08-01T12:00:00Z",
    )
    assert (run_result.verb, run_result.version) == (APPLY.as_dry_run(), "1.2.3")


@pytest.mark.parametrize(("differences", "code"), [(1, 1), (0, 0), (42, 42)])
def test_the_exit_code_of_differences_is_the_users_choice(
    world: FolderWorld, differences: int, code: int
) -> None:
    world.write(mock=MOCK)
    assert world.run(DIFF, differences=differences).exit_code == code


@pytest.mark.parametrize(
    ("verb", "writes"),
    [
        (VALIDATE, set()),
        (DIFF, set()),
        (DRIFT, set()),
        (DRIFT.recording(), {"record"}),
        (APPLY, {"objects", "record", "key"}),
        (APPLY.as_dry_run(), set()),
        (STAMP, set()),
    ],
)
def test_the_table_of_verbs_decides_who_writes(verb: Verb, writes: set[str]) -> None:
    flags = {"objects": verb.writes_objects, "record": verb.writes_record, "key": verb.makes_key}
    assert {name for name, flag in flags.items() if flag} == writes
    assert verb.writes is bool(writes)


@pytest.mark.parametrize(
    ("commit", "dirty", "expected"),
    [("a" * 40, False, "a" * 40), ("a" * 40, True, "a" * 40 + "+dirty"), ("", False, "")],
)
def test_the_record_says_which_revision_was_applied(
    world: FolderWorld, commit: str, dirty: bool, expected: str
) -> None:
    @dataclass
    class At:
        revision: Revision

        def files(self, folder: str) -> tuple[str, ...]:
            del folder
            return ()

        def read(self, path: str) -> str | None:
            raise AssertionError(path)

    deps = replace(world.dependencies(), repository=At(Revision(commit, "", dirty)))
    assert deps.revision == expected


LATER = Awaited(Prerequisite.NAMESPACE, "later")


class TestWaiting:
    """The namespaces are not there yet, not even the one of the record."""

    @pytest.mark.parametrize("verb", [DIFF, APPLY.as_dry_run(), APPLY])
    def test_every_object_waits_and_nothing_fails(self, world: FolderWorld, verb: Verb) -> None:
        config = CONFIG.replace(HOME, "later").replace("[omnia]", "[later]")
        world.write(config=config, mock=MOCK, claude=CLAUDE)
        ended = world.run_environment(verb)
        assert ended.error is None
        assert ended.exit_code is ExitCode.PARTIAL
        assert {change.awaited for change in ended.changes} == {LATER}
        assert world.connected["prod"].writes == []

    @pytest.mark.parametrize("verb", [DIFF, APPLY.as_dry_run(), APPLY])
    def test_nothing_is_applied_before_its_record_has_a_place(
        self, world: FolderWorld, verb: Verb
    ) -> None:
        world.write(config=CONFIG.replace(HOME, "later"), mock=MOCK)
        ended = world.run_environment(verb)
        assert (ended.error, ended.exit_code) == (None, ExitCode.PARTIAL)
        (change,) = ended.changes
        assert (change.awaited, change.state) == (LATER, State.WAITING)
        assert change.differences
        assert world.connected["prod"].writes == []

    def test_who_may_not_look_whether_it_is_there_is_told_by_the_write(
        self, world: FolderWorld
    ) -> None:
        world.write(config=CONFIG.replace(HOME, "later"), mock=MOCK)
        world.faults["prod"] = (Fault(Refused(RefusalReason.FORBIDDEN, "no"), kind="Namespace"),)
        assert world.run_environment(DIFF).exit_code is ExitCode.DIFFERENCES
        error = world.run_environment(APPLY).error
        assert error is not None
        assert error.hint == "kubectl create namespace later"


class TestUncommitted:
    """What git does not have as it is applied."""

    def ran(
        self, world: FolderWorld, verb: Verb, *, api_server: bool = True, **options: Any
    ) -> EnvironmentRun:
        def target(environment: Environment) -> ClusterTarget:
            return ClusterTarget(ClusterType.KUBERNETES) if api_server else environment.cluster

        changed = ("environments/prod/mock.yaml.j2",)
        world.revision = Revision("a" * 40, "main", dirty=True, changed=changed)
        deps = replace(world.write(mock=MOCK).dependencies(), target=target)
        (environment,) = run(("prod",), deps, Options(verb, **options)).environments
        return environment

    def test_it_is_not_applied_to_an_api_server(self, world: FolderWorld) -> None:
        ended = self.ran(world, APPLY)
        assert ended.exit_code is ExitCode.USAGE
        assert ended.error is not None
        assert "differs from aaaaaaa: environments/prod/mock.yaml.j2" in ended.error.message
        assert world.connected == {}

    def test_it_is_applied_if_the_command_says_so(self, world: FolderWorld) -> None:
        ended = self.ran(world, APPLY, allow_dirty=True)
        assert ended.exit_code is ExitCode.OK
        assert [outcome.result for outcome in ended.outcomes] == [Result.CREATED]

    def test_a_folder_takes_it(self, world: FolderWorld) -> None:
        assert self.ran(world, APPLY, api_server=False).exit_code is ExitCode.OK

    def test_a_dry_run_shows_the_plan_and_ends_as_the_apply_would(self, world: FolderWorld) -> None:
        ended = self.ran(world, APPLY.as_dry_run())
        assert ended.exit_code is ExitCode.USAGE
        assert ended.exit_reasons == ("uncommitted changes",)
        assert [change.state for change in ended.changes] == [State.NEW]
        allowed = self.ran(world, APPLY.as_dry_run(), allow_dirty=True)
        assert allowed.exit_code is ExitCode.OK

    def test_a_review_says_so(self, world: FolderWorld) -> None:
        forecast = self.ran(world, DIFF).forecast
        assert forecast is not None
        assert (forecast.exit_code, forecast.reasons) == (2, ("uncommitted changes",))

    @pytest.mark.parametrize(("verb", "code"), [(DIFF, 1), (DRIFT, 0), (STAMP, 0)])
    def test_it_stops_no_other_command(self, world: FolderWorld, verb: Verb, code: int) -> None:
        assert self.ran(world, verb).exit_code == code


class TestWhatWasWritten:
    """Whatever goes wrong after objects were written, the report and the next run know of them."""

    def broken(self, errors: dict[str, Exception]) -> tuple[Step, ...]:
        def failing(error: Exception) -> Any:
            def fail(*_: object) -> Reconciliation:
                raise error

            return fail

        return tuple(
            replace(step, run=failing(errors[step.run.__name__]))
            if step.run.__name__ in errors
            else step
            for step in steps_of(APPLY)
        )

    @pytest.mark.parametrize("step", ["advance", "write_record"])
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (RuntimeError("canary-5e0f"), ExitCode.BUG),
            (Unreachable("no answer"), ExitCode.CLUSTER),
        ],
    )
    def test_its_outcomes_are_reported(
        self, world: FolderWorld, step: str, error: Exception, code: ExitCode
    ) -> None:
        world.write(mock=MOCK, claude=CLAUDE)
        steps = self.broken({step: error})
        outcome = world.run_environment(APPLY, steps=steps)
        assert [o.result for o in outcome.outcomes] == [Result.CREATED] * 2
        assert outcome.error is not None
        assert "canary" not in outcome.error.message
        assert outcome.exit_code is code

    def test_a_bug_before_the_record_is_written_leaves_a_record_of_the_objects(
        self, world: FolderWorld
    ) -> None:
        world.write(mock=MOCK)
        world.run_environment(APPLY, steps=self.broken({"advance": RuntimeError("a bug")}))
        (changed,) = world.run_environment(DIFF).changes
        assert changed.state is State.UNCHANGED
        record = from_config_map(world.cluster().get(CONFIG_MAP, HOME, RECORD).body(), "prod")
        assert record is not None
        assert [ref.name for ref in record.objects] == ["mock"]

    @pytest.mark.parametrize("place", ["summary", "verdict"])
    def test_a_bug_in_the_summary_keeps_the_outcomes_and_stops_no_other(
        self, world: FolderWorld, place: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.write("broken", "z", mock=MOCK)
        summary, verdict = Reconciliation.summary, pipeline.with_verdict

        def failing_summary(state: Reconciliation) -> EnvironmentRun:
            if state.name == "broken":
                raise RuntimeError("canary-5e0f")
            return summary(state)

        def failing_verdict(verb: Verb, words: Any, run: EnvironmentRun, *rest: Any) -> Any:
            if run.name == "broken":
                raise RuntimeError("canary-5e0f")
            return verdict(verb, words, run, *rest)

        if place == "summary":
            monkeypatch.setattr(Reconciliation, "summary", failing_summary)
        else:
            monkeypatch.setattr(pipeline, "with_verdict", failing_verdict)
        broken, last = world.run(APPLY, "broken", "z").environments
        assert (broken.exit_code, last.exit_code) == (ExitCode.BUG, ExitCode.OK)
        assert [o.result for o in broken.outcomes] == [Result.CREATED]
        assert "canary" not in repr(broken)


@pytest.mark.parametrize(
    ("verb", "held"),
    [
        (APPLY, True),
        (APPLY.as_dry_run(), False),
        (STAMP, True),
        (STAMP.as_dry_run(), False),
        (DRIFT.recording(), True),
        (DRIFT, False),
        (DIFF, False),
        (VALIDATE, False),
    ],
)
def test_a_run_that_may_write_is_not_cut(world: FolderWorld, verb: Verb, held: bool) -> None:
    world.write(mock=MOCK)
    signals = Signals()
    run(("prod",), replace(world.dependencies(), stop=signals), Options(verb))
    assert signals.held is held


class TestNewObjects:
    """An apply sends them once: the answer to the write says what a dry run would have said."""

    def test_each_costs_one_request(self, world: FolderWorld) -> None:
        world.write(claude=CLAUDE, mock=MOCK).secret("sk-ant-1")
        assert world.run_environment(APPLY).exit_code is ExitCode.OK
        calls = world.connected["prod"].of("dry-run", "apply")
        assert sorted((call.verb, call.name) for call in calls) == [
            ("apply", "claude"),
            ("apply", "mock"),
        ]

    def test_a_diff_and_a_dry_run_ask_the_server(self, world: FolderWorld) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        for verb in (DIFF, APPLY.as_dry_run()):
            world.run_environment(verb)
            assert len(world.connected["prod"].of("dry-run")) == 2

    @pytest.mark.parametrize(
        ("reason", "state"),
        [
            (RefusalReason.INVALID, State.INVALID),
            (RefusalReason.UNDECLARED, State.INVALID),
            (RefusalReason.DENIED, State.INVALID),
            (RefusalReason.NO_NAMESPACE, State.WAITING),
            (RefusalReason.NO_KIND, State.WAITING),
        ],
    )
    def test_a_refusal_reads_like_that_of_a_dry_run(
        self, world: FolderWorld, reason: RefusalReason, state: State
    ) -> None:
        world.write(claude=CLAUDE, mock=MOCK)
        refused = Refused(reason, "the server says no", hint="do this")
        world.faults["prod"] = (
            Fault(refused, "dry-run", name="mock"),
            Fault(refused, "apply", name="mock"),
        )
        predicted = world.run_environment(APPLY.as_dry_run())
        environment = world.run_environment(APPLY)
        for each in (predicted, environment):
            change = next(change for change in each.changes if change.ref.name == "mock")
            assert (change.state, change.reason, change.hint) == (
                state,
                "the server says no",
                "do this",
            )
        assert predicted.exit_code is environment.exit_code is ExitCode.PARTIAL
        results = {outcome.ref.name: outcome.result for outcome in environment.outcomes}
        assert results == {"claude": Result.CREATED, "mock": Result.SKIPPED}

    def test_an_object_that_appeared_meanwhile_is_refused(self, world: FolderWorld) -> None:
        world.write(mock=MOCK)
        world.faults["prod"] = (Fault(Refused(RefusalReason.EXISTS, "it exists"), "apply"),)
        environment = world.run_environment(APPLY)
        (outcome,) = environment.outcomes
        assert outcome.result is Result.REFUSED
        assert environment.exit_code is ExitCode.SAFETY


def test_a_home_that_moved_is_named(world: FolderWorld) -> None:
    """The id of the set depends on `home`, so that objects of ours look like those of another environment."""
    world.secret("first")
    world.write(config=CONFIG.replace(HOME, "omnia"), claude=CLAUDE)
    assert world.run_environment(APPLY).exit_code is ExitCode.OK
    world.write(claude=CLAUDE)
    (change,) = world.run_environment(APPLY).changes
    assert change.state is State.FOREIGN
    assert change.reason.startswith("it belongs to the record of this environment in omnia,")
    assert change.hint.startswith("write home: omnia again")
    world.write(config=CONFIG.replace(HOME, "omnia"), claude=CLAUDE)
    assert world.run_environment(DIFF).changes[0].state is State.UNCHANGED
