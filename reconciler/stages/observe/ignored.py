"""Fields that `policy.ignore` leaves to others: an apply neither sends nor removes them, and they are no drift.

A rule holds for what somebody else owns in the live object; git still decides a field that nobody else holds. A field
that decides where prompts and keys go is ignored only by a rule that names it, without a wildcard: anybody can use the
name of a field manager.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.applyset import PART_OF
from reconciler.model.difference import IgnoredField
from reconciler.model.document import Document, Json, JsonObject, dig, dig_map
from reconciler.model.environment import IgnoreRule
from reconciler.model.marks import BOOKKEEPING
from reconciler.model.observation import Observation
from reconciler.model.path import FieldPath, at, show
from reconciler.semantics.ownership.atoms import Atom, root_atom
from reconciler.semantics.ownership.managed_fields import ManagedFieldsEntry, entries
from reconciler.semantics.ownership.queries import covers, element_path
from reconciler.semantics.schema.crd import CrdVersion

_OURS = (PART_OF, *BOOKKEEPING)


@dataclass(frozen=True, slots=True)
class IgnoreInput:
    """One kind, and the rules that may hold for it.

    Attributes:
        version: of the CRD; None if it is unknown.
        applier: our field manager.
    """

    rules: tuple[IgnoreRule, ...]
    kind: Kind
    version: CrdVersion | None
    applier: str

    @property
    def atom(self) -> Atom | None:
        """The type of the objects."""
        return root_atom(self.version.schema) if self.version else None


def with_ignored(inputs: IgnoreInput, observation: Observation) -> Observation:
    """The observation of an object, with a body that lacks what is left to others."""
    if not inputs.rules or observation.live is None:
        return observation
    matched = tuple(_matched(inputs, observation.live.body()))
    body = observation.sent.body()
    for field in matched:
        if not field.withheld:
            _take_out(body, field.path)
    return replace(observation, sent=Document.of(body), ignored=matched)


def notes(rules: tuple[IgnoreRule, ...], observed: Iterable[Observation]) -> Iterator[str]:
    """A note on each rule that matches nothing, or only fields that a rule must name without a wildcard."""
    observed = tuple(observed)
    fields = [(each.manifest.ref, field) for each in observed for field in each.ignored]
    for number, rule in enumerate(rules):
        mine = [(ref, field) for ref, field in fields if field.rule == number]
        name = f"policy.ignore[{number}]"
        if not mine and any(each.live for each in observed):
            yield f"{name}: nobody else owns {rule.field}{_of(rule)}"
        withheld = sorted({show(field.path) for _, field in mine if field.withheld})
        if withheld:
            decide = "decides where prompts and keys go, so a rule must name it without a wildcard"
            yield f"{name}: each of {', '.join(withheld)} {decide}"


def _of(rule: IgnoreRule) -> str:
    kind = f" of a {rule.kind}" if rule.kind else ""
    return kind + (f" as {rule.manager}" if rule.manager != "*" else "")


def _matched(inputs: IgnoreInput, live: JsonObject) -> Iterator[IgnoredField]:
    managed = [each for each in entries(live) if not each.is_apply_of(inputs.applier)]
    kind = inputs.kind.endpoint.kind
    rules = [(n, rule) for n, rule in enumerate(inputs.rules) if rule.kind in ("", kind)]
    for path in _leaves(inputs.atom, live):
        owners = _owners(managed, path, inputs.atom)
        fitting = [(n, rule) for n, rule in rules if _fits(rule, path, owners)]
        decides = inputs.kind.decides_traffic(path)
        exact = [n for n, rule in fitting if not decides or rule.field == _name(path)]
        if fitting:
            number = exact[0] if exact else fitting[0][0]
            yield IgnoredField(path, owners[0], number, decides=decides, withheld=not exact)


def _fits(rule: IgnoreRule, path: FieldPath, owners: tuple[str, ...]) -> bool:
    named = fnmatch.fnmatchcase(_name(path), rule.field)
    rooted = path[0] == "spec" or rule.field.startswith("metadata.")
    return named and rooted and any(fnmatch.fnmatchcase(each, rule.manager) for each in owners)


def _name(path: FieldPath) -> str:
    return ".".join(map(str, path))


def _owners(
    managed: list[ManagedFieldsEntry], path: FieldPath, atom: Atom | None
) -> tuple[str, ...]:
    """Who else owns a field, the last writer first."""
    elements = element_path(path)
    holding = [entry for entry in managed if covers(entry.fields, elements, atom)]
    return tuple(e.owner.manager for e in sorted(holding, key=lambda e: e.time, reverse=True))


def _leaves(atom: Atom | None, live: JsonObject) -> Iterator[FieldPath]:
    """The fields that are owned as one: leaves of mappings, and atomic mappings."""
    yield from _below(_child(atom, "spec"), live.get("spec"), ("spec",))
    for marks in ("labels", "annotations"):
        for key in dig_map(live, "metadata", marks):
            if key not in _OURS:
                yield "metadata", marks, key
    if dig(live, "metadata", "ownerReferences"):
        yield "metadata", "ownerReferences"


def _below(atom: Atom | None, value: Json, path: FieldPath) -> Iterator[FieldPath]:
    atomic = atom is not None and atom.mapping is not None and atom.mapping.atomic
    if not isinstance(value, dict) or not value or atomic:
        yield path
        return
    for key, child in value.items():
        yield from _below(_child(atom, key), child, (*path, key))


def _child(atom: Atom | None, key: str) -> Atom | None:
    return atom.mapping.child(key) if atom and atom.mapping else None


def _take_out(body: JsonObject, path: FieldPath) -> None:
    """Remove a field, and the mappings around it that become empty."""
    parent = at(body, path[:-1])
    if not isinstance(parent, dict) or path[-1] not in parent:
        return
    del parent[path[-1]]
    if not parent and len(path) > 2:  # noqa: PLR2004 -- spec and metadata stay
        _take_out(body, path[:-1])
