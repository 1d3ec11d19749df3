"""The CRD that validates the manifests of a kind: the live one, or without a cluster the pinned or the newest one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.frozen import dataclass
from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import GroupKind
from reconciler.model.location import Location
from reconciler.semantics.schema.crd import Crd


@dataclass(frozen=True, slots=True)
class CrdInUse:
    """A CRD and its source: `2026-07-24, pinned`, `live, 2026-04-19`."""

    crd: Crd
    label: str


def prefer_live(
    environment: Environment, in_use: Mapping[GroupKind, CrdInUse], live: Iterable[CrdInUse]
) -> tuple[dict[GroupKind, CrdInUse], tuple[Finding, ...]]:
    """The CRDs in use with the live ones in their place, and a warning for each that differs from its pin."""
    pins = dict(environment.crds)
    merged = dict(in_use)
    findings = []
    for current in live:
        before = in_use.get(current.crd.group_kind)
        merged[current.crd.group_kind] = current
        if before and current.crd.name in pins and not current.crd.admits_same_as(before.crd):
            findings.append(_skew(environment, before, current))
    return merged, tuple(findings)


def _skew(environment: Environment, pinned: CrdInUse, live: CrdInUse) -> Finding:
    return Finding(
        "K8S009",
        Severity.WARNING,
        f"the cluster's {pinned.crd.name} is not the pinned one: {live.label}, not {pinned.label}",
        Location(environment.file),
        hint="pin the CRD of the cluster, so that validate uses the same one",
    )
