"""Objects that a manifest names: are they part of the environment?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.kind import Finding, ObjectReference
from reconciler.model.diagnostic import Severity
from reconciler.model.identity import ObjectRef
from reconciler.text.suggest import suggest


@dataclass(frozen=True, slots=True)
class References:
    """What is `present` in an environment's `namespaces`; plain files have none, and may be only a part."""

    namespaces: tuple[str, ...]
    present: frozenset[ObjectRef]

    def findings(self, references: tuple[ObjectReference, ...]) -> Iterator[Finding]:
        for reference in references:
            target = reference.target
            wanted = ObjectRef(target.group, target.kind, reference.namespace, reference.name)
            if wanted in self.present:
                continue
            if self.namespaces and reference.namespace not in self.namespaces:
                message = (
                    f"{wanted} is outside of this environment, so nobody looks whether it is there"
                )
                yield Finding("REF002", Severity.NOTICE, reference.path, message)
                continue
            names = [
                ref.name
                for ref in self.present
                if (ref.group_kind, ref.namespace) == (target, reference.namespace)
            ]
            near = suggest(reference.name, names)
            if not near and not self.namespaces:
                continue
            yield Finding(
                "REF001",
                Severity.WARNING,
                reference.path,
                f"{wanted} is not part of this environment"
                if self.namespaces
                else f"{wanted} is not here",
                f"did you mean {near}?" if near else "",
            )
