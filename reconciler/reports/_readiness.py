"""Entries about objects that are not ready."""

from __future__ import annotations

from reconciler.model.change import Change
from reconciler.model.readiness import ReadyState
from reconciler.model.run import ClusterIdentity
from reconciler.report import Style
from reconciler.reports._entries import Entry, Level
from reconciler.reports._words import literal, since


def not_ready(
    cluster: ClusterIdentity | None, change: Change, subject: str, style: Style
) -> Entry | None:
    """An entry about an object that its operator does not call ready; None if it does, or says nothing."""
    readiness = change.readiness
    if readiness is None or readiness.state is not ReadyState.NOT_READY:
        return None
    cluster = cluster or ClusterIdentity("")
    target = f"{change.endpoint.crd_name}/{change.ref.name}"
    describe = cluster.kubectl("-n", change.ref.namespace, "describe", target)
    words = ": ".join(text for text in (readiness.reason, readiness.message) if text)
    return Entry(
        label="NOT READY",
        level=Level.LOOK,
        subject=subject,
        owners=(change.ref,),
        time=since(readiness.since, style),
        quoted=(words,) if words else (),
        actions=(("look", literal(cluster.file(change.endpoint, change.ref) or describe)),),
    )
