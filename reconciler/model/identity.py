"""Who an object is. Identity is group and kind, namespace and name; the version is a property."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True, slots=True)
class GroupKind:
    """A kind, whatever its version; the group of a core kind is empty."""

    group: str
    kind: str

    def __str__(self) -> str:
        """`Provider.omnia.altairalabs.ai`, as ApplySet annotations write it; core kinds are bare."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


@dataclass(frozen=True, order=True, slots=True)
class ObjectRef:
    """One object, whatever its version."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def group_kind(self) -> GroupKind:
        return GroupKind(self.group, self.kind)

    @property
    def address(self) -> str:
        """`modelprovider/llm/gateway`: what a command line takes."""
        return f"{self.kind.lower()}/{self.namespace}/{self.name}"

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


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
