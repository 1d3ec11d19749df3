"""Entries about namespaces and CRDs that the cluster lacks: one for each, whatever the number of objects that wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from reconciler.model.change import Awaited, Change, Prerequisite
from reconciler.model.command import shell
from reconciler.model.run import ClusterIdentity, EnvironmentRun
from reconciler.report import Style
from reconciler.reports._changes import name_of
from reconciler.reports._entries import Entry, Level, names_in
from reconciler.reports._words import count, listed, literal

_NAMED: Final = 5  # objects; -v lists all of them


def about_waiting(environment: EnvironmentRun, style: Style) -> Iterator[Entry]:
    """One entry for each namespace and CRD without which objects cannot be applied, and how to end the wait."""
    waiting: dict[Awaited, list[Change]] = defaultdict(list)
    for change in environment.changes:
        if change.awaited:
            waiting[change.awaited].append(change)
    names = names_in(environment)
    cluster = environment.cluster or ClusterIdentity("")
    for awaited, changes in sorted(waiting.items()):
        shown = changes if style.verbose else changes[:_NAMED]
        listing = [name_of(change.ref, names) for change in shown]
        if left := len(changes) - len(shown):
            listing.append(f"{left:,} more")
        verb = "waits" if len(changes) == 1 else "wait"
        yield Entry(
            label="WAITING",
            level=Level.LOOK,
            subject=_subject(awaited),
            owners=tuple(change.ref for change in changes),
            sentences=(f"{count(len(changes), 'object')} {verb} for it: {listed(listing)}",),
            quoted=tuple(dict.fromkeys(change.reason for change in changes)),
            actions=(("fix", _command(cluster, awaited)),),
        )


def _subject(awaited: Awaited) -> str:
    kind = "namespace" if awaited.type is Prerequisite.NAMESPACE else "CRD"
    return f"{kind} {literal(awaited.name)}"


def _command(cluster: ClusterIdentity, awaited: Awaited) -> str:
    """What ends the wait. A CRD comes with the operator that serves it, which is installed in many ways."""
    if awaited.type is Prerequisite.CRD:
        return f"install the operator that brings {literal(awaited.name)}"
    if cluster.folder:
        return literal(shell("mkdir", f"{cluster.folder}/{awaited.name}"))
    if awaited.leaving:
        return literal(cluster.kubectl("wait", "--for=delete", f"namespace/{awaited.name}"))
    return literal(cluster.kubectl("create", "namespace", awaited.name))
