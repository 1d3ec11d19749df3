"""Plain manifests: files without templates, which may contain anything that a repository contains.

Whatever is not an object of a managed kind is counted and ignored: a Deployment, a values file, a Helm chart. A file
that does not name the API group of a managed kind contains no such object, so nothing in it is an error.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.command import Invocation
from reconciler.model.document import Json
from reconciler.model.environment import Environment, SourceFile
from reconciler.model.finding import Finding, Severity, in_order
from reconciler.model.identity import GroupKind, Names, ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.path import FieldPath, show
from reconciler.model.rendering import Rendered, Span
from reconciler.stages.render.candidates import Candidate, candidates, field_key, group_kind
from reconciler.stages.render.findings import RenderFindings
from reconciler.stages.render.objects import ObjectReader, SourceMode
from reconciler.stages.render.patches import patch_paths
from reconciler.stages.render.sourcemap import SourceMap
from reconciler.text.suggest import suggest
from reconciler.text.yaml import Stream, load_documents

_LISTED = 5  # names in a note
# Any namespace is allowed, and kubectl has a default.
_MODE = SourceMode(default_namespace="default", server_fields=Severity.NOTICE)


@dataclass(frozen=True, slots=True)
class PlainManifests:
    """The content of plain files.

    Attributes:
        manifests: in the order of the files; several overlays may contain the same object.
        notes: what was not checked; each completes the sentence "not checked: ...".
    """

    manifests: tuple[Manifest, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def read_plain(environment: Environment, kinds: Mapping[GroupKind, Kind]) -> PlainManifests:
    """Every object of a managed kind in the files of a `stages.plain` environment."""
    findings = RenderFindings(environment)
    others: Counter[str] = Counter()
    unreadable: list[str] = []
    empty: list[str] = []
    manifests: list[Manifest] = []
    patches = patch_paths(environment.templates)
    for file in environment.templates:
        if posixpath.normpath(file.path) in patches:
            others["Kustomize patch"] += 1
            continue
        stream = load_documents(file.text, aliases=True)
        sources = SourceMap(as_rendered(file), environment)
        if names_managed_group(file.text, kinds):
            _add_yaml_findings(stream, sources, environment, findings)
        elif stream.errors:
            unreadable.append(file.path)
        reader = _FileReader(
            ObjectReader(environment, kinds, findings, _MODE), findings, kinds, others
        )
        parts = [candidate for d in stream.documents for candidate in candidates(d, sources)]
        are_objects = [reader.read(candidate) for candidate in parts]
        manifests += reader.objects.manifests
        if not any(are_objects) and not stream.errors:
            empty.append(file.path)
    repeated = _repeated(manifests, Names.among(kinds))
    notes = (*_others(others), *_unreadable(unreadable), *_empty(empty), *repeated)
    return PlainManifests(tuple(manifests), in_order(findings.collected), notes)


def _add_yaml_findings(
    stream: Stream, sources: SourceMap, environment: Environment, findings: RenderFindings
) -> None:
    """The findings of the YAML reader; for a Helm template only the finding that it is one."""
    for finding in stream.errors:
        if "{{" in environment.line(sources.template_location(finding.position)):
            message = "this is a template, which is not YAML until it is rendered"
            hint = f"helm template . | {Invocation().command('validate', '-')}"
            findings.add("T001", message, sources.origin_at(finding.position), hint=hint)
            return
    for finding in stream.findings:
        findings.add_yaml_finding(finding, sources, finding.message)


def names_managed_group(text: str, kinds: Mapping[GroupKind, Kind]) -> bool:
    """Whether an apiVersion outside comments names the group of a managed kind: only then can the text contain one."""
    groups = tuple(sorted({kind.group for kind in kinds}))
    return any(group in text for group in groups) and bool(_api_version(groups).search(text))


@lru_cache(maxsize=8)
def _api_version(groups: tuple[str, ...]) -> re.Pattern[str]:
    pattern = "|".join(map(re.escape, groups))
    return re.compile(rf"(?mi)^[^#\n]*?apiVersion[\"']?[ \t]*:[ \t]*[\"']?(?:{pattern})/")


def as_rendered(file: SourceFile) -> Rendered:
    """A file as if it were rendered from a template with the same text."""
    spans: list[Span] = []
    start = 0
    for number, line in enumerate(file.text.split("\n"), start=1):
        end = min(start + len(line) + 1, len(file.text))
        if end > start:
            spans.append(Span(start, end, file.path, number, 1))
        start = end
    return Rendered(file.path, file.text, tuple(spans))


@dataclass(frozen=True, slots=True)
class _FileReader:
    """Reads the candidates of one file; counts objects of other kinds in `others`."""

    objects: ObjectReader
    findings: RenderFindings
    kinds: Mapping[GroupKind, Kind]
    others: Counter[str]

    def read(self, candidate: Candidate) -> bool:
        """Whether a candidate is an object, of a managed kind or of any other."""
        declared = group_kind(candidate.body)
        if isinstance(candidate.body, dict) and "$patch" in candidate.body:
            self.others["Kustomize patch"] += 1
        elif declared in self.kinds or (declared is None and self._is_managed(candidate.body)):
            self._read_without_nulls(candidate)
        elif declared is not None:
            self._read_other(candidate, declared)
        else:
            return False
        return True

    def _read_other(self, candidate: Candidate, declared: GroupKind) -> None:
        """An object of another kind, most likely of another system, unless its name is nearly that of a managed kind.

        A kind with such a name in the group of a managed kind is an error: no cluster has it.
        """
        names = [known.kind for known in self.kinds if known.group == declared.group]
        if self._lacks_version(declared) or suggest(declared.kind, names):
            self.objects.report_unmanaged(candidate, declared, Severity.ERROR)
            return
        groups = {known.group for known in self.kinds if known.kind == declared.kind}
        if any(_is_near(declared.group, group) for group in groups):
            self.objects.report_unmanaged(candidate, declared, Severity.WARNING)
        self.others[Names.among((*self.kinds, declared)).kind(declared)] += 1

    def _lacks_version(self, declared: GroupKind) -> bool:
        """Whether it has the name of a managed kind, and an apiVersion without group or version, as no kind has."""
        is_managed_name = any(known.kind == declared.kind for known in self.kinds)
        has_more = any(declared.group.startswith(f"{known.group}/") for known in self.kinds)
        return is_managed_name and (not declared.group or has_more)

    def _read_without_nulls(self, candidate: Candidate) -> None:
        """Client-side `kubectl apply` drops a key without a value, so such a key is only a warning."""
        body = candidate.body
        spec = body.get("spec") if isinstance(body, dict) else None
        if not isinstance(spec, dict):
            self.objects.read(candidate)
            return
        count = len(self.objects.manifests)
        self.objects.read(replace(candidate, body={**body, "spec": _without_nulls(spec)}))
        added = self.objects.manifests[count:]
        for path in _nulls(spec, ("spec",)):
            self.findings.add(
                "K8S011",
                f"{show(path)} has no value",
                candidate.origin(path),
                hint="indent its fields, write {} for an empty mapping, or remove it",
                path=path,
                ref=added[0].ref if added else None,
                severity=Severity.WARNING,
            )

    def _is_managed(self, body: Json) -> bool:
        """Whether a document without a valid apiVersion and kind is probably an object of a managed kind."""
        if isinstance(body, list):
            return any(group_kind(e) in self.kinds or self._is_managed(e) for e in body)
        if not isinstance(body, dict):
            return False
        api_version, kind = (body.get(field_key(body, field)) for field in ("apiVersion", "kind"))
        groups = {known.group for known in self.kinds}
        if isinstance(api_version, str) and api_version.rpartition("/")[0] in groups:
            return True
        has_name = isinstance(kind, str) and kind in {known.kind for known in self.kinds}
        return has_name and ("apiVersion" in body or isinstance(body.get("spec"), dict))


def _nulls(value: Json, path: FieldPath) -> Iterator[FieldPath]:
    for key, part in value.items():
        if part is None:
            yield (*path, key)
        elif isinstance(part, dict):
            yield from _nulls(part, (*path, key))


def _without_nulls(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    return {key: _without_nulls(part) for key, part in value.items() if part is not None}


def _is_near(group: str, known: str) -> bool:
    """Compares label by label, since the groups of one vendor differ only in their first label."""
    labels, others = group.split("."), known.split(".")
    pairs = zip(labels, others, strict=False)
    return len(labels) == len(others) and all(a == b or suggest(a, [b]) for a, b in pairs)


def _others(others: Counter[str]) -> Iterator[str]:
    total = others.total()
    if total == 1:
        yield f"1 object of another kind ({next(iter(others))})"
    elif total:
        kinds = ", ".join(f"{kind} {count}" for kind, count in others.most_common(_LISTED))
        yield f"{total} objects of other kinds ({kinds}{', ...' if len(others) > _LISTED else ''})"


def _unreadable(paths: list[str]) -> Iterator[str]:
    if paths:
        single = "1 file that is not valid YAML and names no managed kind"
        files = f"{len(paths)} files that are not valid YAML and name no managed kind"
        yield f"{single if len(paths) == 1 else files} ({_some(paths)})"


def _empty(paths: list[str]) -> Iterator[str]:
    if paths:
        files = "1 file" if len(paths) == 1 else f"{len(paths)} files"
        yield f"{files} without any object ({_some(paths)})"


def _repeated(manifests: list[Manifest], names: Names) -> Iterator[str]:
    """An object in several files is right in overlays, and otherwise most likely a mistake."""
    files: dict[ObjectRef, set[str]] = defaultdict(set)
    for manifest in manifests:
        files[manifest.ref].add(manifest.origin(()).template.path)
    repeated = [names.object(ref) for ref, paths in files.items() if len(paths) > 1]
    if repeated:
        objects = "1 object is" if len(repeated) == 1 else f"{len(repeated)} objects are"
        yield f"whether {objects} in several files on purpose ({_some(repeated)})"


def _some(names: list[str]) -> str:
    return ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
