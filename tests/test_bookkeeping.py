"""`status` and `acknowledge` send one GET for the record, `status` one for the lock, and `acknowledge` one write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.bookkeeping import acknowledge, hold, release, statuses
from reconciler.dependencies import Options
from reconciler.errors import (
    ClusterError,
    ExitCode,
    RefusalReason,
    Refused,
    SafetyStop,
    Unreachable,
    UsageError,
)
from reconciler.model.applyset import TOOL
from reconciler.model.change import Result
from reconciler.model.document import Document
from reconciler.model.identity import CONFIG_MAP, Endpoint
from reconciler.model.lease import LEASE, Lease, micro_time
from reconciler.model.record import SecretKey
from reconciler.model.record.config_map import DATA_KEY, from_config_map, with_record
from reconciler.model.rotation import Rotation
from reconciler.model.status import LockStatus
from reconciler.model.verbs import APPLY, DRIFT
from reconciler.pipeline import Step, run, steps_of
from reconciler.ports import Cluster
from reconciler.reconciliation import Reconciliation
from reconciler.semantics.ownership.queries import applied_at
from reconciler.stages.acknowledge import AcknowledgeInput
from reconciler.steps.conditions import writes
from reconciler.steps.record import advance
from tests.fakes import Fault, FaultyCluster
from tests.folder_world import CONFIG, FolderWorld
from tests.stages.live import HOME, PROVIDER
from tests.test_pipeline import CLAUDE, MOCK, RECORD

KEY = SecretKey("omnia", "claude", "ANTHROPIC_API_KEY")
WHY = AcknowledgeInput(("omnia/claude",), "agents restarted")


def rotated(tmp_path: Path) -> FolderWorld:
    """Applied, then a key was rotated."""
    root = tmp_path / "config"
    root.mkdir()
    world = FolderWorld(root).write(claude=CLAUDE, mock=MOCK)
    world.secret("sk-ant-the-first-value")
    assert world.run_environment(APPLY).exit_code is ExitCode.OK
    world.secret("sk-ant-the-second-value")
    return world


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    """Applied, rotated, and recorded."""
    world = rotated(tmp_path)
    world.run_environment(DRIFT.recording())
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
    result = world.run_environment(DRIFT)
    assert [row.rotation for row in result.secrets] == [Rotation.NONE]
    assert result.exit_code is ExitCode.OK
    (status,) = statuses(world.dependencies(), ("prod",))
    (secret,) = status.secrets
    (rotation,) = secret.rotations
    assert rotation.closed
    assert (rotation.closed.how, rotation.closed.reason) == ("acknowledged", "agents restarted")


def test_a_second_rotation_within_the_same_second_is_another_one(world: FolderWorld) -> None:
    acknowledge(world.dependencies(), "prod", WHY)
    world.secret("sk-ant-the-third-value")
    for _ in range(2):
        assert world.run_environment(DRIFT.recording()).exit_code is ExitCode.DIFFERENCES
    (status,) = statuses(world.dependencies(), ("prod",))
    (secret,) = status.secrets
    assert [rotation.closed is None for rotation in secret.rotations] == [False, True]


def test_a_rotation_that_is_acknowledged_ahead_fails_no_run(world: FolderWorld) -> None:
    inputs = replace(WHY, until="2026-08-02T00:00:00Z")
    acknowledge(world.dependencies(), "prod", inputs)
    world.secret("sk-ant-the-third-value")
    result = world.run_environment(DRIFT.recording())
    assert [row.rotation for row in result.secrets] == [Rotation.ACKNOWLEDGED]
    assert result.exit_code is ExitCode.OK
    world.secret("sk-ant-the-fourth-value")
    assert world.run_environment(DRIFT).exit_code is ExitCode.OK, "until its end, not once"


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


class Meanwhile(FaultyCluster):
    """Somebody acts just before the record is written."""

    def __init__(self, inner: Cluster, act: Callable[[], object]) -> None:
        super().__init__(inner)
        self._acts = [act]

    def replace(self, endpoint: Endpoint, body: Document) -> Document:
        if endpoint == CONFIG_MAP and self._acts and DATA_KEY in str(body):
            self._acts.pop()()
        return super().replace(endpoint, body)


@pytest.mark.parametrize("fails", [False, True])
def test_an_apply_keeps_what_somebody_acknowledges_meanwhile(
    world: FolderWorld, fails: bool
) -> None:
    world.write(mock=MOCK.replace("model: one", "model: two"), claude=CLAUDE)
    connected = Meanwhile(world.cluster(), lambda: acknowledge(world.dependencies(), "prod", WHY))
    deps = replace(world.dependencies(), connect=lambda _: connected)
    sequence = steps_of(APPLY)
    if fails:

        def failing(*_: object) -> Reconciliation:
            raise Unreachable("no answer")

        sequence = tuple(
            Step(failing, writes) if step.run is advance else step for step in sequence
        )
    (ended,) = run(("prod",), deps, Options(APPLY), sequence).environments
    assert ended.exit_code is (ExitCode.CLUSTER if fails else ExitCode.OK)
    assert {o.ref.name: o.result for o in ended.outcomes}["mock"] is Result.CONFIGURED
    result = world.run_environment(DRIFT)
    assert result.exit_code is ExitCode.OK
    assert [row.rotation for row in result.secrets] == [Rotation.NONE], "it is acknowledged"
    record = from_config_map(connected.inner.get(CONFIG_MAP, HOME, RECORD).body(), "prod")  # type: ignore[union-attr]
    live = world.cluster().get(PROVIDER, "omnia", "mock")
    assert live is not None
    (mock,) = (o for ref, o in record.objects.items() if ref.name == "mock")
    assert mock.written == applied_at(live.body(), TOOL), "and the apply is on record"


def test_a_rotation_that_a_watch_records_meanwhile_is_recorded_once(tmp_path: Path) -> None:
    world = rotated(tmp_path)
    connected = Meanwhile(world.cluster(), lambda: world.run_environment(DRIFT.recording()))
    deps = replace(world.dependencies(), connect=lambda _: connected)
    (ended,) = run(("prod",), deps, Options(APPLY)).environments
    assert ended.exit_code is ExitCode.OK
    (status,) = statuses(world.dependencies(), ("prod",))
    (secret,) = status.secrets
    assert [rotation.closed for rotation in secret.rotations] == [None]


def test_another_apply_meanwhile_is_a_safety_stop(world: FolderWorld) -> None:
    world.write(mock=MOCK.replace("model: one", "model: two"), claude=CLAUDE)

    def other() -> None:
        cluster = world.cluster()
        live = cluster.get(CONFIG_MAP, HOME, RECORD)
        assert live
        record = replace(from_config_map(live.body(), "prod"), objects={})
        cluster.replace(CONFIG_MAP, Document.of(with_record(live.body(), record)))

    deps = replace(world.dependencies(), connect=lambda _: Meanwhile(world.cluster(), other))
    (ended,) = run(("prod",), deps, Options(APPLY)).environments
    assert ended.exit_code is ExitCode.SAFETY


def test_without_a_record_there_is_nothing_to_acknowledge(world: FolderWorld) -> None:
    world.write("other", config=CONFIG, mock=MOCK)
    with pytest.raises(
        UsageError, match="other has no record: never applied, or the record was removed"
    ):
        acknowledge(world.dependencies(), "other", WHY)


def test_status_knows_that_there_is_no_record(world: FolderWorld) -> None:
    world.write("other", config=CONFIG, mock=MOCK)
    rows = statuses(world.dependencies(), ("other", "prod"))
    assert [status.recorded for status in rows] == [False, True]


def test_a_record_that_cannot_be_read_is_not_overwritten(world: FolderWorld) -> None:
    damage(world, Document.of({"binaryData": {DATA_KEY: "AAAA"}}))
    with pytest.raises(ClusterError, match="cannot be read"):
        acknowledge(world.dependencies(), "prod", WHY)
    (status,) = statuses(world.dependencies(), ("prod",))
    assert status.exit_code is ExitCode.CLUSTER
    assert "cannot be read" in status.notes[0]


def test_status_tells_who_holds_the_lock(world: FolderWorld) -> None:
    deps = world.dependencies()
    now = deps.clock.now()
    lease = world.cluster().get(LEASE, HOME, RECORD)
    assert lease
    world.cluster().replace(LEASE, Lease.of(lease).taken("runner-7/1", now))
    (status,) = statuses(deps, ("prod",))
    assert status.lock == LockStatus("runner-7/1", micro_time(now), micro_time(now))
    deps.clock.sleep(61)
    (status,) = statuses(deps, ("prod",))
    assert status.lock
    assert status.lock.expired


def test_a_lock_that_may_not_be_read_hides_nothing_else(world: FolderWorld) -> None:
    refusal = Refused(RefusalReason.FORBIDDEN, "no")
    for error, says in ((refusal, "no permission"), (Unreachable("no answer"), "no answer")):
        world.faults["prod"] = (Fault(error, "get", "Lease"),)
        (status,) = statuses(world.dependencies(), ("prod",))
        assert (status.exit_code, status.objects) == (ExitCode.OK, 2)
        assert status.lock == LockStatus(unread=says)


def test_status_reads_the_record_alone(world: FolderWorld) -> None:
    (status,) = statuses(world.dependencies(), ("prod",))
    calls = world.connected["prod"].calls
    assert [(call.verb, call.kind) for call in calls] == [("get", "ConfigMap"), ("get", "Lease")]
    assert status.lock == LockStatus(), "the apply has released it"
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
    rows = statuses(world.dependencies(), ("down", "nope", "other", "prod"))
    assert [status.exit_code for status in rows] == [
        *(ExitCode.CLUSTER, ExitCode.USAGE, ExitCode.OK, ExitCode.OK)
    ]
    assert rows[0].error
    assert rows[0].error.message == "no answer"


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


def test_what_git_no_longer_has_can_be_held_and_released(world: FolderWorld) -> None:
    (world.root / "environments/prod/mock.yaml.j2").unlink()
    chosen = frozenset({"provider/omnia/mock"})
    until = world.dependencies().clock.now() + timedelta(hours=1)
    (held,) = hold(world.dependencies(), "prod", chosen, until, "an outage")
    assert held[0].name == "mock"
    (released,) = release(world.dependencies(), "prod", chosen)
    assert released[0].name == "mock"
    with pytest.raises(UsageError, match="neither git nor the record"):
        list(release(world.dependencies(), "prod", frozenset({"provider/omnia/none"})))
