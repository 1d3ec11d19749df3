"""Whether a consumer has a new key, by the times of its pods."""

from __future__ import annotations

import pytest

from reconciler.model.identity import ObjectRef, secret_ref
from reconciler.model.impact import (
    Affected,
    Consequence,
    Effect,
    PickUp,
    PickUps,
    pick_ups,
)

SECRET = secret_ref("llm", "gateway")
ROTATED = "2026-07-30T03:07:00Z"
BEFORE, AFTER = "2026-07-30T03:06:59Z", "2026-07-30T03:07:01Z"
HOLDS = Consequence(Effect.KEEPS_OLD)


def consumer(name: str = "a", effect: Effect = Effect.KEEPS_OLD, **times: object) -> Affected:
    who = ObjectRef("agent.flokoa.ai", "Agent", "llm", name)
    return Affected(
        SECRET, who, SECRET, keys=("api-key",), on_rotation=Consequence(effect), **times
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("times", "state"),
    [
        ({"started": (AFTER, AFTER)}, PickUp.PICKED_UP),
        ({"started": (AFTER, BEFORE)}, PickUp.OLD),
        ({"started": (ROTATED,)}, PickUp.OLD),
        ({"started": ()}, PickUp.NOT_RUNNING),
        ({"started": None}, PickUp.UNKNOWN),
        ({"started": None, "created": AFTER}, PickUp.PICKED_UP),
        ({"started": (BEFORE,), "created": BEFORE}, PickUp.OLD),
        ({"started": ("not a time",)}, PickUp.OLD),
        ({"started": ("2026-07-30T05:07:01+02:00",)}, PickUp.PICKED_UP),
    ],
)
def test_the_oldest_container_decides(times: dict[str, object], state: PickUp) -> None:
    assert consumer(**times).pick_up(ROTATED) is state


def test_an_unknown_time_of_the_rotation_proves_nothing() -> None:
    assert consumer(started=(AFTER,)).pick_up("") is PickUp.OLD


def test_who_holds_the_key_is_counted_once() -> None:
    rows = [
        consumer("new", started=(AFTER,)),
        consumer("new", started=(AFTER,)),
        consumer("old", started=(BEFORE,)),
        consumer("idle", started=()),
        consumer("hidden"),
        consumer("caller", Effect.FOLLOWS),
        consumer("other", Effect.NOTHING),
    ]
    found_rows = pick_ups(rows, SECRET, "api-key", ROTATED)
    assert [ref.name for ref in found_rows.picked_up] == ["idle", "new"]
    assert [ref.name for ref in found_rows.old] == ["old"]
    assert [ref.name for ref in found_rows.unknown] == ["hidden"]
    assert not found_rows.all_checked
    for other, key in ((secret_ref("llm", "other"), "api-key"), (SECRET, "other-key")):
        assert pick_ups(rows, other, key, ROTATED) == PickUps()
        assert not PickUps().all_checked, "nobody was checked"


def test_what_nobody_may_look_at_closes_nothing_by_itself() -> None:
    assert not pick_ups([consumer("hidden")], SECRET, "api-key", ROTATED).all_checked
    consumers = [consumer("hidden"), consumer("new", started=(AFTER,))]
    assert pick_ups(consumers, SECRET, "api-key", ROTATED).all_checked
