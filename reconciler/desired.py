"""What git says of an environment: load -> render -> validate, without a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.doors import Doors
from reconciler.errors import ExitCode
from reconciler.model.environment import Environment, SourceFile
from reconciler.model.finding import Finding, errors_in, in_order
from reconciler.model.identity import GroupKind
from reconciler.model.manifest import Manifest
from reconciler.model.run import EnvironmentRun, SchemaUsed
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.load import load
from reconciler.stages.load.plain import plain
from reconciler.stages.render import render
from reconciler.stages.render.plain import concerns, read_plain
from reconciler.stages.validate import validate
from reconciler.stages.validate.crds import CrdInUse


@dataclass(frozen=True, slots=True)
class Desired:
    """What git says of one environment, and the CRDs that judge it."""

    environment: Environment
    manifests: tuple[Manifest, ...]
    findings: tuple[Finding, ...]
    in_use: Mapping[GroupKind, CrdInUse]
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.environment.name

    @property
    def crds(self) -> dict[GroupKind, Crd]:
        return {kind: judge.crd for kind, judge in self.in_use.items()}


def desired(doors: Doors, name: str) -> Desired:
    """load -> render: what git says, judged by nothing yet but its own form.

    Raises:
        UnusableEnvironment, RepositoryError: the environment cannot be read.
    """
    environment = load(doors.repository, doors.root, name)
    environment = replace(environment, cluster=doors.target(environment))
    manifests, found = render(environment, doors.renderer, doors.kinds)
    return Desired(environment, manifests, in_order(list(found)), doors.in_use(environment))


def desired_of(doors: Doors, files: tuple[SourceFile, ...]) -> Desired:
    """The same of plain manifests, which no environment renders."""
    found = read_plain(plain(files), doors.kinds)
    environment = plain(file for file in files if concerns(file.text, doors.kinds))
    return Desired(
        environment, found.manifests, found.findings, doors.in_use(environment), found.notes
    )


def checked(doors: Doors, wanted: Desired) -> Desired:
    """validate, by the CRDs that are known: the environment's pins, or the live ones."""
    before = wanted.findings
    found = validate(wanted.environment, wanted.manifests, doors.kinds, wanted.crds, before=before)
    return replace(wanted, findings=found)


def is_whole(doors: Doors, wanted: Desired) -> bool:
    """Whether every object could be read, as the environment's own policy and silences see what was found."""
    return not errors_in(checked(doors, replace(wanted, manifests=())).findings)


def described(wanted: Desired) -> EnvironmentRun:
    """What a report says of it."""
    environment = wanted.environment
    used = {m.ref.group_kind for m in wanted.manifests}
    return EnvironmentRun(
        name=environment.name,
        exit_code=ExitCode.OK,
        files=len(environment.templates),
        objects=len(wanted.manifests),
        schemas=tuple(
            SchemaUsed(judge.crd.name, judge.label)
            for kind, judge in sorted(wanted.in_use.items(), key=lambda item: item[0])
            if kind in used
        ),
        findings=wanted.findings,
        notes=wanted.notes,
    )
