"""The identity of an object: group, kind, namespace and name. Its version is not a part of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache

from reconciler.frozen import dataclass


@dataclass(frozen=True, order=True, slots=True)
class GroupKind:
    """A kind in any version; the group of a core kind is ""."""

    group: str
    kind: str

    def __str__(self) -> str:
        """`Provider.omnia.altairalabs.ai`, as in ApplySet annotations; a core kind has no group."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


_group_kind = cache(GroupKind)  # a few kinds, and every object is looked up by its own many times


@dataclass(frozen=True, order=True, slots=True)
class ObjectRef:
    """An object, whatever its version."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def group_kind(self) -> GroupKind:
        return _group_kind(self.group, self.kind)

    @property
    def address(self) -> str:
        """`modelprovider.agent.flokoa.ai/llm/gateway`, as kubectl writes TYPE.GROUP; unique."""
        return f"{self.group_kind}/{self.namespace}/{self.name}".lower()

    @property
    def short_address(self) -> str:
        """`modelprovider/llm/gateway`; not unique if another group has a kind of the same name."""
        return f"{self.kind}/{self.namespace}/{self.name}".lower()

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Names:
    """The shortest unique names: without the group, unless another group has a kind of the same name.

    Attributes:
        shared: names of kinds that several groups have.
    """

    shared: frozenset[str] = frozenset()

    @classmethod
    def among(cls, kinds: Iterable[GroupKind]) -> Names:
        groups = Counter(kind.kind.lower() for kind in set(kinds))
        return cls(frozenset(name for name, count in groups.items() if count > 1))

    def kind(self, kind: GroupKind) -> str:
        """`Provider`, or `Provider.omnia.altairalabs.ai`."""
        return str(kind) if kind.kind.lower() in self.shared else kind.kind

    def object(self, ref: ObjectRef) -> str:
        """`Provider omnia/claude`, or `Provider.omnia.altairalabs.ai omnia/claude`."""
        return f"{self.kind(ref.group_kind)} {ref.namespace}/{ref.name}"

    def address(self, ref: ObjectRef) -> str:
        """`provider/omnia/claude`, or with the group: an argument of `--only`."""
        return ref.address if ref.kind.lower() in self.shared else ref.short_address


@dataclass(frozen=True, order=True, slots=True)
class Endpoint:
    """Where the API serves a kind: `/apis/{group}/{version}/namespaces/*/{plural}`."""

    group: str
    version: str
    kind: str
    plural: str

    @property
    def group_kind(self) -> GroupKind:
        return GroupKind(self.group, self.kind)

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def crd_name(self) -> str:
        return f"{self.plural}.{self.group}"


CONFIG_MAP = Endpoint("", "v1", "ConfigMap", "configmaps")
SECRET = Endpoint("", "v1", "Secret", "secrets")
NAMESPACE = Endpoint("", "v1", "Namespace", "namespaces")
POD = Endpoint("", "v1", "Pod", "pods")
EVENT = Endpoint("events.k8s.io", "v1", "Event", "events")
EXTERNAL_SECRET = Endpoint("external-secrets.io", "v1", "ExternalSecret", "externalsecrets")


def secret_ref(namespace: str, name: str) -> ObjectRef:
    """A Secret: `secret/namespace/name`."""
    return ObjectRef(SECRET.group, SECRET.kind, namespace, name)
