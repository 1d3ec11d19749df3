"""`apply --wait`: until every object is ready as its operator says, within a budget, and not longer than a signal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.dependencies import Options
from reconciler.errors import (
    ExitCode,
    Interrupted,
    LockError,
    ReconcilerError,
    RefusalReason,
    Refused,
    Unreachable,
)
from reconciler.model.change import Result
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import ClusterTarget, ClusterType, Environment
from reconciler.model.identity import CONFIG_MAP, Endpoint
from reconciler.model.live import Watched
from reconciler.model.readiness import Readiness, ReadyState
from reconciler.model.run import EnvironmentRun
from reconciler.model.verbs import APPLY
from reconciler.pipeline import run
from reconciler.report import Style
from reconciler.reports import FORMATS
from tests.fakes import Fault, FaultyCluster, Signals, StoppedClock
from tests.folder_world import FolderWorld
from tests.stages.live import HOME, PROVIDER
from tests.test_pipeline import MOCK

OTHER = MOCK.replace("name: mock", "name: other")
Look = Callable[["Operated"], None]


class Operated(FaultyCluster):
    """A cluster in which something happens before each look at it, such as the work of an operator."""

    def __init__(self, *args: Any, before: tuple[Look, ...] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self._before = list(before)

    def watch(self, endpoint: Endpoint, namespace: str, version: str, seconds: int) -> Watched:
        self._happen()
        return super().watch(endpoint, namespace, version, seconds)

    def list(self, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
        if self.of("apply"):  # not before anything was applied
            self._happen()
        return super().list(endpoint, namespace)

    def _happen(self) -> None:
        if self._before:
            self._before.pop(0)(self)

    def judge(self, name: str, phase: str, **condition: object) -> None:
        """What an operator of Omnia writes."""
        live = self.inner.get(PROVIDER, "omnia", name)
        assert live is not None
        body = live.body()
        generation = body["metadata"]["generation"]
        judged = {"observedGeneration": generation, "lastTransitionTime": "2026-08-01T12:00:00Z"}
        conditions = [{**judged, **condition}] if condition else []
        status: JsonObject = {
            "phase": phase, "observedGeneration": generation, "conditions": conditions
        }  # fmt: skip
        judged = Document.of(body | {"status": status})
        self.inner.update_status(PROVIDER, judged, manager="operator")  # type: ignore[attr-defined]


def nothing(_: Operated) -> None:
    """Nobody does anything."""


def ready(*names: str) -> Look:
    return lambda cluster: [cluster.judge(name, "Ready") for name in names] and None


def failing(name: str) -> Look:
    condition = {"type": "SecretFound", "status": "False", "reason": "SecretNotFound"}
    return lambda cluster: cluster.judge(
        name, "Error", **condition, message="secret omnia/mock not found"
    )


@pytest.fixture
def world(tmp_path: Path) -> FolderWorld:
    root = tmp_path / "config"
    root.mkdir()
    return FolderWorld(root).write(mock=MOCK)


def applied(
    world: FolderWorld,
    *before: Look,
    api_server: bool = True,
    seconds: float = 60.0,
    faults: tuple[Fault, ...] = (),
    **dependencies: Any,
) -> tuple[EnvironmentRun, Operated, StoppedClock]:
    """`apply --wait`, in a cluster where these things happen one after the other."""
    clock = StoppedClock()
    cluster = Operated(world.cluster(), *faults, before=before)

    def target(environment: Environment) -> ClusterTarget:
        return ClusterTarget(ClusterType.KUBERNETES) if api_server else environment.cluster

    deps = replace(
        world.dependencies(), clock=clock, connect=lambda _: cluster, target=target, **dependencies
    )
    options = Options(APPLY.waiting(), ready_wait=seconds)
    (environment,) = run(("prod",), deps, options).environments
    return environment, cluster, clock


def readiness(environment: EnvironmentRun) -> dict[str, Readiness | None]:
    return {change.ref.name: change.readiness for change in environment.changes}


def test_it_ends_once_every_object_is_ready(world: FolderWorld) -> None:
    world.write(mock=MOCK, other=OTHER)
    ended, cluster, clock = applied(world, nothing, ready("mock"), nothing, ready("other"))
    assert ended.exit_code is ExitCode.OK
    assert {each.state for each in readiness(ended).values() if each} == {ReadyState.READY}
    assert clock.seconds - 1000 < 10
    assert {call.kind for call in cluster.of("watch")} == {"Provider"}
    assert len(cluster.of("watch")) == 4, "one request for both objects"


def test_what_is_ready_at_once_costs_one_look(world: FolderWorld) -> None:
    _, cluster, clock = applied(world, ready("mock"))
    assert len(cluster.of("watch")) == 1
    assert clock.seconds == 1000


def test_what_never_gets_ready_is_told_with_the_reason_of_its_operator(world: FolderWorld) -> None:
    ended, _, clock = applied(world, failing("mock"), seconds=20)
    assert clock.seconds == 1020
    assert (ended.exit_code, ended.exit_reasons) == (ExitCode.PARTIAL, ("not ready",))
    assert [outcome.result for outcome in ended.outcomes] == [Result.CREATED]
    judged = readiness(ended)["mock"]
    assert judged is not None
    assert (judged.state, judged.reason) == (ReadyState.NOT_READY, "SecretNotFound")
    shown = replace(world.run(APPLY), environments=(ended,))
    text = FORMATS["text"].render(shown, Style())
    assert "NOT READY   Provider omnia/mock" in text
    assert "SecretNotFound: secret omnia/mock not found" in text


def test_what_no_operator_judges_is_not_ready(world: FolderWorld) -> None:
    ended, _, _ = applied(world, seconds=5)
    assert ended.exit_code is ExitCode.PARTIAL
    assert readiness(ended)["mock"] == Readiness(
        ReadyState.NOT_READY, "NotJudged", "its operator has not reported on it within 5 s"
    )


def test_a_status_of_before_the_apply_does_not_count(world: FolderWorld) -> None:
    applied(world, ready("mock"))
    world.write(mock=MOCK.replace("model: one", "model: two"))
    ended, _, _ = applied(world, seconds=5)
    judged = readiness(ended)["mock"]
    assert judged is not None
    assert (judged.state, judged.reason) == (ReadyState.NOT_READY, "OldGeneration")
    again, _, _ = applied(world, nothing, ready("mock"))
    assert [outcome.result for outcome in again.outcomes] == [Result.UNCHANGED]
    assert again.exit_code is ExitCode.OK, "a rerun waits for what it finds as git has it"


def test_without_permission_to_watch_it_lists(world: FolderWorld) -> None:
    forbidden = Fault(Refused(RefusalReason.FORBIDDEN, "no watch"), "watch")
    ended, cluster, _ = applied(world, nothing, nothing, ready("mock"), faults=(forbidden,))
    assert ended.exit_code is ExitCode.OK
    assert len(cluster.of("watch")) == 1


def test_a_server_that_does_not_answer_may_come_back(world: FolderWorld) -> None:
    def away(cluster: Operated) -> None:
        cluster.faults = (Fault(Unreachable("no route"), "watch"),)

    def back(cluster: Operated) -> None:
        cluster.faults = ()
        cluster.judge("mock", "Ready")

    ended, _, _ = applied(world, away, back)
    assert ended.exit_code is ExitCode.OK
    gone, _, _ = applied(
        world.write(mock=MOCK.replace("model: one", "model: two")), away, seconds=5
    )
    judged = readiness(gone)["mock"]
    assert judged is not None
    assert (judged.reason, judged.message) == ("Unreadable", "no route")


def test_a_signal_ends_the_wait_and_the_record_is_written(world: FolderWorld) -> None:
    stop = Signals()

    def signal(_: Operated) -> None:
        stop.requested = True

    ended, cluster, clock = applied(world, nothing, signal, stop=stop)
    assert clock.seconds - 1000 < 10
    judged = readiness(ended)["mock"]
    assert judged is not None
    assert judged.message == "the wait ended before its operator reported on it"
    assert cluster.inner.get(CONFIG_MAP, HOME, "provider-reconciler-prod") is not None
    lease = [call.verb for call in cluster.calls if call.kind == "Lease"]
    assert lease[-1] == "replace", "released"


@pytest.mark.parametrize("left_out", [Interrupted("not sent"), LockError("not sent")])
def test_a_look_that_is_left_out_at_the_end_loses_no_verdict(
    world: FolderWorld, left_out: ReconcilerError
) -> None:
    """It waited for its turn at a rate limit."""
    stop = Signals()

    def signal(cluster: Operated) -> None:
        stop.requested = True
        cluster.faults = (Fault(left_out, "watch"),)

    ended, _, _ = applied(world, nothing, signal, stop=stop)
    judged = readiness(ended)["mock"]
    assert judged is not None
    assert judged.message == "the wait ended before its operator reported on it"


def test_a_lost_lock_ends_the_wait(world: FolderWorld) -> None:
    clock_jumps = 50.0

    def suspended(cluster: Operated) -> None:
        cluster.clock.seconds += clock_jumps  # type: ignore[attr-defined]

    clock = StoppedClock()
    cluster = Operated(world.cluster(), before=(suspended,))
    cluster.clock = clock  # type: ignore[attr-defined]
    api_server = ClusterTarget(ClusterType.KUBERNETES)
    deps = replace(
        world.dependencies(), clock=clock, connect=lambda _: cluster, target=lambda _: api_server
    )
    (ended,) = run(("prod",), deps, Options(APPLY.waiting(), ready_wait=600)).environments
    assert ended.exit_code is ExitCode.LOCK
    assert clock.seconds < 1060


@pytest.mark.parametrize("listed", [False, True])
def test_somebody_deletes_the_object_meanwhile(world: FolderWorld, listed: bool) -> None:
    def delete(cluster: Operated) -> None:
        live = cluster.inner.get(PROVIDER, "omnia", "mock")
        assert live is not None
        cluster.inner.delete(PROVIDER, "omnia", "mock", uid=live.body()["metadata"]["uid"])

    faults = (Fault(Refused(RefusalReason.FORBIDDEN, "no"), "watch"),) if listed else ()
    ended, _, clock = applied(world, nothing, nothing, delete, seconds=600, faults=faults)
    assert ended.exit_code is ExitCode.PARTIAL
    judged = readiness(ended)["mock"]
    assert judged is not None
    assert (judged.state, judged.reason) == (ReadyState.NOT_READY, "Deleted")
    assert clock.seconds < 1060, "nobody waits for an object that is gone"


class TestFolder:
    """A directory cluster has no operator."""

    def test_nobody_is_waited_for_and_the_report_says_so(self, world: FolderWorld) -> None:
        ended, cluster, clock = applied(world, api_server=False)
        assert ended.exit_code is ExitCode.OK
        assert len(cluster.of("watch")) == 1
        assert clock.seconds == 1000
        note = "readiness: a directory cluster has no operator that reports on an object"
        assert note in ended.notes

    def test_a_status_that_somebody_writes_counts(self, world: FolderWorld) -> None:
        ended, _, _ = applied(world, failing("mock"), nothing, ready("mock"), api_server=False)
        assert ended.exit_code is ExitCode.OK
        judged = readiness(ended)["mock"]
        assert judged is not None
        assert judged.state is ReadyState.READY


def test_nothing_waits_without_the_option_or_after_an_error(world: FolderWorld) -> None:
    cluster = Operated(world.cluster(), Fault(Unreachable("no"), "replace", "ConfigMap"))
    deps = replace(world.dependencies(), connect=lambda _: cluster)
    run(("prod",), deps, Options(APPLY.waiting(), ready_wait=60))
    assert cluster.of("watch") == []
    world.run_environment(APPLY)
    assert world.connected["prod"].of("watch") == []
    world.run_environment(APPLY.waiting().as_dry_run(), ready_wait=60)
    assert world.connected["prod"].of("watch") == []


def test_progress_counts_what_is_ready(world: FolderWorld) -> None:
    lines: list[str] = []

    def progress(name: str, text: str) -> None:
        if "ready" in text:
            lines.append(f"{name}: {text}")

    world.write(mock=MOCK, other=OTHER)
    applied(world, ready("mock"), ready("other"), progress=progress)
    assert lines == [
        "prod: waiting: 0 of 2 ready, 60 s left",
        "prod: waiting: 1 of 2 ready, 59 s left",
    ]
