"""The rate limit of `--requests-per-second`: one bucket for each API server, with the part of this shard in it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from reconciler.cli.execution.stop import STOP
from reconciler.cli.wiring.inputs import Inputs
from reconciler.cli.wiring.names import resolve
from reconciler.frozen import dataclass
from reconciler.http.rate import Bucket, Turns
from reconciler.model.environment import ClusterTarget, ClusterType, Environment
from reconciler.model.shard import UNDIVIDED, Shard, parts
from reconciler.ports import Repository


@dataclass(frozen=True, slots=True)
class Division:
    """How a run divides its environments with others.

    Attributes:
        names: of the command line, the same for all shards.
        reads_earlier: a run of an environment reads the records of those in its `after`.
    """

    shard: Shard = UNDIVIDED
    names: tuple[str, ...] = ()
    reads_earlier: bool = False


ALONE: Final = Division()


class RateLimit:
    """Thread-safe.

    Args:
        rate: requests a second to one server, of all shards together.
        uses: returns the environments of all shards, each with each API server that it uses; called at most once.
        bucket: makes one.
    """

    def __init__(
        self,
        rate: float,
        shard: Shard,
        uses: Callable[[], Iterable[tuple[str, str]]],
        bucket: Callable[[float], Bucket] = Bucket,
    ) -> None:
        self._rate = rate
        self._shard = shard
        self._uses = uses
        self._bucket = bucket
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def turns_at(self, server: str) -> Turns:
        """The turns of one connection to a server."""
        with self._lock:
            if server not in self._buckets:
                # A server that no file names has at most the parts of all shards.
                part = self._parts.get(server) or 1 / self._shard.total
                self._buckets[server] = self._bucket(self._rate * part)
            return Turns(self._buckets[server], lambda: STOP.requested)

    @cached_property
    def _parts(self) -> Mapping[str, float]:
        return {} if self._shard == UNDIVIDED else parts(self._uses(), self._shard)


def turns_of(inputs: Inputs, division: Division, fleet: Fleet) -> Callable[[str], Turns]:
    """The turns of a new connection to the API server with a URL."""
    if inputs.requests_per_second is None:
        return lambda _: Turns()
    uses = partial(fleet.uses, inputs, division)
    return RateLimit(inputs.requests_per_second, division.shard, uses).turns_at


@dataclass(frozen=True, slots=True)
class Fleet:
    """The environments of all shards, by their environment.yaml alone.

    One that cannot be read is left out: nor can its own run, which then sends no request.

    Attributes:
        trusted: decides for the environments that it has; None without `--trust`.
    """

    repository: Repository
    trusted: Repository | None
    root: Path
    target: Callable[[Environment], ClusterTarget]
    target_of_earlier: Callable[[Environment], ClusterTarget]

    def uses(self, inputs: Inputs, division: Division) -> Iterator[tuple[str, str]]:
        """Each environment with each API server that it uses."""
        from reconciler.adapters.kubernetes.kubeconfig import servers_of

        contexts = set(self._contexts(division))
        known = servers_of(inputs.kubeconfig or None, {each for _, each in contexts}, os.environ)
        yield from {(name, known[each]) for name, each in contexts if each in known}

    def _contexts(self, division: Division) -> Iterator[tuple[str, str]]:
        from reconciler.stages.load import environments

        decided = frozenset(environments(self.trusted)) if self.trusted else frozenset[str]()
        for name in resolve(self.repository, division.names):
            for outline in self._outlines((name,), decided):
                yield from _context(name, self.target(outline))
                before = outline.after if division.reads_earlier else ()
                for earlier in self._outlines(before, decided):
                    yield from _context(name, self.target_of_earlier(earlier))

    def _outlines(self, names: Iterable[str], decided: frozenset[str]) -> Iterator[Environment]:
        from reconciler.stages.load import load_outline

        for name in names:
            repository = self.trusted if name in decided else None
            with suppress(Exception):
                yield load_outline(repository or self.repository, self.root, name)


def _context(name: str, target: ClusterTarget) -> Iterator[tuple[str, str]]:
    """The context of an environment on an API server, "" for the current one or the account of the pod."""
    if target.type is ClusterType.KUBERNETES:
        yield name, "" if target.pod else target.context
