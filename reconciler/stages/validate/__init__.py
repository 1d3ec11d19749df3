"""Validate rendered manifests without a cluster: one run reports all findings, each with its location.

    secret literals   secrets in the manifest (`secret_literals`), or in the sources (`source_secrets`)
    admission         what the CRD refuses (`admission`, `independent_rules`) or its operator cannot read (`int32`),
                      with hints (`schema_hints`, `type_mismatch`, `eras`, `field_removal`); `crds` says which CRD it is
    metadata          what no CRD describes: types, names, labels, annotations
    contract          what the documentation requires and no CRD checks
    policy            what the environment does not allow; on live objects `live`, and `globs` of `policy.extraFields`
    lint              what the cluster accepts but does not do what its author expects; of several objects `across`
    references        references to objects that do not exist

A field gets one finding: the first in the order of these checks, and errors before the rest. A secret literal is always
reported, since it must leave git in any case. The environment sets the severity of a rule, and a comment can silence a
finding at one location (`silence`); neither has an effect on what a CRD refuses. `excerpts` adds the source lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from reconciler.crds import catalogue
from reconciler.frozen import dataclass
from reconciler.kind import FieldFinding, Kind, rules_of
from reconciler.model import codes
from reconciler.model.document import JsonObject
from reconciler.model.environment import Environment, Level
from reconciler.model.finding import Finding, Severity, errors_in, in_order
from reconciler.model.identity import GroupKind
from reconciler.model.manifest import Manifest
from reconciler.model.path import FieldPath, show
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate.across import lint_across
from reconciler.stages.validate.admission import Admission
from reconciler.stages.validate.eras import History
from reconciler.stages.validate.excerpts import without_sensitive
from reconciler.stages.validate.globs import unmatched
from reconciler.stages.validate.int32 import int32_overflows
from reconciler.stages.validate.policy import PolicyCheck, overruled
from reconciler.stages.validate.references import References
from reconciler.stages.validate.secret_literals import literal_findings
from reconciler.stages.validate.silence import FinalReason, Silences
from reconciler.stages.validate.source_secrets import source_findings
from reconciler.text.credentials import masked
from reconciler.text.lines import shown

_ORDER = {severity: rank for rank, severity in enumerate(Severity)}  # error, warning, notice


def validate(
    environment: Environment,
    manifests: Iterable[Manifest],
    kinds: Mapping[GroupKind, Kind],
    crds: Mapping[GroupKind, Crd],
    history: Callable[[str], History] = catalogue.history,
    before: tuple[Finding, ...] = (),
) -> tuple[Finding, ...]:
    """Findings on the sources and on every manifest of a managed kind, ordered by location.

    A kind without a CRD in `crds` skips admission. `history` returns the eras of a CRD, and is called only for fields
    that the CRD in `crds` does not have. `before` are the findings of earlier stages; they are part of the result, with
    the severities and silences of the environment.
    """
    shown_headers = environment.policy.shown_headers
    kinds = {name: replace(kind, shown_headers=shown_headers) for name, kind in kinds.items()}
    managed = [manifest for manifest in manifests if manifest.ref.group_kind in kinds]
    references = References.among(environment.namespaces, (m.ref for m in managed), kinds)
    policy = PolicyCheck.of(environment.policy.manifests)
    silences = Silences(environment, rules_of(kinds.values()))
    across = lint_across(managed, kinds)
    reported = frozenset((finding.ref, finding.path) for finding in errors_in(before))

    def is_new(finding: Finding) -> bool:
        """Whether no earlier stage reported an error on the same field, or on the top-level field that contains it."""
        ref, path = finding.ref, finding.path
        return not reported & {(ref, path), (ref, path.partition(".")[0])}

    findings: list[Finding] = []
    for index, manifest in enumerate(managed):
        kind = kinds[manifest.ref.group_kind]
        crd = crds.get(manifest.ref.group_kind)
        admission = Admission(kind, crd, history) if crd is not None else None
        check = _ManifestCheck(environment, manifest, kind, admission, references, policy, silences)
        findings += filter(is_new, check.findings(across.get(index, ())))
    findings += overruled(environment, findings)
    findings += unmatched(environment, crds.values())
    on_sources = source_findings(environment, findings)
    findings += _adjusted((*before, *on_sources), policy, silences)
    on_silences = _on_silences(silences, managed, environment, before)
    findings += _adjusted(tuple(on_silences), policy, silences)
    return in_order(list(without_sensitive(findings, managed, kinds)))


@dataclass(frozen=True, slots=True)
class _ManifestCheck:
    """The checks of one manifest."""

    environment: Environment
    manifest: Manifest
    kind: Kind
    admission: Admission | None
    references: References
    policy: PolicyCheck
    silences: Silences

    def findings(self, across: Iterable[FieldFinding] = ()) -> Iterator[Finding]:
        body = self.manifest.document.body()
        admission = self.admission
        refused = list(admission.findings(body)) if admission is not None else []
        accepted = list(filter(None, map(self.policy.adjusted, self._accepted(body, across))))
        accepted.sort(key=lambda finding: _ORDER[finding.severity])
        pasted: set[FieldPath] = set()
        for literal in filter(None, map(self.policy.adjusted, literal_findings(body))):
            for finding in self._unless_silenced(literal):
                # A key in place of a name is one mistake, whatever else is wrong with that name.
                if literal.severity is Severity.ERROR and literal.path[-1:] in _NAMES:
                    pasted.add(literal.path)
                yield finding
        unusable = frozenset(f.path for f in refused if f.code in Admission.UNUSABLE)
        # Correcting the misspelt name of a field also corrects the intended field.
        intended = {finding.intended for finding in refused if finding.intended}
        reported: set[FieldPath] = set()
        for field_finding in refused:
            for finding in self._unless_silenced(field_finding, FinalReason.REFUSED):
                path = field_finding.path
                if path not in reported | intended and not _is_below(path, unusable):
                    reported.add(path)
                    yield finding
        covered = reported | intended | pasted
        for field_finding in accepted:
            final = FinalReason.FORBIDDEN if self.policy.forbids(field_finding) else None
            for finding in self._unless_silenced(field_finding, final):
                path = field_finding.path
                # Every error is reported; a warning or a notice only if its field has no other finding.
                known = covered if field_finding.severity is Severity.ERROR else covered | reported
                if path not in known and not _is_below(path, unusable):
                    reported.add(path)
                    yield finding

    def _accepted(self, body: JsonObject, across: Iterable[FieldFinding]) -> Iterator[FieldFinding]:
        """Findings on what every server accepts, so that a policy may change their severity."""
        yield from self.kind.contract_findings(body)
        yield from self.policy.findings(self.kind, body)
        yield from self.kind.lint(body)
        if self.admission is not None:
            yield from int32_overflows(self.admission.crd.storage_version.schema, body)
            yield from self.kind.lint_with_crd(body, self.admission.crd)
        yield from across
        references = self.kind.object_references(body)
        yield from self.references.findings(
            reference for reference in references if not self.policy.refuses(reference, body)
        )

    def _unless_silenced(
        self, field_finding: FieldFinding, final: FinalReason | None = None
    ) -> Iterator[Finding]:
        finding = _located(field_finding, self.manifest, self.kind, self.environment)
        if not self.silences.silence(finding, final=final):
            yield finding


def _is_below(path: FieldPath, parents: frozenset[FieldPath]) -> bool:
    return any(path[:end] in parents for end in range(len(path)))


def _adjusted(
    findings: tuple[Finding, ...], policy: PolicyCheck, silences: Silences
) -> Iterator[Finding]:
    """Findings that no check of a manifest made, with the severities and silences of the environment."""
    for finding in findings:
        final = FinalReason.REFUSED if codes.is_final(finding.code) else None
        level = None if final else policy.level(finding.code)
        if silences.silence(finding, final=final) or level is Level.OFF:
            continue
        yield replace(finding, severity=Severity(level)) if level else finding


def _on_silences(
    silences: Silences,
    manifests: list[Manifest],
    environment: Environment,
    before: tuple[Finding, ...],
) -> Iterator[Finding]:
    files = frozenset(file.path for file in (*environment.templates, *environment.files))

    def is_rendered(path: str) -> bool:
        """Whether an environment's own file, or a part of a library from which a field comes."""
        origins = (origin for manifest in manifests for origin in manifest.origins.values())
        return path in files or any(origin.template.path == path for origin in origins)

    yield from silences.findings(cache(is_rendered), is_complete=not errors_in(before))


_NAMES = (("name",), ("key",))  # of a Secret, and of its key
_ABOUT_NAMES = frozenset({"K8S002"})


def _located(
    finding: FieldFinding, manifest: Manifest, kind: Kind, environment: Environment
) -> Finding:
    origin = manifest.origin(finding.path)
    where = origin.best
    if finding.code in _ABOUT_NAMES and str(finding.path[-1]) in environment.line(origin.template):
        where = origin.template  # the name of the field is wrong, and it is in the template
    others = (origin.template, *origin.values)
    return Finding(
        code=finding.code,
        severity=finding.severity,
        message=masked(finding.message),
        where=where,
        ref=manifest.ref,
        path=masked(show(finding.path)),
        hint=masked(finding.hint),
        source="" if kind.is_sensitive(finding.path) else shown(environment.line(where)),
        also=tuple(place for place in others if place != where),
    )
