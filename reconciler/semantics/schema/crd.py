"""What a CustomResourceDefinition says, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.model.document import dig, dig_map
from reconciler.model.identity import Endpoint, GroupKind
from reconciler.semantics.schema.facts import digest_text
from reconciler.semantics.schema.structural import Schema, unsupported_in


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class CrdVersion:
    """One version of a CRD.

    Attributes:
        schema: of the whole object; apiVersion, kind and metadata are understood without it.
        status_subresource: whether `status` is written at /status only.
        digest: equal texts admit the same objects.
    """

    name: str
    served: bool
    storage: bool
    schema: Schema
    status_subresource: bool
    group: str = ""
    kind: str = ""
    namespaced: bool = True
    digest: str = field(default="", repr=False)

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.name}" if self.group else self.name


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
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
        spec, names = dig_map(body, "spec"), dig_map(body, "spec", "names")
        if (
            body.get("kind") != "CustomResourceDefinition"
            or body.get("apiVersion") != "apiextensions.k8s.io/v1"
        ):
            raise ValueError("not a CustomResourceDefinition of apiextensions.k8s.io/v1")
        versions = spec.get("versions")
        if (
            not isinstance(versions, list)
            or not versions
            or not all(isinstance(version, dict) for version in versions)
            or not names.get("kind")
            or not names.get("plural")
        ):
            raise ValueError("the CustomResourceDefinition names no versions, kind or plural")
        return cls(
            group=str(spec.get("group") or ""),
            kind=str(names["kind"]),
            plural=str(names["plural"]),
            scope=str(spec.get("scope") or "Namespaced"),
            versions=tuple(_version(entry, spec) for entry in versions),
            established=_established(body),
            not_provable=_not_provable(spec, versions),
        )

    @property
    def name(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def group_kind(self) -> GroupKind:
        return GroupKind(self.group, self.kind)

    @property
    def namespaced(self) -> bool:
        return self.scope == "Namespaced"

    def admits_as(self, other: Crd) -> bool:
        """Whether both admit the same objects: equal schemas in equal versions."""
        return {v.name: v.digest for v in self.versions} == {
            v.name: v.digest for v in other.versions
        }

    @property
    def storage_version(self) -> CrdVersion:
        return next((version for version in self.versions if version.storage), self.versions[0])

    def version(self, name: str) -> CrdVersion | None:
        """The version of that name (`v1alpha1`), served or not."""
        return next((version for version in self.versions if version.name == name), None)

    def endpoint(self, version: str) -> Endpoint:
        return Endpoint(self.group, version, self.kind, self.plural)


def _version(entry: Mapping[str, Any], spec: Mapping[str, Any]) -> CrdVersion:
    schema = dig(entry, "schema", "openAPIV3Schema")
    if not isinstance(schema, dict):
        raise ValueError(f"version {entry.get('name')} has no openAPIV3Schema")  # noqa: TRY004 -- what it holds is wrong, not its caller
    return CrdVersion(
        name=str(entry.get("name") or ""),
        served=entry.get("served") is True,
        storage=entry.get("storage") is True,
        schema=Schema.of(schema),
        status_subresource=isinstance(dig(entry, "subresources", "status"), dict),
        group=str(spec.get("group") or ""),
        kind=str(dig(spec, "names", "kind") or ""),
        namespaced=spec.get("scope") != "Cluster",
        digest=digest_text(schema),
    )


def _established(body: Mapping[str, Any]) -> bool | None:
    conditions = dig(body, "status", "conditions")
    if not isinstance(conditions, list):
        return None
    return any(
        isinstance(entry, dict)
        and entry.get("type") == "Established"
        and entry.get("status") == "True"
        for entry in conditions
    )


def _not_provable(spec: Mapping[str, Any], versions: list[Any]) -> tuple[str, ...]:
    found: list[str] = []
    if dig(spec, "conversion", "strategy") == "Webhook":
        found.append("versions are converted by a webhook")
    if spec.get("preserveUnknownFields") is True:
        found.append("the CRD keeps unknown fields everywhere")
    for entry in versions:
        if isinstance(dig(entry, "subresources", "scale"), dict):
            found.append("the CRD has a scale subresource")
        found += unsupported_in(dig_map(entry, "schema", "openAPIV3Schema"))
    return tuple(dict.fromkeys(found))
