"""Which CRD judges the manifests of a kind: the pinned one in CI, the cluster's own where there is a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import GroupKind
from reconciler.model.location import Location
from reconciler.semantics.schema.crd import Crd


@dataclass(frozen=True, slots=True)
class CrdInUse:
    """A CRD and where it is from: `2026-07-24, pinned`, `live, 2026-04-19`."""

    crd: Crd
    label: str


def prefer_live(
    environment: Environment, in_use: Mapping[GroupKind, CrdInUse], live: Iterable[CrdInUse]
) -> tuple[dict[GroupKind, CrdInUse], tuple[Finding, ...]]:
    """The CRDs in use with the cluster's own in their place, and a warning for each that is not the pinned one."""
    pins = dict(environment.crds)
    merged = dict(in_use)
    found = []
    for there in live:
        before = in_use.get(there.crd.group_kind)
        merged[there.crd.group_kind] = there
        if before and there.crd.name in pins and not there.crd.admits_same_as(before.crd):
            found.append(_skew(environment, before, there))
    return merged, tuple(found)


def _skew(environment: Environment, pinned: CrdInUse, live: CrdInUse) -> Finding:
    return Finding(
        "K8S009",
        Severity.WARNING,
        f"the cluster's {pinned.crd.name} is not the pinned one: {live.label}, not {pinned.label}",
        Location(environment.file),
        hint="pin what the cluster has, so that validate judges as the cluster does",
    )
