"""Judge rendered manifests without a cluster: all findings at once, each with its place.

    literals     a secret stands in the manifest
    admission    what the CRD says: structure, types, enums, rules
    contract     what the documentation asks for and no CRD checks
    lint         accepted, but does not do what its author thinks
    references   objects that the manifests name

One finding per path, the first of that order; a literal is told beside the others, for it must leave git in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from pydantic import ValidationError

from reconciler.crds import catalogue
from reconciler.kind import Finding, Kind
from reconciler.model.diagnostic import Diagnostic, Severity, in_order
from reconciler.model.document import JsonObject, dig_map
from reconciler.model.environment import Environment
from reconciler.model.identity import GroupKind
from reconciler.model.manifest import Manifest
from reconciler.model.path import FieldPath, show, starts_with
from reconciler.semantics.crd import Crd
from reconciler.stages.validate.admission import Admission
from reconciler.stages.validate.eras import History
from reconciler.stages.validate.literals import literals
from reconciler.stages.validate.references import References
from reconciler.text.credentials import masked
from reconciler.text.lines import shown


def validate(
    environment: Environment,
    manifests: Iterable[Manifest],
    kinds: Mapping[GroupKind, Kind],
    crds: Mapping[GroupKind, Crd],
    history: Callable[[str], History] = catalogue.history,
) -> tuple[Diagnostic, ...]:
    """Findings on every manifest of a managed kind, in order of their places.

    A kind without a CRD in `crds` is judged by what it says itself. `history` gives the schemas of a CRD by day, and
    is asked only about fields that the CRD in `crds` does not have.
    """
    managed = [manifest for manifest in manifests if manifest.ref.group_kind in kinds]
    references = References(environment.namespaces, frozenset(m.ref for m in managed))
    found: list[Diagnostic] = []
    for manifest in managed:
        kind = kinds[manifest.ref.group_kind]
        crd = crds.get(manifest.ref.group_kind)
        admission = Admission(kind, crd, history) if crd is not None else None
        found += _judged(environment, manifest, kind, admission, references)
    return in_order(found)


def _judged(
    environment: Environment,
    manifest: Manifest,
    kind: Kind,
    admission: Admission | None,
    references: References,
) -> Iterator[Diagnostic]:
    body = manifest.document.body()
    refused = list(admission.findings(body)) if admission is not None else []
    findings = [
        *refused,
        *_contract(kind, body),
        *kind.lint(body),
        *references.findings(kind.object_references(body)),
    ]
    unusable = [f.path for f in refused if f.code in Admission.UNUSABLE]
    for finding in (*literals(body), *_one_per_path(findings, unusable)):
        yield _placed(finding, manifest, kind, environment)


def _contract(kind: Kind, body: JsonObject) -> Iterator[Finding]:
    try:
        kind.contract.model_validate(dig_map(body, "spec"))
    except ValidationError as error:
        for breach in error.errors(include_url=False, include_input=False):
            hint = str(breach.get("ctx", {}).get("hint", ""))
            path = ("spec", *breach["loc"])
            yield Finding(breach["type"], Severity.ERROR, path, breach["msg"], hint)


def _one_per_path(findings: list[Finding], unusable: list[FieldPath]) -> Iterator[Finding]:
    """The first finding of each path, and none below a field that the CRD does not have or cannot read."""
    told: set[FieldPath] = set()
    for finding in findings:
        below = any(path != finding.path and starts_with(finding.path, path) for path in unusable)
        if finding.path not in told and not below:
            told.add(finding.path)
            yield finding


def _placed(
    finding: Finding, manifest: Manifest, kind: Kind, environment: Environment
) -> Diagnostic:
    origin = manifest.origin(finding.path)
    where = origin.best
    others = (origin.template, *origin.values)
    return Diagnostic(
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
