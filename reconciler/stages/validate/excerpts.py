"""Source lines below findings, without the values of sensitive fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.kind import Kind
from reconciler.model.finding import Finding
from reconciler.model.identity import GroupKind
from reconciler.model.manifest import Manifest


def without_sensitive(
    findings: Iterable[Finding], manifests: Iterable[Manifest], kinds: Mapping[GroupKind, Kind]
) -> Iterator[Finding]:
    """The findings, without the source lines that a sensitive value comes from, whatever they are about."""
    hidden = set(_sensitive_lines(manifests, kinds))
    for finding in findings:
        place = (finding.where.path, finding.where.line)
        yield replace(finding, source="") if finding.source and place in hidden else finding


def _sensitive_lines(
    manifests: Iterable[Manifest], kinds: Mapping[GroupKind, Kind]
) -> Iterator[tuple[str, int]]:
    for manifest in manifests:
        kind = kinds[manifest.ref.group_kind]
        if not kind.sensitive:
            continue
        for path in filter(kind.holds_sensitive, manifest.origins):
            yield from ((place.path, place.line) for place in manifest.origins[path].places)
