"""Judge rendered manifests without a cluster: all findings at once, each with its place.

    literals     a secret stands in the manifest, or in the sources
    admission    what the CRD says: structure, types, enums, rules
    contract     what the documentation asks for and no CRD checks
    policy       what the environment does not allow
    lint         accepted, but does not do what its author thinks
    references   objects that the manifests name

One finding per path, the most severe first of that order; a literal is told beside the others, for it must leave git
in any case. The environment says how severe it finds a rule, and a comment can silence one place: what a CRD
refuses is beyond both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.crds import catalogue
from reconciler.kind import FieldFinding, Kind, no_findings_together, rules_of
from reconciler.model import codes
from reconciler.model.document import JsonObject
from reconciler.model.environment import Environment, Level
from reconciler.model.finding import Finding, Severity, errors_in, in_order
from reconciler.model.identity import GroupKind
from reconciler.model.manifest import Manifest
from reconciler.model.path import FieldPath, show
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate.admission import Admission
from reconciler.stages.validate.eras import History
from reconciler.stages.validate.literals import literals
from reconciler.stages.validate.policy import Policy, overruled
from reconciler.stages.validate.references import References
from reconciler.stages.validate.silence import Final, Silences
from reconciler.stages.validate.sources import in_sources
from reconciler.stages.validate.widths import too_wide
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
    """Findings on the sources and on every manifest of a managed kind, in order of their places.

    A kind without a CRD in `crds` is judged by what it says itself. `history` gives the schemas of a CRD by day, and
    is asked only about fields that the CRD in `crds` does not have. `before` is what earlier stages found; it comes
    back as the environment sees it.
    """
    managed = [manifest for manifest in manifests if manifest.ref.group_kind in kinds]
    references = References.among(environment.namespaces, (m.ref for m in managed), kinds)
    policy = Policy.of(environment.policy.rules)
    silences = Silences(environment, rules_of(kinds.values()))
    together = _together(managed, kinds)
    known = frozenset((one.ref, one.path) for one in errors_in(before))

    def is_news(one: Finding) -> bool:
        """Of a field that cannot be read, and of the whole around it, earlier stages have told."""
        return not known & {(one.ref, one.path), (one.ref, one.path.partition(".")[0])}

    found: list[Finding] = []
    for number, manifest in enumerate(managed):
        kind = kinds[manifest.ref.group_kind]
        crd = crds.get(manifest.ref.group_kind)
        admission = Admission(kind, crd, history) if crd is not None else None
        judging = _Judging(environment, manifest, kind, admission, references, policy, silences)
        told = judging.findings(together.get(number, ()))
        found += filter(is_news, told)
    found += overruled(environment, found)
    found += _settled((*before, *in_sources(environment, found)), policy, silences)
    found += _settled(tuple(_on_silences(silences, managed, environment, before)), policy, silences)
    return in_order(found)


def _together(
    manifests: list[Manifest], kinds: Mapping[GroupKind, Kind]
) -> dict[int, list[FieldFinding]]:
    """What several objects of a kind show, by the number of the manifest."""
    found: dict[int, list[FieldFinding]] = {}
    for group_kind in dict.fromkeys(manifest.ref.group_kind for manifest in manifests):
        if kinds[group_kind].lint_together is no_findings_together:
            continue
        numbers = [
            n for n, manifest in enumerate(manifests) if manifest.ref.group_kind == group_kind
        ]
        bodies = tuple(manifests[n].document.body() for n in numbers)
        for index, finding in kinds[group_kind].lint_together(bodies):
            found.setdefault(numbers[index], []).append(finding)
    return found


@dataclass(frozen=True, slots=True)
class _Judging:
    """The judgement of one manifest."""

    environment: Environment
    manifest: Manifest
    kind: Kind
    admission: Admission | None
    references: References
    policy: Policy
    silences: Silences

    def findings(self, together: Iterable[FieldFinding] = ()) -> Iterator[Finding]:
        body = self.manifest.document.body()
        admission = self.admission
        refused = list(admission.findings(body)) if admission is not None else []
        soft = [found for found in map(self.policy.judged, self._soft(body, together)) if found]
        soft.sort(key=lambda finding: _ORDER[finding.severity])
        for literal in filter(None, map(self.policy.judged, literals(body))):
            yield from self._told(literal)
        unusable = frozenset(f.path for f in refused if f.code in Admission.UNUSABLE)
        meant = {finding.meant for finding in refused if finding.meant}  # one mistake, one finding
        told: set[FieldPath] = set()
        for field_finding in refused:
            for finding in self._told(field_finding, Final.REFUSED):
                path = field_finding.path
                if path not in told | meant and not _is_below(path, unusable):
                    told.add(path)
                    yield finding
        taken = told | meant
        for field_finding in soft:
            final = Final.FORBIDDEN if self.policy.forbids(field_finding) else None
            for finding in self._told(field_finding, final):
                path = field_finding.path
                # Every error must be mended; what is less than that waits until its field has none.
                known = taken if field_finding.severity is Severity.ERROR else taken | told
                if path not in known and not _is_below(path, unusable):
                    told.add(path)
                    yield finding

    def _soft(self, body: JsonObject, together: Iterable[FieldFinding]) -> Iterator[FieldFinding]:
        """What no server refuses: a policy may see it otherwise."""
        yield from self.kind.breaches(body)
        yield from self.policy.findings(self.kind, body)
        yield from self.kind.lint(body)
        if self.admission is not None:
            yield from too_wide(self.admission.crd.storage_version.schema, body)
            yield from self.kind.lint_by(body, self.admission.crd)
        yield from together
        references = self.kind.object_references(body)
        allowed = tuple(one for one in references if not self.policy.refuses(one, body))
        yield from self.references.findings(allowed)

    def _told(self, field_finding: FieldFinding, final: Final | None = None) -> Iterator[Finding]:
        finding = _placed(field_finding, self.manifest, self.kind, self.environment)
        if not self.silences.take(finding, final=final):
            yield finding


def _is_below(path: FieldPath, above: frozenset[FieldPath]) -> bool:
    return any(path[:end] in above for end in range(len(path)))


def _settled(found: tuple[Finding, ...], policy: Policy, silences: Silences) -> Iterator[Finding]:
    """Findings that are of no manifest, as the environment sees them."""
    for finding in found:
        final = codes.is_final(finding.code)
        level = None if final else policy.level(finding.code)
        if silences.take(finding, final=Final.REFUSED if final else None) or level is Level.OFF:
            continue
        yield replace(finding, severity=Severity(level)) if level else finding


def _on_silences(
    silences: Silences,
    manifests: list[Manifest],
    environment: Environment,
    before: tuple[Finding, ...],
) -> Iterator[Finding]:
    origins = (origin for manifest in manifests for origin in manifest.origins.values())
    files = (*environment.templates, *environment.files)
    rendered = {*(file.path for file in files), *(origin.template.path for origin in origins)}
    yield from silences.told(rendered, whole=not errors_in(before))


_ABOUT_NAMES = frozenset({"K8S002"})


def _placed(
    finding: FieldFinding, manifest: Manifest, kind: Kind, environment: Environment
) -> Finding:
    origin = manifest.origin(finding.path)
    where = origin.best
    if finding.code in _ABOUT_NAMES and str(finding.path[-1]) in environment.line(origin.template):
        where = origin.template  # it is the field's name that is wrong, and the template writes it
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
