"""Stamps the providers whose keys were rotated, so that their operators reconcile.

One PATCH for each such provider, and none if an earlier run has stamped the same fingerprints. A failure concerns one
provider only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from reconciler.errors import Bug, ClusterError, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.applyset import PART_OF, TOOL
from reconciler.model.change import guarded
from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.hold import hold_of
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.rotation import SecretRow
from reconciler.model.secret import Keyring
from reconciler.model.stamp import MANAGER, Stamped, StampResult, body_of, token, tokens_of
from reconciler.ports import Cluster, Stop
from reconciler.semantics.ownership.queries import applied_by

_AGAIN = "run the command again: it observes the new state first"


@dataclass(frozen=True, slots=True)
class StampInput:
    """What to stamp, and how.

    Attributes:
        rows: every reference of the selected providers, compared with the record.
        live: reads a provider; None if it does not exist.
        keyring: None if there is no fingerprint key; no rotation is known then.
        now: for the ends of holds.
        dry_run: the server answers, and stores nothing.
    """

    rows: tuple[SecretRow, ...]
    kinds: Mapping[GroupKind, Kind]
    set_id: str
    live: Callable[[ObjectRef], Document | None]
    keyring: Keyring | None
    now: datetime
    dry_run: bool = False


def stamp(
    inputs: StampInput,
    cluster: Cluster,
    stop: Stop,
    lock_lost: Callable[[], bool],
) -> tuple[Stamped, ...]:
    """One outcome for each provider with a rotated key, in the order of the rows.

    After a signal, or once the lock is lost, no other provider is stamped.
    """
    rotated = tuple(dict.fromkeys(row.owner for row in inputs.rows if _is_rotated(row)))

    def stamp_provider(ref: ObjectRef) -> Stamped:
        if stop.requested:
            return _skipped(inputs, ref, "interrupted before it was stamped")
        if lock_lost():
            return _skipped(inputs, ref, "the lock was lost before it was stamped")
        return _stamp_provider(inputs, cluster, ref)

    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        return tuple(pool.map(stamp_provider, rotated))


def _is_rotated(row: SecretRow) -> bool:
    """Whether a rotation of the key is open, and this run read its value."""
    return row.open and row.reading.fingerprint is not None


def _skipped(inputs: StampInput, ref: ObjectRef, reason: str) -> Stamped:
    return Stamped(ref, StampResult.SKIPPED, _rotated_keys(inputs, ref), reason)


def _rotated_keys(inputs: StampInput, ref: ObjectRef) -> tuple[str, ...]:
    keys = (str(row.key) for row in inputs.rows if row.owner == ref and _is_rotated(row))
    return tuple(dict.fromkeys(keys))


def _stamp_provider(inputs: StampInput, cluster: Cluster, ref: ObjectRef) -> Stamped:
    rows = [row for row in inputs.rows if row.owner == ref]
    names = _rotated_keys(inputs, ref)
    try:
        result, message = _attempt(inputs, cluster, ref, rows)
        return Stamped(ref, result, names, message)
    except Refused as refused:
        if refused.reason in (RefusalReason.STALE, RefusalReason.FIELD_CONFLICT):
            changed = f"it has changed since it was read: {refused.message}"
            return Stamped(ref, StampResult.REFUSED, names, changed, _AGAIN)
        return Stamped(ref, StampResult.FAILED, names, refused.message, refused.hint)
    except ClusterError as error:
        # The server may have stored it. The next run reads the annotation and knows.
        return Stamped(ref, StampResult.FAILED, names, error.message, error.hint)
    except Exception as error:  # noqa: BLE001 -- a bug with one provider must not lose the outcomes of the others
        bug = Bug.of(error)
        return Stamped(ref, StampResult.FAILED, names, bug.message, bug.hint)


def _attempt(
    inputs: StampInput, cluster: Cluster, ref: ObjectRef, rows: list[SecretRow]
) -> tuple[StampResult, str]:
    document = inputs.live(ref)
    live = document.body() if document else {}
    reason = _why_not(live, inputs)
    if reason or inputs.keyring is None:
        return StampResult.SKIPPED, reason
    before = tokens_of(live)
    tokens = {row: token(inputs.keyring, row) for row in rows if row.reading.fingerprint}
    if before.issuperset(tokens[row] for row in rows if _is_rotated(row)):
        return StampResult.UNCHANGED, ""
    # Without the fingerprint of a reference, the token that it may already have must stay.
    kept = before if len(tokens) < len(rows) else frozenset()
    endpoint = inputs.kinds[ref.group_kind].endpoint
    body = body_of(endpoint, ref, kept | set(tokens.values()))
    # Forced, since nobody else has a claim to this annotation; the uid alone keeps a deleted object deleted.
    uid = str(dig(live, "metadata", "uid") or "")
    cluster.apply(
        endpoint,
        guarded(body, uid, "", force=False),
        manager=MANAGER,
        force=True,
        dry_run=inputs.dry_run,
    )
    return StampResult.STAMPED, ""


def _why_not(live: JsonObject, inputs: StampInput) -> str:
    """Why a provider is not stamped; "" if it may be."""
    if not live:
        return "it does not exist, or this run has just created it"
    if dig(live, "metadata", "deletionTimestamp"):
        return "it is being deleted"
    if hold := hold_of(live, inputs.now):
        return f"it is held until {hold.until or 'somebody corrects its annotation'}"
    if applied_by(live, TOOL) is None or dig(live, "metadata", "labels", PART_OF) not in (
        None,
        inputs.set_id,
    ):
        return "it is not an object of this environment: it was never applied"
    return ""
