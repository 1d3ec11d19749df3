"""Plain manifests: files as they stand, among which may be anything that a repository holds.

What is not a managed object is counted and left alone, be it a Deployment, a values file or a Helm chart. A file that
names no API group of a managed kind cannot hold one, so nothing in it is an error.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from reconciler.kind import Kind
from reconciler.model.document import Json
from reconciler.model.environment import Environment, SourceFile
from reconciler.model.finding import Finding, Severity, in_order
from reconciler.model.identity import GroupKind, Names, ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.path import FieldPath, show
from reconciler.ports import Rendered, Span
from reconciler.stages.render.candidates import Candidate, candidates, field_key, group_kind
from reconciler.stages.render.findings import Findings
from reconciler.stages.render.objects import Manner, Objects
from reconciler.stages.render.patches import patches_among
from reconciler.stages.render.sourcemap import SourceMap
from reconciler.text.suggest import suggest
from reconciler.text.yaml import Stream, load_documents

_NAMED = 5  # so many names stand in a note
# No namespace is foreign, and none has to be named: kubectl has a default.
_MANNER = Manner(namespace="default", unfit=Severity.NOTICE)


@dataclass(frozen=True, slots=True)
class Plain:
    """What plain files hold.

    Attributes:
        manifests: in the order of the files; overlays may hold one object several times.
        notes: what was not checked, sentences.
    """

    manifests: tuple[Manifest, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def read_plain(environment: Environment, kinds: Mapping[GroupKind, Kind]) -> Plain:
    """Every object of a managed kind in the files of `stages.load.plain`."""
    findings = Findings(environment)
    others: Counter[str] = Counter()
    unreadable: list[str] = []
    empty: list[str] = []
    manifests: list[Manifest] = []
    patches = patches_among(environment.templates)
    for file in environment.templates:
        if posixpath.normpath(file.path) in patches:
            others["Kustomize patch"] += 1
            continue
        stream = load_documents(file.text, aliases=True)
        sources = SourceMap(as_written(file), environment)
        if concerns(file.text, kinds):
            _tell_faults(stream, sources, environment, findings)
        elif stream.errors:
            unreadable.append(file.path)
        holds = _File(Objects(environment, kinds, findings, _MANNER), findings, kinds, others)
        found = [candidate for d in stream.documents for candidate in candidates(d, sources)]
        taken = [holds.take(candidate) for candidate in found]
        manifests += holds.objects.manifests
        if not any(taken) and not stream.errors:
            empty.append(file.path)
    several = _several(manifests, Names.among(kinds))
    notes = (*_others(others), *_unreadable(unreadable), *_empty(empty), *several)
    return Plain(tuple(manifests), in_order(findings.found), notes)


def _tell_faults(
    stream: Stream, sources: SourceMap, environment: Environment, findings: Findings
) -> None:
    """What is wrong with a text; of a template for Helm, that it is one."""
    for finding in stream.errors:
        if "{{" in environment.line(sources.template(finding.position)):
            message = "this is a template: it is no YAML before it is rendered"
            hint = "helm template . | reconciler validate -"
            findings.add("T001", message, sources.at(finding.position), hint=hint)
            return
    for finding in stream.findings:
        findings.add_yaml_finding(finding, sources, finding.message)


def concerns(text: str, kinds: Mapping[GroupKind, Kind]) -> bool:
    """Whether an object of a managed kind can stand in a text: outside of comments an apiVersion names its group."""
    groups = tuple(sorted({kind.group for kind in kinds}))
    return any(group in text for group in groups) and bool(_naming(groups).search(text))


@lru_cache(maxsize=8)
def _naming(groups: tuple[str, ...]) -> re.Pattern[str]:
    named = "|".join(map(re.escape, groups))
    return re.compile(rf"(?mi)^[^#\n]*?apiVersion[\"']?[ \t]*:[ \t]*[\"']?(?:{named})/")


def as_written(file: SourceFile) -> Rendered:
    """A file as if it were rendered: every line is its own."""
    spans: list[Span] = []
    start = 0
    for number, line in enumerate(file.text.split("\n"), start=1):
        end = min(start + len(line) + 1, len(file.text))
        if end > start:
            spans.append(Span(start, end, file.path, number, 1))
        start = end
    return Rendered(file.path, file.text, tuple(spans))


@dataclass(frozen=True, slots=True)
class _File:
    """Where the objects of one file go."""

    objects: Objects
    findings: Findings
    kinds: Mapping[GroupKind, Kind]
    others: Counter[str]

    def take(self, candidate: Candidate) -> bool:
        """Whether a document is an object at all, of one of our kinds or another."""
        found = group_kind(candidate.body)
        if isinstance(candidate.body, dict) and "$patch" in candidate.body:
            self.others["Kustomize patch"] += 1
        elif found in self.kinds or (found is None and self._is_meant(candidate.body)):
            self._take_filled(candidate)
        elif found is not None:
            self._leave(candidate, found)
        else:
            return False
        return True

    def _leave(self, candidate: Candidate, found: GroupKind) -> None:
        """Of another system, most likely; a name that is nearly one of ours is told.

        Nearly one of our kinds, in one of our groups, is a mistake: no cluster has a kind of that name.
        """
        names = [known.kind for known in self.kinds if known.group == found.group]
        if self._lacks_version(found):
            self.objects.refuse(candidate, found, Severity.ERROR)
            return
        groups = {known.group for known in self.kinds if known.kind == found.kind}
        if suggest(found.kind, names):
            self.objects.refuse(candidate, found, Severity.ERROR)
            return
        if any(_is_near(found.group, group) for group in groups):
            self.objects.refuse(candidate, found, Severity.WARNING)
        self.others[Names.among((*self.kinds, found)).kind(found)] += 1

    def _lacks_version(self, found: GroupKind) -> bool:
        """One of our kinds whose apiVersion has no group or no version: no cluster knows such a kind."""
        ours = any(known.kind == found.kind for known in self.kinds)
        begun = any(found.group.startswith(f"{known.group}/") for known in self.kinds)
        return ours and (not found.group or begun)

    def _take_filled(self, candidate: Candidate) -> None:
        """A spec as kubectl's own apply brings it over: a key without a value is none."""
        body = candidate.body
        spec = body.get("spec") if isinstance(body, dict) else None
        if not isinstance(spec, dict):
            self.objects.take(candidate)
            return
        known = len(self.objects.manifests)
        self.objects.take(replace(candidate, body={**body, "spec": _filled(spec)}))
        taken = self.objects.manifests[known:]
        for path in _nulls(spec, ("spec",)):
            self.findings.add(
                "K8S011",
                f"{show(path)} has no value",
                candidate.origin(path),
                hint="indent what belongs to it, write {} for an empty block, or remove it",
                path=path,
                ref=taken[0].ref if taken else None,
                severity=Severity.WARNING,
            )

    def _is_meant(self, body: Json) -> bool:
        """Whether a document that does not say what it is wants to be an object of a managed kind."""
        if isinstance(body, list):
            return any(group_kind(e) in self.kinds or self._is_meant(e) for e in body)
        if not isinstance(body, dict):
            return False
        api_version, kind = (body.get(field_key(body, field)) for field in ("apiVersion", "kind"))
        groups = {known.group for known in self.kinds}
        if isinstance(api_version, str) and api_version.rpartition("/")[0] in groups:
            return True
        named = isinstance(kind, str) and kind in {known.kind for known in self.kinds}
        return named and ("apiVersion" in body or isinstance(body.get("spec"), dict))


def _nulls(value: Json, path: FieldPath) -> Iterator[FieldPath]:
    for key, part in value.items():
        if part is None:
            yield (*path, key)
        elif isinstance(part, dict):
            yield from _nulls(part, (*path, key))


def _filled(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    return {key: _filled(part) for key, part in value.items() if part is not None}


def _is_near(group: str, known: str) -> bool:
    """Label by label: a vendor has several groups, whose first labels are other words."""
    labels, others = group.split("."), known.split(".")
    pairs = zip(labels, others, strict=False)
    return len(labels) == len(others) and all(a == b or suggest(a, [b]) for a, b in pairs)


def _others(others: Counter[str]) -> Iterator[str]:
    total = others.total()
    if total == 1:
        yield f"1 object of another kind ({next(iter(others))})"
    elif total:
        named = ", ".join(f"{kind} {count}" for kind, count in others.most_common(_NAMED))
        yield f"{total} objects of other kinds ({named}{', ...' if len(others) > _NAMED else ''})"


def _unreadable(paths: list[str]) -> Iterator[str]:
    if paths:
        what = "1 file that is" if len(paths) == 1 else f"{len(paths)} files that are"
        yield f"{what} no readable YAML, and nothing of a managed kind ({_some(paths)})"


def _empty(paths: list[str]) -> Iterator[str]:
    if paths:
        what = "1 file" if len(paths) == 1 else f"{len(paths)} files"
        yield f"{what} without any object ({_some(paths)})"


def _several(manifests: list[Manifest], names: Names) -> Iterator[str]:
    """Overlays hold one object several times, and rightly so; side by side it is most likely a mistake."""
    files: dict[ObjectRef, set[str]] = defaultdict(set)
    for manifest in manifests:
        files[manifest.ref].add(manifest.origin(()).template.path)
    found = [names.object(ref) for ref, paths in files.items() if len(paths) > 1]
    if found:
        what = "1 object stands" if len(found) == 1 else f"{len(found)} objects stand"
        yield f"whether it is meant that {what} in several files ({_some(found)})"


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
