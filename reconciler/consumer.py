"""The interface of a kind of consumer, which is read and never applied. Each module of `consumers/` implements it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.frozen import dataclass
from reconciler.kind import ObjectReference
from reconciler.model.document import JsonObject
from reconciler.model.identity import Endpoint, GroupKind
from reconciler.model.impact import Consequence, Effect
from reconciler.model.path import FieldPath
from reconciler.model.secret import SecretReference


@dataclass(frozen=True, slots=True)
class Use:
    """How a consumer uses a provider or a model: directly, or through others.

    Attributes:
        consumer: the complete object.
        reference: its own reference, through which it gets there.
        source: the provider or the model; the complete object.
    """

    consumer: JsonObject
    reference: ObjectReference
    source: JsonObject


@dataclass(frozen=True, slots=True)
class PodSet:
    """How to find the pods of a kind of consumer: one LIST by label selector for each namespace.

    Attributes:
        selector: of the pods of all consumers of the kind, `app.kubernetes.io/name=omnia-agent`.
        label: its value is the name of the consumer.
        container: the container that holds the key; "" for all. A pod without this container counts with all.
    """

    selector: str
    label: str
    container: str = ""


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment of a consumer, which `kubectl rollout restart` restarts."""

    namespace: str
    deployment: str


def no_reads(_: Use) -> tuple[SecretReference, ...]:
    """For a kind that reads no key itself."""
    return ()


def no_workloads(_: JsonObject) -> tuple[Workload, ...]:
    """For a kind without pods, or whose pods nobody restarts."""
    return ()


def follows(*_: object) -> Consequence:
    """For a kind that holds nothing of a provider itself."""
    return Consequence(Effect.FOLLOWS)


def breaks(*_: object) -> Consequence:
    """For a kind that cannot do without."""
    return Consequence(Effect.BREAKS)


def unknown_number(_: JsonObject) -> int | None:
    """For a kind whose status does not say how many pods run."""
    return None


def own_namespace(body: JsonObject) -> str:
    """For a kind whose pods run in the namespace of the object."""
    return str(body["metadata"].get("namespace") or "")


@dataclass(frozen=True, slots=True)
class Consumer:
    """A kind of consumer. Every function takes complete objects.

    Attributes:
        system: `flokoa`, `omnia`: the folder of its CRDs.
        targets: the kinds to which its objects refer.
        references: what an object refers to; a namespace that is not set is resolved as the operator does.
        reads: the keys that its pods read because of a provider, in the namespace in which they look.
        on_change: what a change of these fields of the source does to it; () stands for any field.
        on_rotation: what happens when this key that it reads gets another value; with the labels of the Secret, or None
            if they are unknown.
        on_missing_key: what happens when this key that it reads does not exist.
        on_deletion: what happens when the source is deleted.
        pods: None for a kind without pods.
        pod_namespace: where its pods run.
        running: how many pods run, according to its status; None if that does not say.
        workloads: what to restart for a new key.
    """

    system: str
    endpoint: Endpoint
    targets: frozenset[GroupKind]
    references: Callable[[JsonObject], tuple[ObjectReference, ...]]
    reads: Callable[[Use], tuple[SecretReference, ...]] = no_reads
    on_change: Callable[[Use, tuple[FieldPath, ...]], Consequence] = follows
    on_rotation: Callable[[Use, SecretReference, Mapping[str, str] | None], Consequence] = follows
    on_missing_key: Callable[[Use, SecretReference], Consequence] = breaks
    on_deletion: Callable[[Use], Consequence] = breaks
    pods: PodSet | None = None
    pod_namespace: Callable[[JsonObject], str] = own_namespace
    running: Callable[[JsonObject], int | None] = unknown_number
    workloads: Callable[[JsonObject], tuple[Workload, ...]] = no_workloads
