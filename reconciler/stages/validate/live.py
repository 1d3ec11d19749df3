"""The policy of the environment on live objects: what a manifest must not have, nobody may add in the cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.frozen import dataclass
from reconciler.kind import FieldFinding, Kind
from reconciler.model.difference import Writer
from reconciler.model.document import JsonObject
from reconciler.model.environment import Policy, Unmanaged
from reconciler.model.finding import Severity
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.live import LiveFinding, UnmanagedObject
from reconciler.model.observation import Observed
from reconciler.model.path import show
from reconciler.semantics.ownership.managed_fields import entries
from reconciler.semantics.ownership.queries import element_path, last_writer
from reconciler.stages.validate.policy import PolicyCheck


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """Judges live objects by the policy of one environment."""

    policy: Policy
    kinds: Mapping[GroupKind, Kind]
    check: PolicyCheck

    @classmethod
    def of(cls, policy: Policy, kinds: Mapping[GroupKind, Kind]) -> LiveCheck:
        return cls(policy, kinds, PolicyCheck.of(policy.manifests))

    def managed(self, observed: Observed) -> tuple[LiveFinding, ...]:
        """Findings on objects of ours, with what others added to them; also on those that are only kept."""
        live = [(each.manifest.ref, each.live) for each in observed.objects]
        live += [(orphan.ref, orphan.live) for orphan in observed.orphans]
        return tuple(
            finding
            for ref, document in live
            if document
            for finding in self._findings(ref, document.body())
        )

    def unmanaged(self, observed: Observed) -> tuple[UnmanagedObject, ...]:
        """The objects that are not ours. `ignore` leaves out those with nothing that the policy forbids."""
        listed = (
            UnmanagedObject(
                each.ref,
                _first_writer(each.live.body()),
                self.policy.unmanaged is Unmanaged.FAIL,
                tuple(self._findings(each.ref, each.live.body())),
            )
            for each in sorted(observed.unmanaged, key=lambda each: each.ref)
        )
        ignored = self.policy.unmanaged is Unmanaged.IGNORE
        return tuple(each for each in listed if each.findings or not ignored)

    def _findings(self, ref: ObjectRef, live: JsonObject) -> Iterator[LiveFinding]:
        reported: set[object] = set()
        for finding in self._forbidden(self.kinds[ref.group_kind], live):
            if finding.path not in reported:
                reported.add(finding.path)
                path, by = show(finding.path), _writer(live, finding)
                yield LiveFinding(ref, finding.code, path, finding.message, finding.hint, by)

    def _forbidden(self, kind: Kind, live: JsonObject) -> Iterator[FieldFinding]:
        check = self.check
        findings: Iterable[FieldFinding] = (
            *check.findings(kind, live),
            *kind.contract_findings(live),
            *kind.lint(live),
        )
        for adjusted in filter(None, map(check.adjusted, findings)):
            if adjusted.severity is Severity.ERROR and check.forbids(adjusted):
                yield adjusted


def _writer(live: JsonObject, finding: FieldFinding) -> Writer | None:
    return last_writer(entries(live), element_path(finding.path), other_than="")


def _first_writer(live: JsonObject) -> Writer | None:
    writers = [entry.writer for entry in entries(live) if not entry.writer.subresource]
    return min(writers, key=lambda writer: writer.time, default=None)
