"""Which providers are stamped, with which token, and when there is nothing to stamp."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.adapters.directory import DirectoryCluster
from reconciler.errors import Unreachable
from reconciler.kinds import KINDS
from reconciler.model.applyset import PART_OF
from reconciler.model.hold import ANNOTATION as ANNOTATION_OF_HOLD
from reconciler.model.identity import ObjectRef
from reconciler.model.rotation import Rotation, SecretRow
from reconciler.model.secret import Keyring, SecretReading, SecretReference, SecretState
from reconciler.model.stamp import ANNOTATION, MANAGER, Stamped, StampResult, token, tokens_of
from reconciler.ports import Cluster, Stop
from reconciler.stages.stamp import StampInput, stamp
from tests.fakes import Fault, FaultyCluster, Signals, StoppedClock
from tests.stages.builders import SET_ID
from tests.stages.live import GATEWAY, GO, PROVIDER, live, made, opened, put

CLAUDE, GPT = made(name="claude"), made(name="gpt")
KEYRING = Keyring(bytes(32))


def row(
    owner: ObjectRef, value: str, rotation: Rotation = Rotation.ROTATED, name: str = "keys"
) -> SecretRow:
    """A reference whose Secret has this value; "" for one that could not be read."""
    reference = SecretReference(owner.namespace, name, f"spec.{name}", ("KEY",))
    fingerprint = KEYRING.fingerprint("prod", owner.namespace, name, "KEY", value.encode())
    reading = SecretReading(SecretState.OK, "KEY", fingerprint)
    if not value:
        reading = SecretReading(SecretState.FORBIDDEN, "KEY")
    return SecretRow(owner, reference, reading, rotation)


@pytest.fixture
def cluster(tmp_path: Path) -> DirectoryCluster:
    directory = opened(tmp_path)
    put(directory, CLAUDE, GPT)
    return directory


def run(
    cluster: Cluster, *rows: SecretRow, stop: Stop = GO, lost: bool = False
) -> dict[str, Stamped]:
    def get(ref: ObjectRef) -> object:
        endpoint = KINDS[ref.group_kind].endpoint
        return cluster.get(endpoint, ref.namespace, ref.name)

    now = StoppedClock().now()
    inputs = StampInput(rows, KINDS, SET_ID, get, KEYRING, now)  # type: ignore[arg-type]
    return {outcome.ref.name: outcome for outcome in stamp(inputs, cluster, stop, lambda: lost)}


def test_one_patch_names_every_rotated_key_of_a_provider(cluster: DirectoryCluster) -> None:
    counting = FaultyCluster(cluster)
    rows = (row(CLAUDE.ref, "a"), row(CLAUDE.ref, "b", name="ca"), row(GPT.ref, "c", Rotation.NONE))
    outcomes = run(counting, *rows)
    assert list(outcomes) == ["claude"]
    assert outcomes["claude"].secrets == ("omnia/keys [KEY]", "omnia/ca [KEY]")
    (patch,) = counting.writes
    assert patch.body is not None
    assert patch.body.body()["metadata"] == {
        "name": "claude",
        "namespace": "omnia",
        "uid": live(cluster, CLAUDE)["metadata"]["uid"],
        "annotations": {ANNOTATION: ".".join(sorted(token(KEYRING, each) for each in rows[:2]))},
    }
    assert "spec" not in patch.body.body()


def test_two_providers_with_one_secret_have_different_tokens() -> None:
    ours, theirs = row(CLAUDE.ref, "a"), row(GPT.ref, "a")
    assert ours.reading.fingerprint == theirs.reading.fingerprint
    assert token(KEYRING, ours) != token(KEYRING, theirs)


def test_the_token_is_no_part_of_a_fingerprint() -> None:
    reference = row(CLAUDE.ref, "a")
    assert reference.reading.fingerprint is not None
    assert token(KEYRING, reference) not in reference.reading.fingerprint.digest
    assert token(Keyring(bytes([1] * 32)), reference) != token(KEYRING, reference)


def test_a_rotation_that_is_stamped_stays_so_while_another_reference_cannot_be_read(
    cluster: DirectoryCluster,
) -> None:
    """Three runs: both keys rotated; then the second is forbidden, and the first rotates again; then both are read."""
    run(cluster, row(CLAUDE.ref, "a"), row(CLAUDE.ref, "b", name="ca"))
    forbidden = row(CLAUDE.ref, "", Rotation.NONE, name="ca")
    assert run(cluster, row(CLAUDE.ref, "c"), forbidden)["claude"].result is StampResult.STAMPED
    again = run(cluster, row(CLAUDE.ref, "c"), row(CLAUDE.ref, "b", name="ca"))
    assert again["claude"].result is StampResult.UNCHANGED


def test_old_tokens_go_when_every_reference_was_read(cluster: DirectoryCluster) -> None:
    for value in ("a", "b", "c"):
        run(cluster, row(CLAUDE.ref, value))
    assert tokens_of(live(cluster, CLAUDE)) == {token(KEYRING, row(CLAUDE.ref, "c"))}


def test_an_annotation_that_someone_changed_is_ours_again(cluster: DirectoryCluster) -> None:
    run(cluster, row(CLAUDE.ref, "a"))
    patch = {"metadata": {"annotations": {ANNOTATION: "by-hand"}}}
    cluster.merge_patch(PROVIDER, "omnia", "claude", patch, manager="kubectl-annotate")
    assert run(cluster, row(CLAUDE.ref, "a"))["claude"].result is StampResult.STAMPED
    assert tokens_of(live(cluster, CLAUDE)) == {token(KEYRING, row(CLAUDE.ref, "a"))}


def test_a_held_provider_is_left_alone(cluster: DirectoryCluster) -> None:
    endpoint = KINDS[CLAUDE.ref.group_kind].endpoint
    patch = {"metadata": {"annotations": {ANNOTATION_OF_HOLD: "2026-08-01T16:00:00Z outage"}}}
    cluster.merge_patch(endpoint, "omnia", "claude", patch, manager="kubectl-annotate")
    outcome = run(cluster, row(CLAUDE.ref, "a"))["claude"]
    assert outcome.result is StampResult.SKIPPED
    assert "held until 2026-08-01T16:00:00Z" in outcome.message


def test_a_provider_that_is_gone_is_not_created(cluster: DirectoryCluster) -> None:
    counting = FaultyCluster(cluster)
    absent = made(name="absent")
    outcome = run(counting, row(absent.ref, "a"))["absent"]
    assert (outcome.result, counting.writes) == (StampResult.SKIPPED, [])
    assert "does not exist" in outcome.message


def test_an_object_of_someone_else_is_left_alone(cluster: DirectoryCluster) -> None:
    counting = FaultyCluster(cluster)
    theirs, another_set = made(name="theirs"), made(name="another-set")
    cluster.create(PROVIDER, theirs.document)
    put(cluster, another_set, set_id="applyset-of-staging")
    assert live(cluster, another_set)["metadata"]["labels"][PART_OF] != SET_ID
    outcomes = run(counting, row(theirs.ref, "a"), row(another_set.ref, "a"))
    assert {outcome.result for outcome in outcomes.values()} == {StampResult.SKIPPED}
    assert counting.writes == []


def test_a_failure_with_one_provider_stops_no_other(cluster: DirectoryCluster) -> None:
    put(cluster, made(GATEWAY, "gateway", "llm"))
    broken = FaultyCluster(
        cluster,
        Fault(Unreachable("no answer"), "apply", name="claude"),
        Fault(RuntimeError("canary-5e0f"), "apply", name="gateway"),
    )
    gateway = made(GATEWAY, "gateway", "llm").ref
    outcomes = run(broken, row(CLAUDE.ref, "a"), row(GPT.ref, "a"), row(gateway, "a"))
    assert {name: outcome.result.value for name, outcome in outcomes.items()} == {
        "claude": "failed",
        "gpt": "stamped",
        "gateway": "failed",
    }
    assert "canary" not in repr(outcomes)


def test_after_a_signal_no_provider_is_stamped(cluster: DirectoryCluster) -> None:
    outcomes = run(cluster, row(CLAUDE.ref, "a"), stop=Signals(requested=True))
    assert outcomes["claude"].result is StampResult.SKIPPED
    assert tokens_of(live(cluster, CLAUDE)) == frozenset()


def test_without_a_rotation_that_was_read_there_is_nothing_to_stamp(
    cluster: DirectoryCluster,
) -> None:
    unread = replace(row(CLAUDE.ref, ""), rotation=Rotation.ROTATED)
    assert run(cluster, row(GPT.ref, "a", Rotation.FIRST_SEEN), unread) == {}
    assert MANAGER not in repr(live(cluster, GPT))


def test_once_the_lock_is_lost_no_provider_is_stamped(cluster: DirectoryCluster) -> None:
    counting = FaultyCluster(cluster)
    outcome = run(counting, row(CLAUDE.ref, "a"), lost=True)["claude"]
    assert (outcome.result, counting.writes) == (StampResult.SKIPPED, [])
    assert outcome.message == "the lock was lost before it was stamped"
