"""The first line about an environment: the commit, the last applied one, and the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model import reasons as reason
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, RecordSummary, Run
from reconciler.model.verbs import Flow
from reconciler.report import Style
from reconciler.reports._words import literal, when


def facts(run: Run, environment: EnvironmentRun, style: Style) -> Iterator[str]:
    """The commit, the last apply, the cluster, and whose settings and which plan it follows, if there is a report."""
    if reason.NO_REPORT not in environment.exit_reasons:
        yield from _facts(run, environment, style)


def _facts(run: Run, environment: EnvironmentRun, style: Style) -> Iterator[str]:
    revision, record = environment.revision or run.revision, environment.record
    commit = literal(revision.short)
    if record is None or environment.observed:
        yield f"git {commit}" if revision.commit else commit
    elif record.unreadable:
        yield f"{commit}, the record of the last apply cannot be read"
    elif record.lost:
        yield f"{commit}, the record of the last apply is lost"
    elif not record.applied:
        yield f"{commit}, never applied {'completely' if record.partial else 'before'}"
    else:
        yield from _since(run.verb.flow, record, revision, style)
    if environment.observed:
        yield f"applied by {literal(environment.observed)}, only observed"
    if environment.cluster:
        yield f"cluster {literal(environment.cluster.name)}"
    if environment.trust and not environment.trust.is_new:
        yield f"settings of {literal(environment.trust.base.short)}"
    if environment.reviewed and not environment.moved:
        yield f"as reviewed in plan {literal(environment.reviewed)}"


def _since(flow: Flow, record: RecordSummary, revision: Revision, style: Style) -> Iterator[str]:
    """What was applied last, and what is in git now."""
    commit = literal(revision.short)
    commit_before, _, dirty = record.revision.partition("+")
    before = literal(Revision(commit_before, dirty=bool(dirty)).short)
    time = when(record.applied, style)
    if flow is Flow.WATCH:
        yield f"applied {before}, {time}" if commit_before else f"applied without git, {time}"
        yield f"git {commit}" if revision.commit else commit
    elif commit_before:
        yield f"{commit} onto {before}, applied {time}"
    else:
        yield f"{commit}, applied without git {time}"
