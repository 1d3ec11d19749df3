"""Findings on references to objects that are not part of the environment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from reconciler.frozen import dataclass
from reconciler.kind import FieldFinding, ObjectReference
from reconciler.model.finding import Severity
from reconciler.model.identity import GroupKind, Names, ObjectRef
from reconciler.text.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class References:
    """The names of the objects of an environment. Plain files have no `namespaces`, and may be only a part."""

    namespaces: tuple[str, ...]
    objects: Mapping[tuple[GroupKind, str], frozenset[str]]
    names: Names
    _hints: dict[ObjectRef, str] = field(
        default_factory=dict
    )  # many objects may have one wrong reference

    @classmethod
    def among(
        cls, namespaces: tuple[str, ...], refs: Iterable[ObjectRef], kinds: Iterable[GroupKind]
    ) -> References:
        groups: defaultdict[tuple[GroupKind, str], set[str]] = defaultdict(set)
        for ref in refs:
            groups[ref.group_kind, ref.namespace].add(ref.name)
        objects = {key: frozenset(group) for key, group in groups.items()}
        return cls(namespaces, objects, Names.among(kinds))

    def findings(self, references: Iterable[ObjectReference]) -> Iterator[FieldFinding]:
        for reference in references:
            known = self.objects.get((reference.target, reference.namespace), frozenset())
            if reference.name not in known:
                yield from self._missing(reference, known)

    def _missing(self, reference: ObjectReference, known: frozenset[str]) -> Iterator[FieldFinding]:
        kind, path = reference.target, reference.path
        target = ObjectRef(kind.group, kind.kind, reference.namespace, reference.name)
        name = self.names.object(target)
        if self.namespaces and reference.namespace not in self.namespaces:
            message = (
                f"{name} is outside this environment, so this run does not check that it exists"
            )
            yield FieldFinding("REF002", Severity.NOTICE, path, message)
            return
        if target not in self._hints:
            self._hints[target] = did_you_mean(reference.name, known)
        hint = self._hints[target]
        if self.namespaces:
            message = f"{name} is not part of this environment"
            yield FieldFinding("REF001", Severity.WARNING, path, message, hint)
        elif hint:
            message = f"{name} is not among these files"
            yield FieldFinding("REF001", Severity.WARNING, path, message, hint)
