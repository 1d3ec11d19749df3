"""The steps on the sources: load, render, validate. They read no cluster and load none of its stages.

Plain files need no environment, so the stage `load` is imported only where one is read.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.errors import UsageError
from reconciler.model.environment import Environment, SourceFile
from reconciler.model.finding import errors_in, in_order
from reconciler.model.run import EnvironmentRun
from reconciler.model.shard import UNDIVIDED
from reconciler.model.verbs import Flow, Verb
from reconciler.reconciliation import Reconciliation
from reconciler.stages.overlaps import may_meet, overlaps
from reconciler.stages.plain import plain_environment
from reconciler.stages.render import render as render_manifests
from reconciler.stages.render.plain import names_managed_group, read_plain
from reconciler.stages.validate import validate as validate_manifests


def load(deps: Dependencies, name: str) -> Reconciliation:
    """Read the environment, its values and its templates.

    Raises:
        UnusableEnvironment: with every finding on its files.
        RepositoryError: a file cannot be read.
        UsageError: there is no such environment.
    """
    from reconciler.stages.load import load as load_environment
    from reconciler.stages.load.trust import own_settings

    environment = load_environment(deps.repository, deps.root, name, deps.kinds, deps.trusted)
    notes = () if deps.trusted else own_settings(deps.repository.revision)
    return Reconciliation(replace(environment, cluster=deps.target(environment)), notes=notes)


def near(deps: Dependencies, options: Options, names: tuple[str, ...]) -> tuple[str, ...]:
    """The environments of this share, and those of others that write to the same clusters.

    Only these are rendered and compared: a fleet has more objects than one pod should keep in memory.
    """
    if options.shard == UNDIVIDED:
        return names
    outlines = filter(None, (_outline(deps, name) for name in names))
    meeting = may_meet(outlines, filter(options.shard.owns, names))
    return tuple(name for name in names if name in meeting)


def _outline(deps: Dependencies, name: str) -> Environment | None:
    """Which cluster an environment is on, without its values and templates, as most are of other shares.

    None if its file is unusable, which its own run reports.
    """
    from reconciler.stages.load import load_outline

    for repository in filter(None, (deps.trusted, deps.repository)):
        with suppress(Exception):
            outline = load_outline(repository, deps.root, name)
            return replace(outline, cluster=deps.target(outline))
    return None


def refuse_observed(environment: Environment, verb: Verb) -> None:
    """Check that a verb which writes objects does not run beside the tool that applies the environment.

    Raises:
        UsageError: it would.
    """
    if environment.observed and verb.flow in (Flow.CHANGE, Flow.STAMP):
        raise UsageError(
            f"{environment.name} is only observed: {environment.observed} applies it",
            hint=f"a diff compares it; without `mode: observe`, {verb} writes",
            where=environment.file,
        )


def load_plain(deps: Dependencies, files: tuple[SourceFile, ...]) -> Reconciliation:
    """Read plain manifests, which belong to no environment."""
    listed = read_plain(plain_environment(files), deps.kinds)
    environment = plain_environment(
        file for file in files if names_managed_group(file.text, deps.kinds)
    )
    return Reconciliation(
        environment,
        manifests=listed.manifests,
        findings=listed.findings,
        crds=deps.crds_for(environment, {manifest.ref.group_kind for manifest in listed.manifests}),
        notes=listed.notes,
    )


def render(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Render the templates, and select the CRDs that validate the manifests offline.

    Raises:
        UsageError: the verb writes objects, and another tool applies the environment.
    """
    refuse_observed(state.environment, options.verb)
    deps.progress(state.name, "rendering")
    manifests, findings = render_manifests(state.environment, deps.renderer, deps.kinds)
    crds = deps.crds_for(state.environment, deps.kinds.keys())
    return replace(state, manifests=manifests, findings=in_order(list(findings)), crds=crds)


def with_overlaps(
    environments: tuple[Reconciliation | EnvironmentRun, ...],
) -> tuple[Reconciliation | EnvironmentRun, ...]:
    """Add the findings on objects that several of the environments write."""
    rendered = [state for state in environments if isinstance(state, Reconciliation)]
    findings = overlaps((state.environment, state.manifests) for state in rendered)
    return tuple(
        replace(state, findings=(*state.findings, *findings.get(state.name, ())))
        if isinstance(state, Reconciliation)
        else state
        for state in environments
    )


def with_unrendered(
    deps: Dependencies,
    options: Options,
    environments: tuple[Reconciliation | EnvironmentRun, ...],
) -> tuple[Reconciliation | EnvironmentRun, ...]:
    """Add the findings on templates that no environment renders, if a `validate` has read all environments."""
    rendered = [state for state in environments if isinstance(state, Reconciliation)]
    if options.verb.reads_cluster:
        return environments
    from reconciler.stages.load import environments as usable
    from reconciler.stages.load import lost_environments
    from reconciler.stages.unrendered import unrendered  # files need neither

    every = {*usable(deps.repository), *lost_environments(deps.repository)}
    if {state.name for state in rendered} != every:
        return environments
    paths = deps.repository.files("templates")
    findings = unrendered(paths, [state.environment for state in rendered])
    return tuple(replace(state, findings=(*state.findings, *findings)) for state in rendered)


def validate_sources(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Find errors on the sources, which no live CRD can change, before a cluster is read."""
    sources = validate(deps, options, replace(state, manifests=()))
    return replace(state, unreadable=bool(errors_in(sources.findings)))


def compare_with_commit(
    deps: Dependencies, options: Options, state: Reconciliation
) -> Reconciliation:
    """Look whether the sources are those of a commit, before a request is sent.

    Raises:
        UsageError: they are not, and the verb would apply them to an API server.
    """
    from reconciler.stages.uncommitted import refused  # `validate` never needs it

    error = refused(deps.repository.revision, state.environment.cluster)
    if error is None or options.allow_dirty:
        return state
    if options.verb.writes_objects:
        raise error
    return replace(state, uncommitted=True)


def validate(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """Validate the sources and the manifests, by the live CRDs once `read_crds` has run."""
    crds = {kind: used.crd for kind, used in state.crds.items()}
    findings = validate_manifests(
        state.environment, state.manifests, deps.kinds, crds, before=state.findings
    )
    return replace(state, findings=findings)
