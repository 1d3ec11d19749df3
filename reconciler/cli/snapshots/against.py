"""`diff --against`: a snapshot in place of a cluster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reconciler.adapters.directory.snapshot import SnapshotCluster, read_snapshot
from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.dependencies import Options
from reconciler.errors import RepositoryError, UsageError
from reconciler.model.environment import Environment
from reconciler.model.manifest import Manifest
from reconciler.model.run import EnvironmentRun
from reconciler.model.snapshot import AS_GIT, Snapshot
from reconciler.model.verbs import VALIDATE
from reconciler.pipeline import render
from reconciler.ports import Redactor
from reconciler.stages.snapshot import crds_of, restored
from reconciler.text.foreign import MARK


def open_snapshot(inputs: Inputs, environment: Environment, redactor: Redactor) -> SnapshotCluster:
    """The snapshot of an environment, with the values that git has.

    Raises:
        UsageError: it is no snapshot, or one of another environment.
    """
    folder = Path(inputs.against)
    snapshot = read_snapshot(folder)
    if snapshot.environment != environment.name:
        raise UsageError(
            f"{folder}: it is a snapshot of another environment than {environment.name}",
            hint=f"{inputs.invocation().command('snapshot', environment.name, 'FOLDER')} writes one",
        )
    notes = [
        f"what changed since {snapshot.taken}, when the snapshot was written",
        "Secrets, consumers and permissions, which a snapshot does not have",
    ]
    manifests, note = _manifests(inputs, snapshot, redactor)
    snapshot = restored(snapshot, manifests)
    try:
        crds = crds_of(snapshot)
    except ValueError:
        raise UsageError(f"{folder}: one of its CRDs is not a CRD") from None
    notes += [note] if note else []
    if hidden := sum(each.text.count(f'"{MARK}"') for each in snapshot.objects):
        notes.append(
            "1 hidden value in the snapshot: it differs from the one that git had, and no more is known"
            if hidden == 1
            else f"{hidden:,} hidden values in the snapshot: they differ from those that git had, and no more is known"
        )
    return SnapshotCluster(snapshot, crds, tuple(notes))


def _manifests(
    inputs: Inputs, snapshot: Snapshot, redactor: Redactor
) -> tuple[tuple[Manifest, ...], str]:
    """What git describes at the commit of the snapshot, or else what it describes now, with a note."""
    if not any(AS_GIT in each.text for each in snapshot.objects):
        return (), ""
    here = replace(inputs, against="", trust="")
    try:
        then = replace(here, revision=snapshot.commit)
        return _rendered(then, snapshot.environment, redactor), ""
    except RepositoryError:
        note = f"hidden values: commit {snapshot.commit[:12]}, which has them, is not in this clone"
        return _rendered(here, snapshot.environment, redactor), note


def _rendered(inputs: Inputs, name: str, redactor: Redactor) -> tuple[Manifest, ...]:
    deps = build_dependencies(inputs, redactor, reads_cluster=False)
    state = render(deps, Options(VALIDATE), name)
    return () if isinstance(state, EnvironmentRun) else state.manifests
