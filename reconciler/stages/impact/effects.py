"""What happens to each consumer of a root: of a provider or a model, and of a Secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace

from reconciler.consumer import Use, Workload
from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.impact import Affected, Consequence, Effect
from reconciler.model.path import FieldPath, show
from reconciler.model.run import ClusterIdentity
from reconciler.model.secret import SecretReference
from reconciler.stages.impact.graph import Graph, Link

_FOLLOWS = Consequence(Effect.FOLLOWS)
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ImpactInput:
    """What the effects depend on.

    Attributes:
        sources: the providers and models that may change, managed or not.
        managed: the objects of git.
        changes: the fields that change, by object; any field of an object that is not in it.
        labels: of the Secrets that were read.
        cluster: for the commands that restart consumers.
    """

    graph: Graph
    kinds: Mapping[GroupKind, Kind]
    sources: Mapping[ObjectRef, Document]
    managed: frozenset[ObjectRef] = frozenset()
    changes: Mapping[ObjectRef, tuple[FieldPath, ...]] = field(default_factory=dict)
    labels: Mapping[ObjectRef, Labels] = field(default_factory=dict)
    cluster: ClusterIdentity | None = None


def affected(inputs: ImpactInput) -> tuple[Affected, ...]:
    """Every consumer of every source, and of every Secret that a source or a consumer reads; sorted by root."""
    rows: list[Affected] = []
    secrets: dict[ObjectRef, list[Affected]] = {}
    for source, document in sorted(inputs.sources.items()):
        body = document.body()
        links = tuple(inputs.graph.walk(source))
        rows += (_of_source(inputs, source, body, link) for link in links)
        for secret, row in _of_secrets(inputs, source, body, links):
            secrets.setdefault(secret, []).append(row)
    for secret in sorted(secrets):
        rows += secrets[secret]
    return tuple(_without_repetitions(rows))


def _of_source(inputs: ImpactInput, source: ObjectRef, body: JsonObject, link: Link) -> Affected:
    use, kind = inputs.graph.use(link, body), inputs.graph.kind_of(link.consumer)
    reads = kind.reads(use)
    return replace(
        _row(inputs, source, link),
        keys=_keys(reads),
        on_change=kind.on_change(use, inputs.changes.get(source, ())),
        on_rotation=_worst(_rotation(inputs, use, link, secret) for secret in reads),
        on_missing_key=_worst(kind.on_missing_key(use, secret) for secret in reads),
        on_deletion=kind.on_deletion(use),
    )


def _of_secrets(
    inputs: ImpactInput, source: ObjectRef, body: JsonObject, links: tuple[Link, ...]
) -> Iterator[tuple[ObjectRef, Affected]]:
    """The rows of the Secrets of a provider, and of the other Secrets that consumers read because of it."""
    kind = inputs.kinds.get(source.group_kind)
    references = kind.secret_references(body) if kind else ()
    own = dict.fromkeys(each.secret for each in references)
    for reference in references:
        secret = reference.secret
        managed = source in inputs.managed
        yield secret, Affected(secret, source, secret, reference.text, managed)
    for link in links:
        use = inputs.graph.use(link, body)
        reads = inputs.graph.kind_of(link.consumer).reads(use)
        read: dict[ObjectRef, list[SecretReference]] = {}
        for each in reads:
            read.setdefault(each.secret, []).append(each)
        for secret in own:
            yield secret, _secret_row(inputs, secret, use, link, read)
        for secret in sorted(read.keys() - own.keys()):
            from_secret = replace(link, through=secret)
            yield secret, _secret_row(inputs, secret, use, from_secret, read)


def _secret_row(
    inputs: ImpactInput,
    secret: ObjectRef,
    use: Use,
    link: Link,
    read: Mapping[ObjectRef, list[SecretReference]],
) -> Affected:
    kind = inputs.graph.kind_of(link.consumer)
    source = _ref(use.source)
    row = replace(
        _row(inputs, secret, link),
        on_change=kind.on_change(use, inputs.changes.get(source, ())),
    )
    if references := read.get(secret):
        return replace(
            row,
            keys=_keys(references),
            on_rotation=_worst(_rotation(inputs, use, link, each) for each in references),
            on_missing_key=_worst(kind.on_missing_key(use, each) for each in references),
        )
    if kind.pods is None or kind.on_change(use, ()).effect is Effect.FOLLOWS:
        return replace(row, on_rotation=_FOLLOWS, on_missing_key=_FOLLOWS)
    others = " and ".join(sorted(f"{other.namespace}/{other.name}" for other in read))
    reason = f"it reads Secret {others}" if others else "it reads no key of this Secret"
    unused = Consequence(Effect.NOTHING, reason)
    return replace(row, on_rotation=unused, on_missing_key=unused)


def _keys(references: Iterable[SecretReference]) -> tuple[str, ...]:
    return tuple(sorted({key for each in references for key in each.keys}))


def _ref(body: JsonObject) -> ObjectRef:
    group = str(body["apiVersion"]).rpartition("/")[0]
    metadata = body["metadata"]
    return ObjectRef(
        group, str(body["kind"]), str(metadata.get("namespace")), str(metadata["name"])
    )


def _rotation(inputs: ImpactInput, use: Use, link: Link, reference: SecretReference) -> Consequence:
    labels = inputs.labels.get(reference.secret)
    return inputs.graph.kind_of(link.consumer).on_rotation(use, reference, labels)


def _row(inputs: ImpactInput, root: ObjectRef, link: Link) -> Affected:
    kind, body = inputs.graph.kind_of(link.consumer), inputs.graph.bodies[link.consumer]
    idle = kind.running(body) == 0
    return Affected(
        root=root,
        consumer=link.consumer,
        through=link.through,
        path=show(link.reference.path),
        managed=link.consumer in inputs.managed,
        created=str(dig(body, "metadata", "creationTimestamp") or ""),
        started=() if idle else None,
        restart=tuple(_restart(inputs.cluster or ClusterIdentity(""), kind.workloads(body))),
    )


def _restart(cluster: ClusterIdentity, workloads: Iterable[Workload]) -> Iterator[str]:
    """The commands that restart Deployments; a directory cluster has none."""
    if not cluster.folder:
        for each in workloads:
            place = f"deployment/{each.deployment}", "-n", each.namespace
            yield cluster.kubectl("rollout", "restart", *place)


def _worst(consequences: Iterable[Consequence]) -> Consequence | None:
    """The consequence that needs most attention."""
    order = list(Effect)
    return max(consequences, key=lambda each: order.index(each.effect), default=None)


def _without_repetitions(rows: Iterable[Affected]) -> Iterator[Affected]:
    """The rows without those that differ only in the field of the reference."""
    known: set[Affected] = set()
    for row in rows:
        same = replace(row, path="")
        if same not in known:
            known.add(same)
            yield row
