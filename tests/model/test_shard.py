"""Shares of the environments."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.shard import UNDIVIDED, Shard, parts

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


_USES = st.sets(st.tuples(st.sampled_from(NAMES[:40]), st.sampled_from(["eu", "us", "test"])))


@given(_USES, st.integers(1, 12))
def test_the_parts_of_all_shards_are_the_whole(uses: set[tuple[str, str]], total: int) -> None:
    divided = [parts(uses, Shard(index, total)) for index in range(total)]
    for server in {server for _, server in uses}:
        assert math.isclose(sum(each[server] for each in divided), 1)


@given(_USES, st.integers(1, 12))
def test_a_part_is_that_of_the_environments_on_the_server(
    uses: set[tuple[str, str]], total: int
) -> None:
    """So a shard without one there has none, and the only shard there has everything."""
    for shard in (Shard(index, total) for index in range(total)):
        for server, part in parts(uses, shard).items():
            users = [name for name, each in uses if each == server]
            assert part == sum(map(shard.owns, users)) / len(users)


def test_the_whole_has_all() -> None:
    assert all(UNDIVIDED.owns(name) for name in NAMES)


def test_a_share_stays_the_same_in_every_release() -> None:
    """Two releases may run side by side."""
    names = ("dev", "prod", "staging", "prod-eu", "prod-us")
    assert [name for name in names if Shard(0, 2).owns(name)] == ["prod", "prod-eu", "prod-us"]
