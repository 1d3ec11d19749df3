"""Holds: what apply leaves alone, until when, and what it does with a value that nobody can read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.kinds import KINDS
from reconciler.model.change import Action, Change, State
from reconciler.model.document import Document
from reconciler.model.hold import ANNOTATION, LONGEST, MANAGER, body_of, hold_of
from reconciler.model.observation import Observed, Orphan
from reconciler.stages.hold import hold, release
from reconciler.stages.plan import plan, plan_object
from reconciler.stages.prune.choose import choose
from tests.fakes import FaultyCluster
from tests.stages.builders import REF, US, given, observation, owner, record, stored
from tests.stages.live import made, opened, put

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
SPEC = {"type": "claude", "model": "claude-sonnet-4-5"}
OURS = owner(US, "spec.type", "spec.model")


def live(value: str | None) -> Document:
    by = owner("kubectl-annotate", operation="Update")
    by["fieldsV1"] = {"f:metadata": {"f:annotations": {f"f:{ANNOTATION}": {}}}}
    theirs = owner("k9s", "spec.model", operation="Update")
    ours = owner(US, "spec.type")
    return stored(SPEC | {"model": "x"}, ours, theirs, by, annotations={ANNOTATION: value})


def planned(value: str | None) -> Change:
    inputs = replace(given(record("spec.type", "spec.model")), now=NOW)
    predicted = stored(SPEC, OURS, annotations={ANNOTATION: value})
    return plan_object(inputs, observation(SPEC, live(value), predicted))


def test_a_held_object_is_left_alone_and_its_differences_are_shown() -> None:
    change = planned("2026-08-01T16:00:00Z vendor outage")
    assert (change.state, change.action, change.force) == (State.HELD, Action.SKIP, False)
    assert [each.shown_path for each in change.differences] == ["spec.model"]
    assert change.hold is not None
    assert (change.hold.until, change.hold.reason) == ("2026-08-01T16:00:00Z", "vendor outage")
    assert change.hold.by is not None
    assert change.hold.by.manager == "kubectl-annotate"


@pytest.mark.parametrize("value", ["2026-08-01T12:00:00Z over", "2020-01-01T00:00:00+02:00"])
def test_a_hold_ends_by_itself(value: str) -> None:
    change = planned(value)
    assert (change.state, change.action, change.hold) == (State.DRIFTED, Action.UPDATE, None)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "does not begin with a time"),  # an edit of the file of a directory cluster
        ("", "does not begin with a time"),
        ("4h", "does not begin with a time"),
        ("true", "does not begin with a time"),
        ("2026-08-02T00:00:00", "does not begin with a time"),  # in which time zone?
        ("2026-08-01", "does not begin with a time"),
        ("9999-12-31T23:59:59Z for ever", "more than 31 days"),
        ("2026-09-02T00:00:00Z", "more than 31 days"),
    ],
)
def test_a_value_that_cannot_be_used_refuses_the_object(value: str | None, problem: str) -> None:
    """Somebody meant to keep it; to overwrite it for a typing error would be the worse end."""
    change = planned(value)
    assert (change.state, change.action) == (State.HELD, Action.REFUSE)
    assert problem in change.reason


@pytest.mark.parametrize(
    ("value", "until"),
    [
        ("2026-08-01T16:00:00+02:00  two  words ", "2026-08-01T14:00:00Z"),
        ("2026-08-01T16:00:00.5Z", "2026-08-01T16:00:00Z"),
    ],
)
def test_a_time_in_another_zone(value: str, until: str) -> None:
    parsed = hold_of(live(value).body(), NOW)
    assert parsed is not None
    assert parsed.until == until


def test_a_kept_object_that_is_held_is_not_pruned() -> None:
    inputs = replace(given(record("spec.type")), now=NOW)
    orphan = Orphan(REF, live("2026-08-01T16:00:00Z outage"))
    planned = plan(inputs, Observed((), orphans=(orphan,)))
    assert planned.changes[0].hold is not None
    assert choose(None, planned) == planned  # type: ignore[arg-type]  # it is no candidate, so nothing is asked


def test_the_command_holds_and_releases_whoever_set_it(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    git, until = made(), NOW + timedelta(hours=4)
    with pytest.raises(UsageError):
        list(hold(cluster, KINDS, [git.ref], until, "outage"))
    put(cluster, git)
    endpoint = KINDS[git.ref.group_kind].endpoint
    cluster.calls.clear()
    assert list(hold(cluster, KINDS, [git.ref], until, " vendor\noutage ")) == [(git.ref, True)]
    assert [call.verb for call in cluster.calls] == ["get", "apply"]
    body = cluster.get(endpoint, "omnia", "claude")
    assert body is not None
    parsed = hold_of(body.body(), NOW)
    assert parsed is not None
    assert (parsed.until, parsed.reason) == ("2026-08-01T16:00:00Z", "vendor outage")

    patch = {"metadata": {"annotations": {ANNOTATION: "2026-08-02T00:00:00Z other"}}}
    cluster.merge_patch(endpoint, "omnia", "claude", patch, manager="kubectl-annotate")
    assert list(release(cluster, KINDS, [git.ref])) == [(git.ref, True)]
    cluster.calls.clear()
    assert list(release(cluster, KINDS, [git.ref])) == [(git.ref, False)]
    assert [call.verb for call in cluster.calls] == ["get"]


def test_nothing_is_held_if_one_of_the_objects_does_not_exist(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    put(cluster, made())
    with pytest.raises(UsageError):
        list(hold(cluster, KINDS, [made().ref, made(name="z").ref], NOW + LONGEST, "x"))
    assert [call.verb for call in cluster.writes] == ["apply"], "that of the test"


def test_the_annotation_has_a_field_manager_of_its_own() -> None:
    endpoint = KINDS[REF.group_kind].endpoint
    metadata = body_of(endpoint, REF, NOW, "x").body()["metadata"]
    assert set(metadata) == {"name", "namespace", "annotations"}
    assert MANAGER != US
