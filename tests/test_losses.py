"""A lost record and a lost fingerprint key: every run that meets one says what nobody can know any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import ExitCode, RefusalReason, Refused
from reconciler.model.identity import CONFIG_MAP, SECRET, Endpoint
from reconciler.model.refused_secrets import OWN_KEY
from reconciler.model.rotation import Rotation
from reconciler.model.verbs import APPLY, DIFF, DRIFT, STAMP, Verb
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.fakes import Fault
from tests.folder_world import CONFIG, FolderWorld
from tests.stages.live import HOME
from tests.test_pipeline import CLAUDE, MOCK, RECORD

UNKNOWN = (
    "not checked: rotation history llm-system/provider-reconciler-prod: no record to compare with"
)


@pytest.fixture
def applied(tmp_path: Path) -> FolderWorld:
    root = tmp_path / "config"
    root.mkdir()
    world = FolderWorld(root).write(claude=CLAUDE, mock=MOCK)
    world.secret("sk-ant-the-first-value")
    assert world.one(APPLY).exit_code is ExitCode.OK
    return world


@pytest.fixture
def lost(applied: FolderWorld) -> FolderWorld:
    """The record is removed, and then a key is rotated."""
    remove(applied, CONFIG_MAP, RECORD)
    applied.secret("sk-ant-the-second-value")
    return applied


def remove(world: FolderWorld, endpoint: Endpoint, name: str) -> None:
    """Delete an object in the home namespace of the cluster of prod."""
    cluster = world.cluster()
    live = cluster.get(endpoint, HOME, name)
    assert live
    cluster.delete(endpoint, HOME, name, uid=live.body()["metadata"]["uid"])


def text(world: FolderWorld, verb: Verb) -> str:
    return FORMATS["text"].render(world.run(verb), Style())


class TestRecord:
    @pytest.mark.parametrize("verb", [DRIFT, APPLY, APPLY.as_dry_run()], ids=str)
    def test_whoever_meets_the_loss_says_that_rotations_are_unknown(
        self, lost: FolderWorld, verb: Verb
    ) -> None:
        environment = lost.one(verb)
        (unchecked,) = environment.unchecked
        assert (unchecked.subject, unchecked.reason) == (
            "rotation history",
            "no record to compare with",
        )
        assert "not checked" in environment.not_in_sync

    def test_the_apply_that_writes_a_new_record_is_not_silent(self, lost: FolderWorld) -> None:
        said = text(lost, APPLY)
        assert UNKNOWN in said
        assert "prod: nothing to do, rotations before this run are unknown\n" in said
        assert "prod: in sync\n" in text(lost, DRIFT), "the new record is the new baseline"

    def test_a_watch_says_it_beside_the_loss(self, lost: FolderWorld) -> None:
        said = text(lost, DRIFT)
        assert UNKNOWN in said
        assert "prod: not in sync: record lost; 1 rotation history not checked" in said

    def test_a_review_reports_no_rotations_and_so_none_that_are_unknown(
        self, lost: FolderWorld
    ) -> None:
        assert "rotation" not in text(lost, DIFF)

    def test_before_the_first_apply_nothing_is_lost(self, tmp_path: Path) -> None:
        root = tmp_path / "new"
        root.mkdir()
        world = FolderWorld(root).write(claude=CLAUDE)
        world.secret("sk-ant-the-first-value")
        assert world.one(APPLY.as_dry_run()).unchecked == ()

    def test_without_a_secret_there_is_no_rotation_to_miss(self, tmp_path: Path) -> None:
        root = tmp_path / "keyless"
        root.mkdir()
        world = FolderWorld(root).write(mock=MOCK)
        world.one(APPLY)
        remove(world, CONFIG_MAP, RECORD)
        environment = world.one(DRIFT)
        assert (environment.unchecked, environment.not_in_sync) == ((), ("record lost",))

    def test_with_a_record_rotations_are_known(self, applied: FolderWorld) -> None:
        applied.secret("sk-ant-the-second-value")
        environment = applied.one(DRIFT)
        assert environment.unchecked == ()
        assert [row.rotation for row in environment.secrets] == [Rotation.ROTATED]


class TestAnOpenRotation:
    """`acknowledge` closes only what the record has, so no other command is suggested before."""

    @pytest.mark.parametrize("verb", [DRIFT, STAMP, APPLY.as_dry_run()], ids=str)
    def test_what_is_not_recorded_can_only_be_recorded(
        self, applied: FolderWorld, verb: Verb
    ) -> None:
        applied.secret("sk-ant-the-second-value")
        said = text(applied, verb)
        assert "  record   reconciler drift prod --record\n" in said
        assert "acknowledge" not in said

    @pytest.mark.parametrize("verb", [DRIFT.recording(), APPLY], ids=str)
    def test_what_this_run_records_can_be_accepted(self, applied: FolderWorld, verb: Verb) -> None:
        applied.secret("sk-ant-the-second-value")
        for said in (text(applied, verb), text(applied, DRIFT)):
            assert "  record " not in said
            assert "reconciler acknowledge prod omnia/claude --reason TEXT\n" in said

    def test_the_command_is_one_code_span(self, applied: FolderWorld) -> None:
        applied.secret("sk-ant-the-second-value")
        report = FORMATS["markdown"].render(applied.run(DRIFT.recording()), Style())
        assert "- accept: `reconciler acknowledge prod omnia/claude --reason TEXT`" in report


class TestFingerprintKey:
    """A lost key is no open rotation, and a lost record is no drift: each has its own word."""

    def test_a_lost_key_is_named_alone(self, applied: FolderWorld) -> None:
        remove(applied, SECRET, OWN_KEY)
        environment = applied.one(DRIFT)
        assert environment.not_in_sync == environment.exit_reasons == ("fingerprint key lost",)
        said = text(applied, DRIFT)
        assert said.endswith("exit 1: fingerprint key lost\n")
        assert "open rotation" not in said

    def test_one_that_a_review_may_not_read_is_not_lost(self, applied: FolderWorld) -> None:
        """A review is never asked for a Secret: its report says from when the states are."""
        refused = Refused(RefusalReason.FORBIDDEN, "you may not")
        applied.faults["prod"] = (Fault(refused, "keyring"),)
        assert applied.one(DIFF).not_in_sync == ()
        assert applied.one(DRIFT).not_in_sync == ("not checked",)
        remove(applied, SECRET, OWN_KEY)
        applied.faults.clear()
        assert applied.one(DIFF).not_in_sync == ("fingerprint key lost",)

    def test_a_policy_that_tolerates_open_rotations_tolerates_a_lost_key(
        self, applied: FolderWorld
    ) -> None:
        applied.write(config=CONFIG + "policy: {failOn: [drift]}\n")
        remove(applied, SECRET, OWN_KEY)
        environment = applied.one(DRIFT)
        assert (environment.not_in_sync, environment.exit_reasons) == (
            ("fingerprint key lost",),
            (),
        )

    def test_a_lost_record_is_no_drift(self, lost: FolderWorld) -> None:
        assert lost.one(DRIFT).exit_reasons == ("record lost", "not checked")
