"""Source lines below findings, without the values of sensitive fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

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
    is_sensitive = {
        name: cache(kind.holds_sensitive) for name, kind in kinds.items() if kind.sensitive
    }
    for manifest in manifests:
        holds = is_sensitive.get(manifest.ref.group_kind)
        for path in filter(holds, manifest.origins) if holds else ():
            yield from ((place.path, place.line) for place in manifest.origins[path].places)
