"""What each step of a verb asks the API server for, by the attributes of the verb."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.consumer import Consumer
from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.applyset import parent_name
from reconciler.model.command import Invocation
from reconciler.model.environment import Environment
from reconciler.model.identity import (
    CONFIG_MAP,
    EVENT,
    EXTERNAL_SECRET,
    NAMESPACE,
    POD,
    SECRET,
    Endpoint,
    GroupKind,
)
from reconciler.model.lease import LEASE
from reconciler.model.manifest import Manifest
from reconciler.model.permission import EVERYWHERE, Permission
from reconciler.model.refused_secrets import OWN_KEY, refused_by_name
from reconciler.model.verbs import Flow, Stamps, Verb


@dataclass(frozen=True, slots=True)
class Scope:
    """How far the permissions reach.

    Attributes:
        namespaced: nothing for the whole cluster, so consumers of other namespaces are not listed.
        pods: also those of consumers, to learn who has picked up a rotated key.
        first_apply: also to create what the first apply creates: the record, the lock, the fingerprint key.
        consumers: more namespaces with consumers that read copies of the Secrets.
        external_secrets: also the ExternalSecrets that write the Secrets, whose names git does not have.
    """

    namespaced: bool = False
    pods: bool = False
    first_apply: bool = False
    consumers: tuple[str, ...] = ()
    external_secrets: bool = False


@dataclass(frozen=True, slots=True)
class PermissionsInput:
    """An environment, and who runs what on it.

    Attributes:
        consumers: the kinds that use the objects of git.
        earlier: the environments in `after` that are on the same cluster, if the verb asks whether they come first.
    """

    environment: Environment
    manifests: tuple[Manifest, ...]
    kinds: Mapping[GroupKind, Kind]
    consumers: tuple[Consumer, ...]
    verb: Verb
    scope: Scope = Scope()
    earlier: tuple[Environment, ...] = ()

    @property
    def home(self) -> str:
        return self.environment.home

    @property
    def places(self) -> tuple[str, ...]:
        """Where consumers are listed, and their pods."""
        if not self.scope.namespaced:
            return (EVERYWHERE,)
        return tuple(sorted({self.home, *self.environment.namespaces, *self.scope.consumers}))


def needed(inputs: PermissionsInput) -> tuple[Permission, ...]:
    """Every permission that the verb needs, and none that another of them includes."""
    listed = tuple(dict.fromkeys(_all(inputs)))
    return tuple(each for place, each in enumerate(listed) if not _included(each, place, listed))


def _included(permission: Permission, place: int, listed: tuple[Permission, ...]) -> bool:
    """Whether another permission includes it; of two equal ones, the first stays."""
    return any(
        other.covers(permission) and (number < place or not permission.covers(other))
        for number, other in enumerate(listed)
        if number != place
    )


def _all(inputs: PermissionsInput) -> Iterator[Permission]:
    yield from _cluster(inputs)
    yield from _objects(inputs)
    yield from _secrets(inputs)
    yield from _record(inputs)
    yield from _key(inputs)
    yield from _lock(inputs)
    yield from _namespaces(inputs)
    yield from _consumers(inputs)
    yield from _events(inputs)


def _events(inputs: PermissionsInput) -> Iterator[Permission]:
    """Only where environment.yaml asks for Events, and for the flows whose reports have news."""
    flows = (Flow.CHANGE, Flow.WATCH)
    if inputs.environment.notify.events and inputs.verb.flow in flows:
        for namespace in sorted({manifest.ref.namespace for manifest in inputs.manifests}):
            yield from _on(EVENT, namespace, ("create",), purpose="the news, as notify.events asks")


def _cluster(inputs: PermissionsInput) -> Iterator[Permission]:
    if inputs.environment.cluster.uid:
        purpose = "the cluster that cluster.uid names"
        yield from _on(NAMESPACE, EVERYWHERE, ("get",), "kube-system", purpose=purpose)


def _objects(inputs: PermissionsInput) -> Iterator[Permission]:
    verb = inputs.verb
    verbs = ("list",) if verb.compares_objects else ()
    if verb.writes_objects:
        verbs = (*verbs, "create", "patch")
    prunes = verb.writes_objects and inputs.environment.policy.prune.enabled
    for kind, namespace in sorted({(m.ref.group_kind, m.ref.namespace) for m in inputs.manifests}):
        endpoint = inputs.kinds[kind].endpoint
        yield from _on(endpoint, namespace, verbs, purpose="the objects in git")
        if prunes:
            yield from _on(
                endpoint, namespace, ("delete",), purpose="objects that are no longer in git"
            )
    if verb.compares_objects and inputs.environment.policy.judges_unmanaged:
        for namespace in inputs.environment.namespaces:
            for kind in sorted(inputs.kinds):
                endpoint = inputs.kinds[kind].endpoint
                yield from _on(
                    endpoint, namespace, ("list",), purpose="objects that nobody manages"
                )
    if verb.stamps is Stamps.ALWAYS:
        yield from _stamped(inputs)


def _stamped(inputs: PermissionsInput) -> Iterator[Permission]:
    for manifest in inputs.manifests:
        kind = inputs.kinds[manifest.ref.group_kind]
        if kind.secret_references(manifest.document.body()):
            purpose = "the annotation on providers with a rotated key"
            namespace = manifest.ref.namespace
            yield from _on(kind.endpoint, namespace, ("get", "patch"), purpose=purpose)


def _secrets(inputs: PermissionsInput) -> Iterator[Permission]:
    if not inputs.verb.needs_fingerprints:
        return
    references = sorted(
        {
            (reference.namespace, reference.name)
            for manifest in inputs.manifests
            for reference in inputs.kinds[manifest.ref.group_kind].secret_references(
                manifest.document.body()
            )
            if not refused_by_name(reference.namespace, reference.name)
        }
    )
    for namespace, name in references:
        purpose = "the keys to which the objects refer"
        yield from _on(SECRET, namespace, ("get",), name, purpose=purpose)
    if inputs.scope.external_secrets:
        purpose = "whether the Secrets are refreshed"
        for namespace in sorted({namespace for namespace, _ in references}):
            yield from _on(EXTERNAL_SECRET, namespace, ("get",), purpose=purpose)
    if inputs.verb.reads_consumers:
        for namespace in inputs.scope.consumers:
            for _, name in references:
                purpose = "the copies that consumers read"
                yield from _on(SECRET, namespace, ("get",), name, purpose=purpose)


def _record(inputs: PermissionsInput) -> Iterator[Permission]:
    verbs = ("get", "update") if inputs.verb.writes else ("get",)
    name = parent_name(inputs.environment.name)
    yield from _on(CONFIG_MAP, inputs.home, verbs, name, purpose="the record")
    if inputs.scope.first_apply and inputs.verb.writes_objects:
        yield from _on(CONFIG_MAP, inputs.home, ("create",), purpose="the first record")
    for earlier in inputs.earlier:
        name, purpose = parent_name(earlier.name), f"whether {earlier.name} has proven the revision"
        yield from _on(CONFIG_MAP, earlier.home, ("get",), name, purpose=purpose)


def _key(inputs: PermissionsInput) -> Iterator[Permission]:
    if inputs.verb.needs_fingerprints:
        yield from _on(SECRET, inputs.home, ("get",), OWN_KEY, purpose="the fingerprint key")
    if inputs.scope.first_apply and inputs.verb.makes_key:
        key = Invocation().command("key", inputs.environment.name)
        purpose = f"the fingerprint key, once; or a person runs `{key}`"
        yield from _on(SECRET, inputs.home, ("create",), purpose=purpose)


def _lock(inputs: PermissionsInput) -> Iterator[Permission]:
    if not inputs.verb.takes_lock:
        return
    name = parent_name(inputs.environment.name)
    yield from _on(LEASE, inputs.home, ("get", "update"), name, purpose="the lock")
    if inputs.scope.first_apply:
        yield from _on(LEASE, inputs.home, ("create",), purpose="the first lock")


def _namespaces(inputs: PermissionsInput) -> Iterator[Permission]:
    if inputs.verb.compares_objects:
        purpose = "whether the namespace is being deleted"
        for name in sorted({manifest.ref.namespace for manifest in inputs.manifests}):
            yield from _on(NAMESPACE, name, ("get",), name, purpose=purpose)


def _consumers(inputs: PermissionsInput) -> Iterator[Permission]:
    if not inputs.verb.reads_consumers:
        return
    for place in inputs.places:
        for consumer in inputs.consumers:
            yield from _on(consumer.endpoint, place, ("list",), purpose="consumers of the objects")
        if inputs.scope.pods and inputs.verb.reads_pods:
            yield from _on(
                POD, place, ("list",), purpose="pods, to see who has picked up a rotated key"
            )


def _on(
    endpoint: Endpoint, namespace: str, verbs: Iterable[str], name: str = "", *, purpose: str
) -> Iterator[Permission]:
    for verb in verbs:
        yield Permission(namespace, endpoint.group, endpoint.plural, verb, name, purpose)
