"""Refuses uncommitted changes: nobody has reviewed them, and nobody can look them up later. Pure."""

from __future__ import annotations

from typing import Final

from reconciler.errors import UsageError
from reconciler.model.environment import ClusterTarget, ClusterType
from reconciler.model.revision import Revision

_NAMED: Final = 5  # files in the message; the JSON report has all of them


def refused(revision: Revision, cluster: ClusterTarget) -> UsageError | None:
    """Why these sources may not be applied to a cluster; None if they may, also if there is no git."""
    if not revision.dirty or cluster.type is ClusterType.DIRECTORY:
        return None
    hint = "commit it, or name a commit with --revision; --allow-dirty applies it as it is"
    return UsageError(_difference(revision), hint=hint)


def _difference(revision: Revision) -> str:
    if not revision.commit:
        return "the repository has no commit yet"
    commit = revision.commit[:7]
    if not revision.changed:
        return f"the working tree cannot be compared with {commit}: the clone lacks objects of git"
    named, left = revision.changed[:_NAMED], len(revision.changed) - _NAMED
    more = f" and {left:,} more" if left > 0 else ""
    return f"the working tree differs from {commit}: {', '.join(named)}{more}"
