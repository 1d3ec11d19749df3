"""Finds objects that several environments write to one cluster: each apply undoes the other without a conflict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from reconciler.model.environment import ClusterTarget, Environment
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location
from reconciler.model.manifest import Manifest
from reconciler.text.lines import shown

_HINT = "define it in only one of them, or set `cluster` to different clusters"


def overlaps(
    desired: Iterable[tuple[Environment, tuple[Manifest, ...]]],
) -> dict[str, tuple[Finding, ...]]:
    """Findings by environment. Kubernetes environments without a context and a uid count as different clusters."""
    desired = tuple(desired)
    owners: dict[tuple[str, ObjectRef], dict[str, tuple[Environment, Manifest]]] = defaultdict(dict)
    for environment, manifests in desired:
        if cluster := _identity(environment.cluster):
            for manifest in manifests:
                if manifest.ref.name:  # an object without a name already has a finding
                    owners[cluster, manifest.ref][environment.name] = environment, manifest
    findings: dict[str, list[Finding]] = defaultdict(list)
    for name, finding in _mixed([environment for environment, _ in desired]):
        findings[name].append(finding)
    for (_, ref), by_name in owners.items():
        for name, (environment, manifest) in by_name.items():
            if len(by_name) > 1:
                findings[name].append(_finding(ref, environment, manifest, sorted(by_name)))
    return {name: tuple(group) for name, group in findings.items()}


def may_meet(environments: Iterable[Environment], own: Iterable[str]) -> frozenset[str]:
    """Names: the environments of a share, and those of the other shares that write to the same clusters."""
    own, environments = frozenset(own), tuple(environments)
    clusters = {_identity(each.cluster) for each in environments if each.name in own} - {""}
    return own | {each.name for each in environments if _identity(each.cluster) in clusters}


def same_cluster(first: ClusterTarget, second: ClusterTarget) -> bool:
    """Whether the settings name one cluster for both."""
    return _identity(first) == _identity(second) != ""


def _identity(cluster: ClusterTarget) -> str:
    """The most reliable identifier of a cluster; "" if only the user's kubeconfig decides it."""
    if cluster.pod:
        return cluster.uid or "the cluster of the pod"
    return cluster.uid or cluster.path or cluster.context


def _mixed(environments: list[Environment]) -> Iterator[tuple[str, Finding]]:
    """Environments of different contexts and without a uid, which a run in a pod would write to one cluster."""
    unsure = [each for each in environments if each.cluster.pod and not each.cluster.uid]
    contexts = sorted({each.cluster.context for each in unsure if each.cluster.context})
    if len(contexts) < 2:  # noqa: PLR2004 -- two that differ
        return
    for environment in unsure:
        yield (
            environment.name,
            Finding(
                "E010",
                Severity.ERROR,
                f"in this pod, the environments of {' and '.join(contexts)} would be one cluster",
                Location(environment.file),
                hint="name the environments of this cluster, or set cluster.uid",
            ),
        )


def _finding(
    ref: ObjectRef, environment: Environment, manifest: Manifest, names: list[str]
) -> Finding:
    origin = manifest.origin(("metadata", "name"))
    return Finding(
        "REF003",
        Severity.ERROR,
        f"{' and '.join(names)} write the same object to one cluster",
        origin.template,
        ref=ref,
        path="metadata.name",
        hint=_HINT,
        source=shown(environment.line(origin.template)),
        also=origin.values,
    )
