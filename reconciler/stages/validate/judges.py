"""Which CRD judges the manifests of a kind: the pinned one in CI, the cluster's own where there is a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.environment import Environment
from reconciler.model.identity import GroupKind
from reconciler.model.location import Location
from reconciler.semantics.crd import Crd


@dataclass(frozen=True, slots=True)
class Judge:
    """A CRD and where it is from: `2026-07-24, pinned`, `live, 2026-04-19`."""

    crd: Crd
    label: str


def judged_by_live(
    environment: Environment, judges: Mapping[GroupKind, Judge], live: Iterable[Judge]
) -> tuple[dict[GroupKind, Judge], tuple[Diagnostic, ...]]:
    """The judges with the cluster's own in their place, and a warning for each that is not the pinned one."""
    pins = dict(environment.crds)
    merged = dict(judges)
    found = []
    for judge in live:
        before = judges.get(judge.crd.group_kind)
        merged[judge.crd.group_kind] = judge
        if before and judge.crd.name in pins and not judge.crd.admits_as(before.crd):
            found.append(_skew(environment, before, judge))
    return merged, tuple(found)


def _skew(environment: Environment, pinned: Judge, live: Judge) -> Diagnostic:
    return Diagnostic(
        "K8S009",
        Severity.WARNING,
        f"the cluster's {pinned.crd.name} is not the pinned one: {live.label}, not {pinned.label}",
        Location(environment.file),
        hint="pin what the cluster has, so that validate judges as the cluster does",
    )
