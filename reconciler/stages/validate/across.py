"""Lints that need several objects of an environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconciler.kind import FieldFinding, Kind, no_findings_across, no_findings_with_target
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.manifest import Manifest


def lint_across(
    manifests: Sequence[Manifest], kinds: Mapping[GroupKind, Kind]
) -> dict[int, list[FieldFinding]]:
    """The lints that need several objects, by the index of the manifest."""
    findings: dict[int, list[FieldFinding]] = {}
    for group_kind in dict.fromkeys(manifest.ref.group_kind for manifest in manifests):
        if kinds[group_kind].lint_across is no_findings_across:
            continue
        indices = [
            i for i, manifest in enumerate(manifests) if manifest.ref.group_kind == group_kind
        ]
        bodies = tuple(manifests[i].document.body() for i in indices)
        for position, finding in kinds[group_kind].lint_across(bodies):
            findings.setdefault(indices[position], []).append(finding)
    for index, finding in _with_targets(manifests, kinds):
        findings.setdefault(index, []).append(finding)
    return findings


def _with_targets(
    manifests: Sequence[Manifest], kinds: Mapping[GroupKind, Kind]
) -> Iterator[tuple[int, FieldFinding]]:
    """The lints of each object with the objects to which it refers."""
    targets = {manifest.ref: manifest for manifest in manifests}
    for index, manifest in enumerate(manifests):
        kind = kinds[manifest.ref.group_kind]
        if kind.lint_with_target is no_findings_with_target:
            continue
        body = manifest.document.body()
        for reference in kind.object_references(body):
            group_kind = reference.target
            ref = ObjectRef(group_kind.group, group_kind.kind, reference.namespace, reference.name)
            if target := targets.get(ref):
                for finding in kind.lint_with_target(body, reference, target.document.body()):
                    yield index, finding
