"""10,000 generated histories of Secrets against a model that only knows values: no false rotation, and none missed.

A history edits git, rotates, empties and deletes Secrets, at once or not, replaces the fingerprint key, and
acknowledges. Its runs record or not, see one object or all, may not read some Secrets, end before they write, and see
pick-ups. Some fields have consumers that read another key, or a Secret of their own namespace; some runs cannot list
them.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

import pytest

from reconciler.model.identity import ObjectRef
from reconciler.model.observation import ResolvedSecret
from reconciler.model.record import Record, SecretKey
from reconciler.model.record.rotations import Moment
from reconciler.model.record.stored import from_json, to_json
from reconciler.model.rotation import SecretRow, reported
from reconciler.model.secret import (
    Fingerprint,
    Keyring,
    SecretReading,
    SecretReference,
    SecretState,
)
from reconciler.stages.acknowledge import AcknowledgeInput, acknowledge
from reconciler.stages.advance import advance_secrets
from reconciler.stages.secrets import compare_secrets, with_pick_up

SHARDS = 10
HISTORIES = int(os.environ.get("HISTORIES", "1000"))  # of each shard
STEPS = 10

OWNERS = tuple(ObjectRef("omnia.altairalabs.ai", "Provider", "omnia", f"p{n}") for n in range(3))
SECRETS = (("omnia", "one"), ("omnia", "two"), ("llm", "one"), ("llm", "two"))
KEYS = (("A",), ("B",), ("A", "B"), ("A", "B"))
EMPTY = 0
NOT_READ = {SecretState.FORBIDDEN, SecretState.UNAVAILABLE, SecretState.ERROR}
RINGS = tuple(Keyring(bytes([number] * 32)) for number in range(4))

AGENT = ObjectRef("omnia.altairalabs.ai", "AgentRuntime", "omnia", "shop")
AGENTS = str(AGENT.group_kind)

Reference = tuple[
    ObjectRef, str, tuple[str, str], str
]  # owner, field, Secret, the kind that reads it


@cache
def fingerprint(ring: int, key: SecretKey, value: int) -> Fingerprint:
    return RINGS[ring].fingerprint("prod", key.namespace, key.name, key.key, b"%d" % value)


@dataclass(frozen=True)
class Read:
    """What a run reads through a reference; `value` is 0 unless the state is ok."""

    reference: Reference
    keys: tuple[str, ...]
    state: SecretState
    key: SecretKey
    value: int
    ring: int

    @property
    def resolved(self) -> ResolvedSecret:
        owner, path, (namespace, name), reader = self.reference
        mark = fingerprint(self.ring, self.key, self.value) if self.value else None
        reading = SecretReading(self.state, self.key.key, mark)
        reference = SecretReference(namespace, name, path, self.keys)
        return ResolvedSecret(owner, reference, reading, (AGENT,) if reader else ())


@dataclass(frozen=True)
class Known:
    """What the last run that recorded knew of a reference: the key that it read last, and its state."""

    key: SecretKey
    keys: tuple[str, ...]
    state: SecretState


@dataclass
class Model:
    """What is known, in values: of each key the last one with its fingerprint key, and which word is open."""

    values: dict[SecretKey, tuple[int, int]] = field(default_factory=dict)
    open: dict[SecretKey, str] = field(default_factory=dict)
    until: dict[SecretKey, str] = field(default_factory=dict)
    references: dict[Reference, Known] = field(default_factory=dict)

    def words(self, reads: list[Read], picked: set[SecretKey], now: str) -> list[tuple[str, bool]]:
        """For each read, the word of the report, and whether a rotation is open."""
        words = [self._word(read, reads, picked, now) for read in reads]
        keys = [self._concerned(read) for read in reads]
        closed = {key for key, (word, _) in zip(keys, words, strict=True) if word == "picked-up"}
        return [
            (word, is_open and key not in closed)
            for key, (word, is_open) in zip(keys, words, strict=True)
        ]

    def _concerned(self, read: Read) -> SecretKey:
        """The key whose rotation a read shows."""
        known = self.references.get(read.reference)
        return known.key if known and not read.value else read.key

    def _word(
        self, read: Read, reads: list[Read], picked: set[SecretKey], now: str
    ) -> tuple[str, bool]:
        if read.value:
            return self._of_value(read, reads, picked, now)
        known = self.references.get(read.reference)
        if known is None or known.key.key not in read.keys:
            return "none", False
        still_open = self.open.get(known.key)
        shown_as_recorded = read.state is SecretState.FORBIDDEN or (
            read.state is SecretState.UNAVAILABLE and known.state is SecretState.OK
        )
        if not (still_open and shown_as_recorded and known.state is SecretState.OK):
            return "none", bool(still_open)
        return ("picked-up", False) if known.key in picked else (still_open, True)

    def _of_value(
        self, read: Read, reads: list[Read], picked: set[SecretKey], now: str
    ) -> tuple[str, bool]:
        word = self.noticed(read, reads)
        if word and self.until.get(read.key, "") >= now:
            return "acknowledged", False
        word_open = word or self.open.get(read.key, "")
        if word_open and read.key in picked:
            return "picked-up", False
        if word:
            return word, True
        before = self.values.get(read.key)
        if before is None:
            return "first-seen", False
        if before[1] != read.ring:
            return "baseline-reset", bool(word_open)
        return (word_open, True) if word_open else (self._after_gap(read.key), False)

    def _after_gap(self, key: SecretKey) -> str:
        states = {known.state for known in self.references.values() if known.key == key}
        return "back" if states and SecretState.OK not in states else "none"

    def noticed(self, read: Read, reads: list[Read]) -> str:
        """The word for a value that no run has recorded; "" if it is known, or is the first."""
        before = self.values.get(read.key)
        if before and before[1] == read.ring and before[0] != read.value:
            return "rotated"
        for other in reads:
            known = self.references.get(other.reference)
            if other.key == read.key and other.value and known:
                moved = known.key != other.key and known.keys == other.keys
                if moved and known.key in self.values:
                    return "other-key"
        return ""

    def record(
        self,
        reads: list[Read],
        picked: set[SecretKey],
        now: str,
        selected: set[ObjectRef] | None,
        *,
        listed: bool,
    ) -> None:
        words = dict(zip(reads, self.words(reads, picked, now), strict=True))
        noticed = {read: self.noticed(read, reads) for read in reads if read.value}
        kept = {
            reference: known
            for reference, known in self.references.items()
            if (selected is not None and reference[0] not in selected)
            or (reference[3] and not listed)
        }
        for read, (word, is_open) in words.items():
            known = self.references.get(read.reference)
            if read.state in NOT_READ:
                if known:
                    kept[read.reference] = known
                    if word == "picked-up":
                        self.open.pop(known.key, None)
                continue
            key = read.key
            if read.value:
                self.values[key] = (read.value, read.ring)
                if not is_open:
                    self.open.pop(key, None)
                elif noticed[read]:
                    self.open[key] = noticed[read]
            elif known and known.key.key in read.keys:
                key = known.key
            kept[read.reference] = Known(key, read.keys, read.state)
        self.references = kept
        self._forget(reads, everything=selected is None)

    def _forget(self, reads: list[Read], *, everything: bool) -> None:
        filed = {known.key for known in self.references.values()}
        looked_for = {replace(read.key, key=key) for read in reads for key in read.keys}
        for key in set(self.open) - filed:
            del self.open[key]
        if everything:
            for key in set(self.values) - filed - looked_for:
                self.values.pop(key)
            for key in set(self.until) - filed - looked_for:
                self.until.pop(key)


class World:
    """Git, the Secrets, the fingerprint key and the record, all driven by one source of chance."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self.git: dict[tuple[ObjectRef, str], tuple[tuple[str, str], tuple[str, ...]]] = {}
        self.consumed: dict[tuple[ObjectRef, str], tuple[str, str]] = {}
        self.secrets: dict[tuple[str, str], dict[str, int]] = {}
        self.leaving: set[tuple[str, str]] = set()
        self.ring = 0
        self.hour = 0
        self.record = Record("prod")
        self.model = Model()
        self.events: Counter[str] = Counter()
        for _ in range(3):
            self.edit()
        self.deploy()
        self.deploy()
        for name in SECRETS:
            self.secrets[name] = {"A": 1} if self.happens(0.6) else {"B": 1}
        self.backup = {name: dict(secret) for name, secret in self.secrets.items()}
        self.run()

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    @property
    def now(self) -> str:
        return f"2026-08-{1 + self.hour // 24:02}T{self.hour % 24:02}:00:00Z"

    def step(self) -> None:
        self.hour += self.chance.randrange(1, 8)
        act = self.chance.choices(
            (
                self.run,
                self.rotate,
                self.lose,
                self.restore,
                self.edit,
                self.acknowledge,
                self.rekey,
                self.deploy,
            ),
            (40, 16, 12, 12, 7, 8, 2, 6),
        )[0]
        act()

    def rotate(self) -> None:
        secret = self.secrets.setdefault(self.some_secret(), {})
        secret[self.chance.choice("AAB")] = self.chance.randrange(1, 4)

    def some_secret(self) -> tuple[str, str]:
        """One that git names, mostly."""
        named = sorted(name for name, _ in self.git.values())
        named += sorted(name for place in self.consumed for name, _ in self.consumer_reads(place))
        return self.chance.choice(named if named and self.happens(0.9) else SECRETS)

    def restore(self) -> None:
        name = self.some_secret()
        self.secrets[name] = dict(self.backup[name])
        self.leaving.discard(name)

    def lose(self) -> None:
        name = self.some_secret()
        secret = self.secrets.get(name, {})
        if secret and EMPTY not in secret.values():
            self.backup[name] = dict(secret)
        key = self.chance.choice("AB")
        match self.chance.randrange(4):
            case 0:
                self.secrets.pop(name, None)
                self.leaving.discard(name)
            case 1:
                secret.pop(key, None)
            case 2 if key in secret:
                secret[key] = EMPTY
            case 3 if secret:
                self.leaving.add(name)

    def edit(self) -> None:
        place = self.chance.choice(OWNERS), self.chance.choice(("f", "f", "g"))
        if self.happens(0.4) and self.git:
            self.git[place] = self.git.pop(self.chance.choice(sorted(self.git)))
        elif self.happens(0.2) and place in self.git:
            del self.git[place]
        else:
            self.git[place] = self.chance.choice(SECRETS), self.chance.choice(KEYS)

    def deploy(self) -> None:
        """Let consumers read a field, through one key and in their own namespace, or delete them."""
        place = self.chance.choice(sorted(self.git) or [(OWNERS[0], "f")])
        if self.happens(0.25):
            self.consumed.pop(place, None)
        else:
            self.consumed[place] = self.chance.choice(("omnia", "llm")), self.chance.choice("AB")

    def rekey(self) -> None:
        self.ring = (self.ring + 1) % len(RINGS)

    def acknowledge(self) -> None:
        known = sorted(self.record.secrets)
        if not known:
            return
        is_open = [key for key in known if self.record.secrets[key].open]
        single = self.chance.choice(is_open if is_open and self.happens(0.8) else known)
        chosen = known if self.happens(0.3) else [single]
        names = tuple(f"{key.namespace}/{key.name}/{key.key}" for key in chosen)
        ahead = self.happens(0.4)
        if not ahead and not all(self.record.secrets[key].open for key in chosen):
            return
        until = (
            f"2026-08-{2 + self.hour // 24 + self.chance.randrange(2):02}T12:00:00Z"
            if ahead
            else ""
        )
        inputs = AcknowledgeInput(names, "why", until)
        self.record = acknowledge(self.record, inputs, Moment(self.now)).record
        for key in chosen:
            self.events["acknowledged an open rotation"] += key in self.model.open
            self.model.open.pop(key, None)
            if until:
                self.model.until[key] = until

    def consumer_reads(
        self, place: tuple[ObjectRef, str]
    ) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
        """The Secret and the keys that the consumers of a field read, unless they read as the operator does."""
        if place in self.consumed and place in self.git:
            (_, name), keys = self.git[place]
            namespace, key = self.consumed[place]
            if ((namespace, name), (key,)) != ((self.git[place][0]), keys):
                yield (namespace, name), (key,)

    def reads(self, selected: set[ObjectRef] | None, *, listed: bool) -> Iterator[Read]:
        refused = {
            name: self.chance.choice((SecretState.FORBIDDEN, SecretState.ERROR))
            for name in SECRETS
            if self.happens(0.12)
        }
        without_key = self.happens(0.04)
        for (owner, path), (name, keys) in sorted(self.git.items()):
            if selected is not None and owner not in selected:
                continue
            of_consumers = tuple(self.consumer_reads((owner, path))) if listed else ()
            each = [(name, keys, ""), *((*read, AGENTS) for read in of_consumers)]
            for named, tried, reader in each:
                state, key, value = self.resolve(named, tried)
                if named in refused:
                    state, key, value = refused[named], tried[0], 0
                elif without_key and value:
                    state, value = SecretState.UNAVAILABLE, 0
                reference = owner, path, named, reader
                yield Read(reference, tried, state, SecretKey(*named, key), value, self.ring)

    def resolve(self, name: tuple[str, str], keys: tuple[str, ...]) -> tuple[SecretState, str, int]:
        if name not in self.secrets:
            return SecretState.MISSING_SECRET, keys[0], 0
        key = next((key for key in keys if key in self.secrets[name]), None)
        if key is None:
            return SecretState.MISSING_KEY, keys[0], 0
        value = self.secrets[name][key]
        if value and name in self.leaving:
            return SecretState.LEAVING, key, 0
        return (SecretState.OK if value else SecretState.EMPTY), key, value

    def run(self) -> None:
        selected = {self.chance.choice(OWNERS)} if self.happens(0.15) else None
        listed = not self.happens(0.15)
        reads = list(self.reads(selected, listed=listed))
        picked = {read.key for read in reads if self.happens(0.15)}
        at = Moment(self.now, "c" * 40)
        rows = compare_secrets([read.resolved for read in reads], self.record, (), at)
        rows = with_pick_up(rows, picked, at)
        expected = self.model.words(reads, picked, self.now)
        assert [(row.rotation.value, row.open) for row in rows] == expected, reads
        self.count(rows, reads)
        if not self.happens(0.6):
            self.events["run that records nothing"] += 1
        elif self.happens(0.12):
            self.events["run that ends before it writes"] += 1
        else:
            self.write(rows, reads, picked, at, selected, listed=listed)

    def write(
        self,
        rows: tuple[SecretRow, ...],
        reads: list[Read],
        picked: set[SecretKey],
        at: Moment,
        selected: set[ObjectRef] | None,
        *,
        listed: bool,
    ) -> None:
        only = None if selected is None else frozenset(selected)
        unlisted = frozenset() if listed else self.chance.choice((frozenset({AGENTS}), None))
        after = advance_secrets(self.record, rows, at, only, unlisted)
        if self.happens(0.2):
            after = from_json(to_json(after))
        self.record = after
        self.model.record(reads, picked, self.now, selected, listed=listed)
        known = {
            key: secret.fingerprint for key, secret in after.secrets.items() if secret.fingerprint
        }
        model = {
            key: fingerprint(ring, key, value) for key, (value, ring) in self.model.values.items()
        }
        assert {k: str(f) for k, f in known.items()} == {k: str(f) for k, f in model.items()}
        assert {key for key, secret in after.secrets.items() if secret.open} == set(self.model.open)
        assert all(len(secret.rotations) <= 10 for secret in after.secrets.values())

    def count(self, rows: tuple[SecretRow, ...], reads: list[Read]) -> None:
        for row, read in zip(rows, reads, strict=True):
            self.events[row.rotation.value] += 1
            self.events[f"read: {read.state.value}"] += 1
            self.events["rotated after a gap"] += bool(row.noticed and row.gap)
            self.events["open in an earlier run"] += row.open and not row.noticed
            self.events["open without a value"] += (
                row.open and row.reading.state is not SecretState.OK
            )
            self.events["moved in git, and rotated"] += bool(
                row.noticed
                and row.rotation.value == "rotated"
                and read.reference not in self.model.references
            )
            self.events["rotated for consumers"] += bool(row.readers and row.noticed)
            self.events["rotated for consumers alone"] += bool(
                row.readers and row.noticed and row in reported(rows)
            )
            self.events["--only"] += len({r.reference[0] for r in reads}) < len(
                {o for o, _ in self.git}
            )


@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_false_rotation_and_none_missed(shard: int, request: pytest.FixtureRequest) -> None:
    seed = request.config.option.hypothesis_seed
    events: Counter[str] = Counter()
    for number in range(HISTORIES):
        name = f"{seed}-{shard}-{number}"
        world = World(name)
        try:
            for _ in range(STEPS):
                world.step()
        except AssertionError as error:
            raise AssertionError(f"in the history {name!r}") from error
        events += world.events
    expected = {
        *("none", "rotated", "other-key", "picked-up", "acknowledged", "back", "first-seen"),
        *(
            "baseline-reset",
            "rotated after a gap",
            "open in an earlier run",
            "open without a value",
        ),
        *("moved in git, and rotated", "--only", "acknowledged an open rotation"),
        *("rotated for consumers", "rotated for consumers alone"),
        *("run that records nothing", "run that ends before it writes"),
        *(
            f"read: {state}"
            for state in ("ok", "missing-secret", "missing-key", "empty", "leaving")
        ),
        *(f"read: {state}" for state in ("forbidden", "error", "unavailable")),
    }
    absent = {event for event in expected if not events[event]}
    assert not absent, events
