"""`snapshot`: reads the live state of an environment, and writes it to a folder."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from reconciler.adapters.directory.snapshot import HEAD, files_of
from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.delivery.links import refuse_links
from reconciler.cli.delivery.output import Sink, emit, write_file
from reconciler.cli.snapshots.older import refuse_another
from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.dependencies import Dependencies, Options
from reconciler.errors import ExitCode, ReconcilerError, RepositoryError, UsageError
from reconciler.model.identity import CONFIG_MAP
from reconciler.model.run import ClusterIdentity, EnvironmentRun
from reconciler.model.snapshot import Snapshot
from reconciler.model.verbs import DIFF
from reconciler.pipeline import render
from reconciler.stages.observe.cluster import live_schemas
from reconciler.stages.snapshot import SnapshotInput, own_parts, ref_of, take
from reconciler.steps import cluster, record
from reconciler.text.foreign import masked_name


def write_snapshot(inputs: Inputs, name: str, folder: str) -> int:
    """Write a snapshot, in place of an older one of the same environment.

    Raises:
        UsageError: the folder has something else, or another snapshot.
        RepositoryError: a file cannot be written.
        ClusterError: the cluster cannot be read; nothing was written.
    """
    target = Path(folder)
    _refuse(target, inputs.repository)
    redactor = SecretRedactor()
    snapshot = take_snapshot(build_dependencies(inputs, redactor), name)
    files = list(files_of(snapshot))
    if any(redactor.leaks(text) for _, text in files):
        raise ReconcilerError("the snapshot contained a secret value and was not written")
    refuse_another(target, snapshot)
    _remove(target)
    for path, text in files:
        write_file(target / path, text)
    emit(f"{masked_name(_summary(snapshot, folder))}\n", Sink("text"), redactor)
    return ExitCode.OK


def take_snapshot(deps: Dependencies, name: str) -> Snapshot:
    """The live state of an environment.

    Raises:
        UsageError: the environment cannot be read or rendered.
        ClusterError: the cluster cannot be read.
    """
    options = Options(DIFF)
    state = render(deps, options, name)
    if isinstance(state, EnvironmentRun):
        raise UsageError(f"{name} cannot be read", hint=deps.invocation.command("validate", name))
    for step in (cluster.connect, cluster.identify, record.read_record):
        state = step(deps, options, state)
    policy, revision = state.environment.policy, deps.repository.revision
    pinned = {kind: used.crd for kind, used in state.crds.items()}
    crds, _ = live_schemas(deps.kinds, deps.kinds, pinned, state.connection)
    stored = state.stored_record
    config_map = stored.config_map.body() if stored.config_map else None
    inputs = SnapshotInput(
        version=deps.version,
        environment=state.environment,
        commit="" if revision.dirty else revision.commit,
        cluster=state.cluster_identity or ClusterIdentity(""),
        kinds={
            name: replace(kind, shown_headers=policy.shown_headers)
            for name, kind in deps.kinds.items()
        },
        crds=crds,
        manifests=state.manifests,
        taken=deps.now(),
        config_map=own_parts(config_map, stored.record) if config_map else None,
        recorded=not stored.notes,
        known=frozenset(stored.known),
    )
    return take(inputs, state.connection)


def _refuse(target: Path, repository: str) -> None:
    refuse_links(target, Path(repository))
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file, but a snapshot is a folder")
    if target.is_dir() and any(target.iterdir()) and not (target / HEAD).is_file():
        raise UsageError(
            f"{target}: the folder contains something else", hint="name an empty or a new folder"
        )


def _remove(target: Path) -> None:
    """Remove the snapshot in a folder, first of all the file that makes it one."""
    try:
        (target / HEAD).unlink(missing_ok=True)
        for folder in ("crds", "objects"):
            if (target / folder).is_dir() and not (target / folder).is_symlink():
                shutil.rmtree(target / folder)
    except OSError as error:
        raise RepositoryError(f"cannot be removed: {error.strerror}", where=str(target)) from None


def _summary(snapshot: Snapshot, folder: str) -> str:
    number = sum(CONFIG_MAP.kind != ref_of(each.body()).kind for each in snapshot.objects)
    objects = "1 object" if number == 1 else f"{number:,} objects"
    commit = snapshot.commit[:7] or "no commit"
    lines = [f"{snapshot.environment}: {objects} in {folder}, compared with {commit}"]
    lines += [f"not read: {place}: no permission" for place in snapshot.unlisted]
    lines += [] if snapshot.recorded else ["without the record, which cannot be read"]
    return "\n".join(lines)
