"""Plain manifests: files as they stand, among which may be anything that a repository holds.

What is not a managed object is counted and left alone, be it a Deployment, a values file or a Helm chart. A file that
names no API group of a managed kind cannot hold one, so nothing in it is an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from reconciler.kind import Kind
from reconciler.model.diagnostic import Diagnostic, Severity, in_order
from reconciler.model.document import JsonObject
from reconciler.model.environment import Environment, SourceFile
from reconciler.model.identity import GroupKind
from reconciler.model.manifest import Manifest
from reconciler.ports import Rendered, Span
from reconciler.stages.render.findings import Findings
from reconciler.stages.render.objects import Candidate, Objects, candidates
from reconciler.stages.render.sourcemap import SourceMap
from reconciler.text.suggest import suggest
from reconciler.text.yaml import load_documents

_NAMED = 5  # so many names stand in a note


@dataclass(frozen=True, slots=True)
class Plain:
    """What plain files hold.

    Attributes:
        manifests: in the order of the files; overlays may hold one object several times.
        notes: what was not checked, sentences.
    """

    manifests: tuple[Manifest, ...]
    diagnostics: tuple[Diagnostic, ...]
    notes: tuple[str, ...]


def read_plain(environment: Environment, kinds: Mapping[GroupKind, Kind]) -> Plain:
    """Every object of a managed kind in the files of `stages.load.plain`."""
    findings = Findings(environment)
    others: Counter[str] = Counter()
    unreadable: list[str] = []
    manifests: list[Manifest] = []
    for file in environment.templates:
        objects = _PlainObjects(environment, kinds, findings, others)
        stream = load_documents(file.text, aliases=True)
        sources = SourceMap(as_written(file), environment)
        if concerns(file.text, kinds):
            for fault in stream.faults:
                findings.add_fault(fault, sources, fault.message)
        elif stream.errors:
            unreadable.append(file.path)
        for document in stream.documents:
            for candidate in candidates(document, sources):
                objects.take(candidate)
        manifests += objects.manifests.values()
    notes = (*_others(others), *_unreadable(unreadable))
    return Plain(tuple(manifests), in_order(findings.found), notes)


def concerns(text: str, kinds: Mapping[GroupKind, Kind]) -> bool:
    """Whether an object of a managed kind can stand in a text."""
    return any(kind.group in text for kind in kinds)


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


class _PlainObjects(Objects):
    """The objects of one file. No namespace is foreign, and none has to be named."""

    UNFIT: ClassVar[Severity] = Severity.WARNING

    def __init__(
        self,
        environment: Environment,
        kinds: Mapping[GroupKind, Kind],
        findings: Findings,
        others: Counter[str],
    ) -> None:
        super().__init__(environment, kinds, findings)
        self._others = others

    def take(self, candidate: Candidate) -> None:
        if self._is_meant(candidate.body):
            super().take(candidate)

    def _is_meant(self, body: object) -> bool:
        """Whether a document wants to be an object of a managed kind."""
        if not isinstance(body, dict):
            return False
        api_version, kind = body.get("apiVersion"), body.get("kind")
        if isinstance(api_version, str) and isinstance(kind, str):
            return True
        groups = {known.group for known in self._kinds}
        names = {known.kind for known in self._kinds}
        by_group = isinstance(api_version, str) and api_version.rpartition("/")[0] in groups
        return by_group or ("apiVersion" in body and isinstance(kind, str) and kind in names)

    def _unmanaged(self, candidate: Candidate, found: GroupKind) -> None:
        """Of another system, most likely; a name that is nearly one of ours is told."""
        names = [known.kind for known in self._kinds if known.group == found.group]
        groups = [known.group for known in self._kinds if known.kind == found.kind]
        if suggest(found.group, groups) or suggest(found.kind, names):
            self._tell_unmanaged(candidate, found, Severity.WARNING)
        self._others[found.kind] += 1

    def _namespace(self, candidate: Candidate, metadata: JsonObject) -> str:
        if metadata.get("namespace") in (None, ""):
            return "default"  # as kubectl has it
        return super()._namespace(candidate, metadata)


def _others(others: Counter[str]) -> Iterator[str]:
    total = others.total()
    if total == 1:
        yield f"1 object of another kind ({next(iter(others))})"
    elif total:
        named = ", ".join(f"{kind} {count}" for kind, count in others.most_common(_NAMED))
        yield f"{total} objects of other kinds ({named}{', ...' if len(others) > _NAMED else ''})"


def _unreadable(paths: list[str]) -> Iterator[str]:
    if not paths:
        return
    named = ", ".join(paths[:_NAMED]) + (", ..." if len(paths) > _NAMED else "")
    what = "1 file that is" if len(paths) == 1 else f"{len(paths)} files that are"
    yield f"{what} no readable YAML, and nothing of a managed kind ({named})"
