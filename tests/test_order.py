"""The order of environments: `after`. What comes first is written first, and must have proven a revision."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import ExitCode, RefusalReason, Refused, Unreachable
from reconciler.model.change import Result, State
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun
from reconciler.model.verbs import APPLY, DIFF, DRIFT, VALIDATE, Verb
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.fakes import Fault
from tests.folder_world import CONFIG, FolderWorld
from tests.stages.live import PROVIDER
from tests.test_pipeline import BROKEN, CLAUDE, MOCK

OLD, NEW = Revision("a" * 40, "main"), Revision("b" * 40, "main")
CHANGED = MOCK.replace("model: one", "model: two")


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    """dev, then staging, then prod; in the alphabet prod comes before staging."""
    root = tmp_path / "config"
    root.mkdir()
    world = FolderWorld(root, revision=OLD)
    world.write("dev", mock=MOCK)
    world.write("staging", config=f"{CONFIG}after: [dev]\n", mock=MOCK)
    world.write("prod", config=f"{CONFIG}after: [staging]\n", mock=MOCK)
    return world


def ran(world: FolderWorld, verb: Verb, *names: str, **options: bool) -> dict[str, EnvironmentRun]:
    return {each.name: each for each in world.run(verb, *names, **options).environments}


def results(ended: dict[str, EnvironmentRun]) -> dict[str, list[Result]]:
    return {name: [o.result for o in each.outcomes] for name, each in ended.items()}


class TestAllAtOnce:
    """`apply --all`."""

    def test_the_report_keeps_the_order_asked_for(self, world: FolderWorld) -> None:
        assert list(ran(world, APPLY, "prod", "staging", "dev")) == ["prod", "staging", "dev"]

    def test_each_is_written_after_those_before_it(self, world: FolderWorld) -> None:
        """prod reads that staging has applied and found in sync what it wrote just before."""
        ended = ran(world, APPLY, "prod", "staging", "dev")
        assert results(ended) == {name: [Result.CREATED] for name in ended}
        assert {each.exit_code for each in ended.values()} == {ExitCode.OK}

    @pytest.mark.parametrize("how", ["invalid", "unusable", "unreachable", "failed", "renderer"])
    def test_what_does_not_end_well_stops_what_comes_after_it(
        self, world: FolderWorld, how: str
    ) -> None:
        match how:
            case "invalid":
                world.write("staging", config=f"{CONFIG}after: [dev]\n", mock=BROKEN)
            case "unusable":
                world.write("staging", config="configVersion: 7\n")
            case "unreachable":
                world.connects["staging"] = Unreachable("no answer")
            case "failed":
                world.faults["staging"] = (Fault(RuntimeError("bug"), "apply"),)
            case "renderer":
                world.renders["staging"] = RuntimeError("bug")
        ended = ran(world, APPLY, "prod", "staging", "dev")
        assert results(ended)["dev"] == [Result.CREATED]
        assert ended["staging"].exit_code is not ExitCode.OK
        prod = ended["prod"]
        assert prod.error is not None
        assert prod.error.message.startswith("staging comes first, and ended with exit code")
        assert prod.exit_code is ended["staging"].exit_code
        assert prod.exit_reasons == ("not applied since staging comes first",)
        assert prod.outcomes == ()
        assert world.connected["prod"].writes == []

    def test_nothing_that_comes_after_is_written_even_if_one_between_is_not_run(
        self, world: FolderWorld
    ) -> None:
        world.write("dev", mock=BROKEN)
        ended = ran(world, APPLY, "prod", "dev")
        assert ended["prod"].error is not None
        assert "dev comes first" in ended["prod"].error.message

    def test_all_are_judged_before_any_is_written(self, world: FolderWorld) -> None:
        """prod connects, and its definitions are validated, before dev gets its first write."""
        order: list[str] = []
        deps = world.dependencies()

        def connect(environment: object) -> object:
            name = environment.name  # type: ignore[attr-defined]
            order.append(name)
            cluster = world.connect(environment)  # type: ignore[arg-type]
            create = cluster.create

            def creating(*args: object) -> object:
                order.append("write")
                return create(*args)  # type: ignore[arg-type]

            cluster.create = creating  # type: ignore[method-assign, assignment]
            return cluster

        from dataclasses import replace

        from reconciler.dependencies import Options
        from reconciler.pipeline import run

        run(("prod", "staging", "dev"), replace(deps, connect=connect), Options(APPLY))  # type: ignore[arg-type]
        assert set(order[: order.index("write")]) == {"prod", "staging", "dev"}

    def test_an_invalid_one_keeps_its_own_findings(self, world: FolderWorld) -> None:
        for name, after in (("dev", ""), ("staging", "after: [dev]\n")):
            world.write(name, config=CONFIG + after, mock=BROKEN)
        ended = ran(world, APPLY, "staging", "dev")
        assert ended["staging"].error is None
        assert ended["staging"].exit_code is ExitCode.INVALID

    def test_a_dry_run_shows_the_plan_of_what_it_would_stop(self, world: FolderWorld) -> None:
        world.write("staging", config=f"{CONFIG}after: [dev]\n", mock=BROKEN)
        prod = ran(world, APPLY.as_dry_run(), "prod", "staging", "dev")["prod"]
        assert [change.state for change in prod.changes] == [State.NEW]
        assert prod.error is not None
        assert prod.exit_code is ExitCode.INVALID

    def test_a_dry_run_expects_that_the_run_proves_the_revision(self, world: FolderWorld) -> None:
        ended = ran(world, APPLY.as_dry_run(), "prod", "staging", "dev")
        assert {each.exit_code for each in ended.values()} == {ExitCode.OK}

    @pytest.mark.parametrize("how", ["missing key", "invalid", "unusable", "unreachable"])
    def test_a_review_says_what_an_apply_of_all_would_not_get_to(
        self, world: FolderWorld, how: str
    ) -> None:
        after = f"{CONFIG}after: [dev]\n"
        match how:
            case "missing key":
                world.write("staging", config=after, mock=MOCK, claude=CLAUDE)
            case "invalid":
                world.write("staging", config=after, mock=BROKEN)
            case "unusable":
                world.write("staging", config="configVersion: 7\n")
            case "unreachable":
                world.connects["staging"] = Unreachable("no answer")
        run = world.run(DIFF, "prod", "staging", "dev")
        ended = {each.name: each for each in run.environments}
        prod, applied = ended["prod"], ran(world, APPLY, "prod", "staging", "dev")["prod"]
        assert prod.forecast is not None
        assert prod.forecast.exit_code is applied.exit_code
        assert prod.forecast.reasons == applied.exit_reasons
        assert ended["dev"].forecast is None
        text = FORMATS["text"].render(run, Style())
        assert "next: reconciler apply dev" in text
        assert "next: reconciler apply prod" not in text

    def test_a_review_keeps_what_stops_an_environment_itself(self, world: FolderWorld) -> None:
        world.write("staging", config=f"{CONFIG}after: [dev]\n", mock=BROKEN)
        world.write("prod", config=f"{CONFIG}after: [staging]\n", mock=BROKEN)
        prod = ran(world, DIFF, "prod", "staging", "dev")["prod"]
        assert prod.forecast is not None
        assert prod.forecast.reasons == ("invalid",)

    @pytest.mark.parametrize("verb", [DIFF, DRIFT, VALIDATE])
    def test_no_other_command_stops(self, world: FolderWorld, verb: Verb) -> None:
        world.write("dev", mock=BROKEN)
        assert ran(world, verb, "prod", "staging", "dev")["staging"].error is None


class TestPromotion:
    """`apply prod` reads what the record of staging says."""

    def promoted(self, world: FolderWorld, verb: Verb = APPLY, **options: bool) -> EnvironmentRun:
        return ran(world, verb, "prod", **options)["prod"]

    def stopped(self, world: FolderWorld) -> str:
        prod = self.promoted(world)
        assert prod.exit_code is ExitCode.SAFETY
        assert world.connected["prod"].writes == []
        assert prod.error is not None
        assert "--promote-anyway" in prod.error.hint
        dry = self.promoted(world, APPLY.as_dry_run())
        assert (dry.exit_code, dry.exit_reasons) == (8, ("not proven in staging",))
        forecast = self.promoted(world, DIFF).forecast
        assert forecast is not None
        assert (forecast.exit_code, forecast.reasons) == (8, ("not proven in staging",))
        return prod.error.message

    def test_a_revision_that_staging_has_not_applied_is_refused(self, world: FolderWorld) -> None:
        assert self.stopped(world) == "staging comes first, and has not applied aaaaaaa"
        ran(world, APPLY, "dev", "staging")
        world.revision = NEW
        assert self.stopped(world) == "staging comes first, and has applied aaaaaaa, not bbbbbbb"

    def test_a_revision_that_it_has_applied_and_found_in_sync_is_applied(
        self, world: FolderWorld
    ) -> None:
        ran(world, APPLY, "dev", "staging")
        assert self.promoted(world, DIFF).forecast is None
        assert self.promoted(world).exit_code is ExitCode.OK

    def test_a_revision_that_it_has_not_found_in_sync_is_refused_until_it_has(
        self, world: FolderWorld
    ) -> None:
        world.write("staging", config=f"{CONFIG}after: [dev]\n", mock=MOCK, claude=CLAUDE)
        ended = ran(world, APPLY, "dev", "staging")
        assert ended["staging"].exit_reasons == ("missing key",)
        message = "staging comes first, and its last run did not find aaaaaaa in sync"
        assert self.stopped(world) == message
        (world.root / "environments/staging/claude.yaml.j2").unlink()
        ran(world, APPLY, "staging")
        assert self.promoted(world).exit_code is ExitCode.OK

    def test_drift_that_is_recorded_ends_the_proof_and_restores_it(
        self, world: FolderWorld
    ) -> None:
        ran(world, APPLY, "dev", "staging")
        world.write("staging", config=f"{CONFIG}after: [dev]\n", mock=CHANGED)
        ran(world, DRIFT.recording(), "staging")
        assert "did not find aaaaaaa in sync" in self.stopped(world)
        world.write("staging", config=f"{CONFIG}after: [dev]\n", mock=MOCK)
        ran(world, DRIFT.recording(), "staging")
        assert self.promoted(world).exit_code is ExitCode.OK

    @pytest.mark.parametrize("how", ["refused", "failed"])
    def test_an_apply_that_leaves_drift_proves_nothing(self, world: FolderWorld, how: str) -> None:
        """Its revision was applied completely before."""
        refuses = f"{CONFIG}after: [dev]\npolicy: {{onDrift: refuse}}\n"
        world.write("staging", config=refuses if how == "refused" else f"{CONFIG}after: [dev]\n")
        ran(world, APPLY, "dev", "staging")
        patch = {"spec": {"model": "of somebody else"}}
        world.cluster("staging").merge_patch(PROVIDER, "omnia", "mock", patch, manager="kubectl")
        if how == "failed":
            fault = Fault(Refused(RefusalReason.DENIED, "no"), "apply", "Provider", "mock")
            world.faults["staging"] = (fault,)
        staging = ran(world, APPLY, "staging")["staging"]
        assert staging.exit_code in (ExitCode.SAFETY, ExitCode.PARTIAL), staging.exit_reasons
        world.faults.clear()
        assert "did not find aaaaaaa in sync" in self.stopped(world)

    def test_a_watch_of_another_revision_ends_nothing(self, world: FolderWorld) -> None:
        ran(world, APPLY, "dev", "staging")
        world.revision = NEW
        world.write("staging", config=f"{CONFIG}after: [dev]\n", mock=CHANGED)
        ran(world, DRIFT.recording(), "staging")
        world.revision = OLD
        assert self.promoted(world).exit_code is ExitCode.OK

    @pytest.mark.parametrize("revision", [Revision(), Revision("a" * 40, dirty=True)])
    def test_what_no_commit_has_cannot_be_proven(
        self, world: FolderWorld, revision: Revision
    ) -> None:
        ran(world, APPLY, "dev", "staging")
        world.revision = revision
        assert "no record can prove" in self.stopped(world)

    def test_the_command_may_promote_anyway(self, world: FolderWorld) -> None:
        assert self.promoted(world, promote_anyway=True).exit_code is ExitCode.OK
        dry = APPLY.as_dry_run()
        assert self.promoted(world, dry, promote_anyway=True).exit_code is ExitCode.OK

    def test_a_record_that_cannot_be_read_proves_nothing(self, world: FolderWorld) -> None:
        ran(world, APPLY, "dev", "staging")
        world.connects["staging"] = Unreachable("no answer")
        prod = self.promoted(world)
        assert prod.error is not None
        assert prod.error.message == (
            "staging comes first, and its record cannot be read: no answer"
        )
        assert world.connected["prod"].writes == []
        review = self.promoted(world, DIFF)
        assert review.forecast is None
        assert "whether staging has proven the revision: no answer" in review.notes

    def test_without_changes_to_it_the_record_is_not_written(self, world: FolderWorld) -> None:
        ran(world, APPLY, "dev", "staging")
        ran(world, APPLY, "staging")
        assert world.connected["staging"].writes == []


class TestWrongOrder:
    """Names that do not exist, and cycles."""

    def outcome_of(self, world: FolderWorld, name: str, after: str) -> tuple[str, str, str]:
        world.write(name, config=f"{CONFIG}after: {after}\n", mock=MOCK)
        (finding,) = ran(world, VALIDATE, name)[name].findings
        assert finding.code == "E011"
        assert ran(world, VALIDATE, name)[name].exit_code is ExitCode.USAGE
        return str(finding.where), finding.message, finding.hint

    def test_an_unknown_name(self, world: FolderWorld) -> None:
        where, message, hint = self.outcome_of(world, "prod", "[dev, stagign]")
        assert where == "environments/prod/environment.yaml:4:14"
        assert message == "there is no environment `stagign`"
        assert "staging" in hint

    def test_itself(self, world: FolderWorld) -> None:
        where, message, _ = self.outcome_of(world, "prod", "[prod]")
        assert where == "environments/prod/environment.yaml:4:9"
        assert message == "`after` goes in a circle: prod -> prod"

    def test_a_cycle_through_others(self, world: FolderWorld) -> None:
        _, message, _ = self.outcome_of(world, "dev", "[prod]")
        assert message == "`after` goes in a circle: dev -> prod -> staging -> dev"
        ended = ran(world, APPLY, "dev", "staging", "prod")
        assert {each.exit_code for each in ended.values()} == {ExitCode.USAGE}
        assert world.connected == {}

    def test_a_cycle_of_others_is_theirs(self, world: FolderWorld) -> None:
        world.write("staging", config=f"{CONFIG}after: [prod]\n", mock=MOCK)
        world.write("late", config=f"{CONFIG}after: [staging]\n", mock=MOCK)
        ended = ran(world, VALIDATE, "late", "prod")
        assert ended["late"].exit_code is ExitCode.OK
        assert ended["prod"].exit_code is ExitCode.USAGE
