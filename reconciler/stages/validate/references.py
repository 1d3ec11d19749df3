"""Objects that a manifest names: are they part of the environment?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.kind import FieldFinding, ObjectReference
from reconciler.model.finding import Severity
from reconciler.model.identity import GroupKind, Names, ObjectRef
from reconciler.text.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class References:
    """What is there in an environment's `namespaces`; plain files have none, and may be only a part."""

    namespaces: tuple[str, ...]
    present: Mapping[tuple[GroupKind, str], frozenset[str]]
    names: Names
    _hints: dict[ObjectRef, str] = field(default_factory=dict)  # many may name the same wrong one

    @classmethod
    def among(
        cls,
        namespaces: tuple[str, ...],
        present: Iterable[ObjectRef],
        kinds: Iterable[GroupKind],
    ) -> References:
        places: defaultdict[tuple[GroupKind, str], set[str]] = defaultdict(set)
        for ref in present:
            places[ref.group_kind, ref.namespace].add(ref.name)
        by_place = {place: frozenset(there) for place, there in places.items()}
        return cls(namespaces, by_place, Names.among(kinds))

    def findings(self, references: Iterable[ObjectReference]) -> Iterator[FieldFinding]:
        for reference in references:
            there = self.present.get((reference.target, reference.namespace), frozenset())
            if reference.name not in there:
                yield from self._missing(reference, there)

    def _missing(self, reference: ObjectReference, there: frozenset[str]) -> Iterator[FieldFinding]:
        target, path = reference.target, reference.path
        ref = ObjectRef(target.group, target.kind, reference.namespace, reference.name)
        name = self.names.object(ref)
        if self.namespaces and reference.namespace not in self.namespaces:
            message = f"{name} is outside of this environment, so nobody looks whether it is there"
            yield FieldFinding("REF002", Severity.NOTICE, path, message)
            return
        if ref not in self._hints:
            self._hints[ref] = did_you_mean(reference.name, there)
        hint = self._hints[ref]
        if self.namespaces:
            message = f"{name} is not part of this environment"
            yield FieldFinding("REF001", Severity.WARNING, path, message, hint)
        elif hint:
            yield FieldFinding("REF001", Severity.WARNING, path, f"{name} is not here", hint)
