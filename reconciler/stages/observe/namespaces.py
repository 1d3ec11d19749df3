"""Namespaces that are being deleted: their objects go, and no object can be created in them."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from reconciler.errors import TERMINATING, Cause, RefusalReason, Refused
from reconciler.model.document import dig
from reconciler.model.identity import NAMESPACE
from reconciler.model.observation import Refusal
from reconciler.model.unchecked import NAMESPACE as SUBJECT
from reconciler.model.unchecked import NO_PERMISSION, UNREADABLE, Unchecked
from reconciler.ports import Cluster


def observe_namespaces(
    names: Iterable[str], cluster: Cluster, pool: ThreadPoolExecutor
) -> tuple[dict[str, Refusal], tuple[Unchecked, ...]]:
    """The reason for each namespace that is being deleted, and the namespaces that may not be read."""

    def read(name: str) -> Refusal | Unchecked | None:
        try:
            body = cluster.get(NAMESPACE, "", name)
        except Refused as refused:
            if refused.reason is RefusalReason.FORBIDDEN:
                return Unchecked(SUBJECT, name, NO_PERMISSION, f"allow get on namespaces {name}")
            return Unchecked(SUBJECT, name, UNREADABLE, refused.message)
        if body is None or not dig(body.body(), "metadata", "deletionTimestamp"):
            return None
        message = f"the namespace {name} is being deleted, with everything in it"
        return Refusal(RefusalReason.NO_NAMESPACE, message, (Cause("", TERMINATING, message),))

    ordered = sorted(names)
    answers = dict(zip(ordered, pool.map(read, ordered), strict=True))
    leaving = {name: each for name, each in answers.items() if isinstance(each, Refusal)}
    return leaving, tuple(each for each in answers.values() if isinstance(each, Unchecked))
