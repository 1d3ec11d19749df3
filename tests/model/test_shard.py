"""Shares of the environments."""

from __future__ import annotations

from collections import Counter

import pytest

from reconciler.model.shard import UNDIVIDED, Shard

NAMES = [f"cluster-{number:04}" for number in range(2000)]


def owners(names: list[str], total: int) -> dict[str, int]:
    shards = [Shard(index, total) for index in range(total)]
    owners = {name: [shard.index for shard in shards if shard.owns(name)] for name in names}
    assert all(len(owning) == 1 for owning in owners.values()), "exactly one"
    return {name: owning[0] for name, owning in owners.items()}


@pytest.mark.parametrize("total", [1, 2, 3, 8])
def test_every_environment_is_of_exactly_one_share_of_about_its_size(total: int) -> None:
    counts = Counter(owners(NAMES, total).values())
    assert len(counts) == total
    assert max(counts.values()) < 1.25 * len(NAMES) / total


def test_another_environment_moves_none() -> None:
    few, many = owners(NAMES[::2], 8), owners(NAMES, 8)
    assert {name: many[name] for name in few} == few


def test_another_shard_takes_from_all_and_moves_no_other() -> None:
    before, after = owners(NAMES, 8), owners(NAMES, 9)
    moved = {name for name in NAMES if before[name] != after[name]}
    assert {after[name] for name in moved} == {8}
    assert len(moved) < len(NAMES) / 6


def test_the_whole_has_all() -> None:
    assert all(UNDIVIDED.owns(name) for name in NAMES)


def test_a_share_stays_the_same_in_every_release() -> None:
    """Two releases may run side by side."""
    names = ("dev", "prod", "staging", "prod-eu", "prod-us")
    assert [name for name in names if Shard(0, 2).owns(name)] == ["prod", "prod-eu", "prod-us"]
