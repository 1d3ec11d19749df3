"""A share of the environments, for runs that divide them among themselves without a word to each other."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from reconciler.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Shard:
    """The share `index` of `total`, counted from 0.

    Rendezvous hashing: the environments of the others stay where they are when one is added, and of N + 1 shards the
    new one takes its share from all of them.
    """

    index: int
    total: int

    def owns(self, name: str) -> bool:
        """Whether the environment of this name is of this share; it is of exactly one."""
        return _owner(name, self.total) == self.index

    def __str__(self) -> str:
        return f"{self.index}/{self.total}"


UNDIVIDED = Shard(0, 1)


def parts(uses: Iterable[tuple[str, str]], shard: Shard) -> Mapping[str, float]:
    """By server, the part of a shard in a limit that all shards share: its environments there, of all of them there.

    Every shard that knows the same environments has the same sum, so no shard asks another; all parts are 1 together.

    Args:
        uses: environments and the servers that they use, each pair once.
    """
    every, own = Counter[str](), Counter[str]()
    for name, server in uses:
        every[server] += 1
        own[server] += shard.owns(name)
    return {server: own[server] / every[server] for server in every}


@lru_cache(maxsize=100_000)  # a run asks several times
def _owner(name: str, total: int) -> int:
    return max(range(total), key=lambda index: _weight(name, index))


def _weight(name: str, index: int) -> bytes:
    return hashlib.sha256(f"{index}/{name}".encode()).digest()
