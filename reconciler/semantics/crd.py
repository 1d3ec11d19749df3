"""What a CustomResourceDefinition says, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.model.identity import Endpoint, GroupKind
from reconciler.semantics.schema import Schema


@dataclass(frozen=True, eq=False, slots=True)
class CrdVersion:
    """One version of a CRD.

    Attributes:
        schema: of the whole object, with apiVersion, kind and metadata declared at the root.
        status_subresource: whether `status` is written at /status only.
    """

    name: str
    served: bool
    storage: bool
    schema: Schema
    status_subresource: bool


@dataclass(frozen=True, eq=False, slots=True)
class Crd:
    """One CRD; compare by identity, keep one value per document (schemas and rules are cached on it).

    Attributes:
        established: of a live CRD whether the API server serves it; None where no status says so.
        not_provable: what this engine does not model of it; empty for every CRD in the tree.
    """

    group: str
    kind: str
    plural: str
    scope: str  # Namespaced or Cluster
    versions: tuple[CrdVersion, ...]
    established: bool | None = None
    not_provable: tuple[str, ...] = ()

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Crd:
        """Read a CustomResourceDefinition (apiextensions.k8s.io/v1).

        Raises:
            ValueError: this is no CRD, or one without versions and schemas.
        """
        raise NotImplementedError

    @property
    def name(self) -> str:
        return f"{self.plural}.{self.group}"

    @property
    def group_kind(self) -> GroupKind:
        return GroupKind(self.group, self.kind)

    @property
    def namespaced(self) -> bool:
        return self.scope == "Namespaced"

    @property
    def storage_version(self) -> CrdVersion:
        return next(v for v in self.versions if v.storage)

    def version(self, name: str) -> CrdVersion | None:
        """The version of that name (`v1alpha1`), served or not."""
        return next((v for v in self.versions if v.name == name), None)

    def endpoint(self, version: str) -> Endpoint:
        return Endpoint(self.group, version, self.kind, self.plural)
