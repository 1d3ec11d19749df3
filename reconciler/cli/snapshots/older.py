"""What a folder has before a snapshot is written to it: an older one of the same environment, or another."""

from __future__ import annotations

from pathlib import Path

from reconciler.adapters.directory.files import Files
from reconciler.adapters.directory.snapshot import HEAD
from reconciler.errors import UsageError
from reconciler.model.document import parsed
from reconciler.model.snapshot import Snapshot


def refuse_another(target: Path, snapshot: Snapshot) -> None:
    """Refuse to replace a snapshot of another environment, or of another cluster.

    Raises:
        UsageError: the folder has such a snapshot, or one that does not say of what it is. No message quotes it.
    """
    file = Files().read(target / HEAD)
    if file is None:
        return
    environment, uid = _identity(file[0])
    hint = f"name another folder, or remove {target} if nobody needs it"
    if environment != snapshot.environment:
        raise UsageError(
            f"{target}: it contains a snapshot of another environment than {snapshot.environment}",
            hint=hint,
        )
    if uid and snapshot.cluster_uid and uid != snapshot.cluster_uid:
        raise UsageError(
            f"{target}: it has a snapshot of {snapshot.environment} in another cluster", hint=hint
        )


def _identity(content: bytes) -> tuple[object, object]:
    """The environment and the uid of the cluster that a first file names; None for what it does not."""
    try:
        head = parsed(content)
    except ValueError:
        return None, None
    return (
        (head.get("environment"), head.get("clusterUid"))
        if isinstance(head, dict)
        else (None, None)
    )
