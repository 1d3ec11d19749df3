"""The references of consumers, by what they lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from reconciler.consumer import Consumer, Use
from reconciler.frozen import dataclass
from reconciler.kind import ObjectReference
from reconciler.model.document import Document, JsonObject
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.impact import Consumed, ConsumerRead


@dataclass(frozen=True, slots=True)
class Link:
    """A reference that a walk followed back to a consumer.

    Attributes:
        through: what the reference leads to: the root of the walk, or a consumer that it reached before.
    """

    consumer: ObjectRef
    through: ObjectRef
    reference: ObjectReference


@dataclass(frozen=True, slots=True)
class Graph:
    """Consumers and their references.

    Attributes:
        bodies: of all consumers.
        users: the references to an object, by that object; sorted.
    """

    consumers: Mapping[GroupKind, Consumer]
    bodies: Mapping[ObjectRef, JsonObject] = field(repr=False)
    users: Mapping[ObjectRef, tuple[tuple[ObjectRef, ObjectReference], ...]] = field(repr=False)

    @classmethod
    def of(cls, consumed: Consumed, consumers: Mapping[GroupKind, Consumer]) -> Graph:
        bodies = {ref: document.body() for ref, document in sorted(consumed.objects.items())}
        users: dict[ObjectRef, list[tuple[ObjectRef, ObjectReference]]] = {}
        for ref, body in bodies.items():
            for reference in consumers[ref.group_kind].references(body):
                users.setdefault(_target(reference), []).append((ref, reference))
        return cls(consumers, bodies, {target: tuple(pairs) for target, pairs in users.items()})

    def walk(self, root: ObjectRef) -> Iterator[Link]:
        """Every reference that leads to the root, directly or through others; nearest first."""
        reached, queue = {root}, [root]
        while queue:
            through = queue.pop(0)
            for consumer, reference in self.users.get(through, ()):
                yield Link(consumer, through, reference)
                if consumer not in reached:
                    reached.add(consumer)
                    queue.append(consumer)

    def kind_of(self, ref: ObjectRef) -> Consumer:
        return self.consumers[ref.group_kind]

    def use(self, link: Link, source: JsonObject) -> Use:
        """How the consumer of a link uses the source at the root of the walk."""
        return Use(self.bodies[link.consumer], link.reference, source)


def consumer_reads(
    graph: Graph, providers: Mapping[ObjectRef, Document]
) -> tuple[ConsumerRead, ...]:
    """The keys that consumers read because of these providers; each consumer, provider and key once."""
    reads: dict[ConsumerRead, None] = {}
    for provider, document in sorted(providers.items()):
        source = document.body()
        for link in graph.walk(provider):
            for reference in graph.kind_of(link.consumer).reads(graph.use(link, source)):
                reads[ConsumerRead(link.consumer, provider, reference)] = None
    return tuple(reads)


def _target(reference: ObjectReference) -> ObjectRef:
    kind = reference.target
    return ObjectRef(kind.group, kind.kind, reference.namespace, reference.name)
