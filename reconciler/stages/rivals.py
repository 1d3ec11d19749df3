"""Objects that two environments would write to one cluster: each apply would undo the other, without a conflict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from reconciler.model.environment import ClusterTarget, Environment
from reconciler.model.finding import Finding, Severity
from reconciler.model.identity import ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.text.lines import shown

_HINT = "let one of them have it, or say by `cluster` that these are two clusters"


def rivals(
    wanted: Iterable[tuple[Environment, tuple[Manifest, ...]]],
) -> dict[str, tuple[Finding, ...]]:
    """Findings by environment. What is not known to be one cluster (no context, no uid) is taken for two."""
    claims: dict[tuple[str, ObjectRef], dict[str, tuple[Environment, Manifest]]] = defaultdict(dict)
    for environment, manifests in wanted:
        if cluster := _identity(environment.cluster):
            for manifest in manifests:
                if not manifest.ref.name:
                    continue  # which is told of it already
                claims[cluster, manifest.ref][environment.name] = environment, manifest
    found: dict[str, list[Finding]] = defaultdict(list)
    for (_, ref), claimed in claims.items():
        for name, (environment, manifest) in claimed.items():
            if len(claimed) > 1:
                found[name].append(_finding(ref, environment, manifest, sorted(claimed)))
    return {name: tuple(findings) for name, findings in found.items()}


def _identity(cluster: ClusterTarget) -> str:
    """The surest name of a cluster, "" when the user's kubeconfig decides."""
    return cluster.uid or cluster.path or cluster.context


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
