"""News as Events of Kubernetes, on the objects concerned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from reconciler import bookkeeping
from reconciler.cli.notify.destinations import (
    Remembered,
    counted,
    locked,
    remember,
    say_overtaken,
    state_in,
)
from reconciler.dependencies import Dependencies
from reconciler.errors import ClusterError, DeliveryError, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.model.document import Document, dig
from reconciler.model.environment import ClusterType
from reconciler.model.identity import EVENT, Endpoint, GroupKind
from reconciler.model.lease import micro_time
from reconciler.model.run import Run
from reconciler.ports import Cluster
from reconciler.reports._events import ObjectNews, about_objects
from reconciler.reports._news import news


def tell_events(run: Run, deps: Dependencies, remembered: Remembered) -> str:
    """Write what is new since the state as Events, remember it, and say what was done.

    Raises:
        DeliveryError: the cluster does not answer, or refuses one; the state is as before.
    """
    (environment,) = run.environments
    path = Path(remembered.file)
    with locked(path):
        state = state_in(path)
        fresh = news(run, remembered.known(state), now=deps.now())
        say_overtaken(fresh.overtaken)
        if not fresh:
            return "events: no news"
        try:
            settings, cluster = bookkeeping.connected(deps, environment.name)
            if settings.cluster.type is ClusterType.DIRECTORY:
                return "events: none, since a directory cluster has no Events"
            writer = _Writer(cluster, deps, {m: k.endpoint for m, k in deps.kinds.items()})
            number, forbidden = writer.write(list(about_objects(fresh)))
        except ClusterError as error:
            raise DeliveryError(
                f"events: {error.message}", hint=error.hint, where=error.where
            ) from None
        if forbidden:
            places = ", ".join(forbidden)
            roles = deps.invocation.command("rbac", environment.name)
            rule = f"{roles} prints the rule if environment.yaml has notify.events"
            return f"events: not written, no permission to create events in {places}; {rule}"
        remember(path, remembered, state, fresh)
    return f"events: {counted(fresh)}, {number:,} written"


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes Events in one cluster."""

    cluster: Cluster
    deps: Dependencies
    endpoints: Mapping[GroupKind, Endpoint]

    def write(self, every: list[ObjectNews]) -> tuple[int, list[str]]:
        """The number of Events that were made, and the namespaces in which none may be made."""
        number, forbidden = 0, set()
        every = [each for each in every if each.ref.group_kind in self.endpoints]
        places = {(each.ref.group_kind, each.ref.namespace) for each in every}
        uids = {place: dict(self._uids(*place)) for place in sorted(places)}
        for each in every:
            kind, namespace = each.ref.group_kind, each.ref.namespace
            if namespace in forbidden:
                continue
            now = micro_time(self.deps.clock.now())
            uid = uids[kind, namespace].get(each.ref.name, "")
            body = each.body(self.endpoints[kind], uid, now)
            try:
                self.cluster.create(EVENT, Document.of(body))
                number += 1
            except Refused as refused:
                if refused.reason is RefusalReason.FORBIDDEN:
                    forbidden.add(namespace)
                elif refused.reason not in (RefusalReason.EXISTS, RefusalReason.NO_NAMESPACE):
                    raise
        return number, sorted(forbidden)

    def _uids(self, kind: GroupKind, namespace: str) -> Iterator[tuple[str, str]]:
        """`kubectl describe` shows the Events with the uid of the object. Whoever watches may list the objects."""
        try:
            documents = self.cluster.list(self.endpoints[kind], namespace)
        except Refused:
            return
        for document in documents:
            body = document.body()
            yield str(dig(body, "metadata", "name")), str(dig(body, "metadata", "uid") or "")
