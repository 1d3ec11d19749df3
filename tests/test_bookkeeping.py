"""`status` and `acknowledge` send one GET for the record, and `acknowledge` one write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.bookkeeping import acknowledge, statuses
from reconciler.errors import (
    ClusterError,
    ExitCode,
    RefusalReason,
    Refused,
    SafetyStop,
    Unreachable,
    UsageError,
)
from reconciler.model.document import Document
from reconciler.model.identity import CONFIG_MAP
from reconciler.model.record import SecretKey
from reconciler.model.record.config_map import DATA_KEY, from_config_map, with_record
from reconciler.model.rotation import Rotation
from reconciler.model.verbs import APPLY, DRIFT
from reconciler.stages.acknowledge import AcknowledgeInput
from tests.fakes import Fault
from tests.folder_world import CONFIG, FolderWorld
from tests.stages.live import HOME
from tests.test_pipeline import CLAUDE, MOCK, RECORD

KEY = SecretKey("omnia", "claude", "ANTHROPIC_API_KEY")
WHY = AcknowledgeInput(("omnia/claude",), "agents restarted")


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    """Applied, rotated, and recorded."""
    root = tmp_path / "config"
    root.mkdir()
    world = FolderWorld(root).write(claude=CLAUDE, mock=MOCK)
    world.secret("sk-ant-the-first-value")
    assert world.one(APPLY).exit_code is ExitCode.OK
    world.secret("sk-ant-the-second-value")
    world.one(DRIFT.recording())
    return world


def requests(world: FolderWorld, name: str = "prod") -> list[tuple[str, str]]:
    return [(call.verb, call.name) for call in world.connected[name].calls]


def damage(world: FolderWorld, body: Document) -> None:
    cluster = world.cluster()
    live = cluster.get(CONFIG_MAP, HOME, RECORD)
    assert live
    cluster.replace(CONFIG_MAP, Document.of(live.body() | body.body()))


def test_an_acknowledgement_closes_the_rotation_with_one_get_and_one_write(
    world: FolderWorld,
) -> None:
    done = acknowledge(world.dependencies(), "prod", WHY)
    assert done.closed == (KEY,)
    assert requests(world) == [("get", RECORD), ("replace", RECORD)]
    seen = world.one(DRIFT)
    assert [row.rotation for row in seen.secrets] == [Rotation.NONE]
    assert seen.exit_code is ExitCode.OK
    (status,) = statuses(world.dependencies(), ("prod",))
    (secret,) = status.secrets
    (rotation,) = secret.rotations
    assert rotation.closed
    assert (rotation.closed.how, rotation.closed.reason) == ("acknowledged", "agents restarted")


def test_a_rotation_that_is_acknowledged_ahead_fails_no_run(world: FolderWorld) -> None:
    inputs = replace(WHY, until="2026-08-02T00:00:00Z")
    acknowledge(world.dependencies(), "prod", inputs)
    world.secret("sk-ant-the-third-value")
    seen = world.one(DRIFT.recording())
    assert [row.rotation for row in seen.secrets] == [Rotation.ACKNOWLEDGED]
    assert seen.exit_code is ExitCode.OK
    world.secret("sk-ant-the-fourth-value")
    assert world.one(DRIFT).exit_code is ExitCode.OK, "until its end, not once"


def test_nothing_to_acknowledge_is_no_write(world: FolderWorld) -> None:
    acknowledge(world.dependencies(), "prod", WHY)
    everything = replace(WHY, secrets=())
    assert acknowledge(world.dependencies(), "prod", everything).closed == ()
    assert requests(world) == [("get", RECORD)]
    with pytest.raises(UsageError):
        acknowledge(world.dependencies(), "prod", WHY)
    assert requests(world) == [("get", RECORD)]


def test_another_run_that_writes_meanwhile_stops_it(world: FolderWorld) -> None:
    world.faults["prod"] = (Fault(Refused(RefusalReason.STALE, "changed"), "replace"),)
    with pytest.raises(SafetyStop, match="another run"):
        acknowledge(world.dependencies(), "prod", WHY)


def test_without_a_record_there_is_nothing_to_acknowledge(world: FolderWorld) -> None:
    world.write("other", config=CONFIG, mock=MOCK)
    with pytest.raises(
        UsageError, match="other has no record: never applied, or the record was removed"
    ):
        acknowledge(world.dependencies(), "other", WHY)


def test_status_knows_that_there_is_no_record(world: FolderWorld) -> None:
    world.write("other", config=CONFIG, mock=MOCK)
    seen = statuses(world.dependencies(), ("other", "prod"))
    assert [status.recorded for status in seen] == [False, True]


def test_a_record_that_cannot_be_read_is_not_overwritten(world: FolderWorld) -> None:
    damage(world, Document.of({"binaryData": {DATA_KEY: "AAAA"}}))
    with pytest.raises(ClusterError, match="cannot be read"):
        acknowledge(world.dependencies(), "prod", WHY)
    (status,) = statuses(world.dependencies(), ("prod",))
    assert status.exit_code is ExitCode.CLUSTER
    assert "cannot be read" in status.notes[0]


def test_status_reads_the_record_alone(world: FolderWorld) -> None:
    (status,) = statuses(world.dependencies(), ("prod",))
    assert requests(world) == [("get", RECORD)]
    assert (status.exit_code, status.objects) == (ExitCode.OK, 2)
    (secret,) = status.secrets
    assert secret.secret == KEY
    assert secret.open
    assert [used.owner.name for used in secret.references] == ["claude"]
    assert status.watched.time == status.applied.time == "2026-08-01T12:00:00Z"


def test_a_cluster_that_the_environment_pins_is_compared(world: FolderWorld) -> None:
    world.write(config=f"{CONFIG}cluster: {{uid: another}}\n")
    (status,) = statuses(world.dependencies(), ("prod",))
    assert status.exit_code is ExitCode.SAFETY
    with pytest.raises(SafetyStop):
        acknowledge(world.dependencies(), "prod", WHY)


def test_an_environment_that_cannot_be_read_stops_no_other(world: FolderWorld) -> None:
    world.write("down", "other", config=CONFIG, mock=MOCK)
    world.connects["down"] = Unreachable("no answer")
    seen = statuses(world.dependencies(), ("down", "nope", "other", "prod"))
    assert [status.exit_code for status in seen] == [
        *(ExitCode.CLUSTER, ExitCode.USAGE, ExitCode.OK, ExitCode.OK)
    ]
    assert seen[0].error
    assert seen[0].error.message == "no answer"


def test_an_acknowledgement_keeps_what_it_does_not_know(world: FolderWorld) -> None:
    live = world.cluster().get(CONFIG_MAP, HOME, RECORD)
    assert live
    record = from_config_map(live.body(), "prod")
    assert record
    later = Document.of({"later": 1})
    secrets = {KEY: replace(record.secrets[KEY], unknown=later)}
    damage(
        world,
        Document.of(with_record(live.body(), replace(record, secrets=secrets, unknown=later))),
    )
    acknowledge(world.dependencies(), "prod", WHY)
    stored = world.cluster().get(CONFIG_MAP, HOME, RECORD)
    assert stored
    after = from_config_map(stored.body(), "prod")
    assert after
    assert after.unknown == after.secrets[KEY].unknown == later
