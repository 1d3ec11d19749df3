"""A share of the environments, for runs that divide them among themselves without a word to each other."""

from __future__ import annotations

import hashlib

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
        return max(range(self.total), key=lambda index: _weight(name, index)) == self.index

    def __str__(self) -> str:
        return f"{self.index}/{self.total}"


UNDIVIDED = Shard(0, 1)


def _weight(name: str, index: int) -> bytes:
    return hashlib.sha256(f"{index}/{name}".encode()).digest()
