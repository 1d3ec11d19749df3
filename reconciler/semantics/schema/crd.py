"""A CustomResourceDefinition as an immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from reconciler.frozen import dataclass
from reconciler.model.document import dig, dig_map
from reconciler.model.identity import GroupKind
from reconciler.semantics.schema.facts import facts_text
from reconciler.semantics.schema.structural import Schema, unsupported_features


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class CrdVersion:
    """One version of a CRD.

    Attributes:
        schema: of the object with spec and status; the engine knows apiVersion, kind and metadata without it.
        status_subresource: whether `status` can only be written at /status.
        facts_text: the facts of the schema as text; versions with equal texts admit the same objects.
    """

    name: str
    served: bool
    storage: bool
    schema: Schema
    status_subresource: bool
    group: str = ""
    kind: str = ""
    namespaced: bool = True
    facts_text: str = field(default="", repr=False)

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.name}" if self.group else self.name


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Crd:
    """One CRD. CRDs compare by identity; read each once, because values derived from its schemas are cached under them.

    Attributes:
        established: whether the API server serves a live CRD; None if the CRD has no status.
        not_provable: the features of the CRD that this engine does not model; none for the CRDs of this package.
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
            ValueError: the body is not a CRD, or the CRD has no versions or no schema.
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

    def admits_same_as(self, other: Crd) -> bool:
        """Whether both admit the same objects: they have the same versions with equal schemas."""
        return {v.name: v.facts_text for v in self.versions} == {
            v.name: v.facts_text for v in other.versions
        }

    @property
    def storage_version(self) -> CrdVersion:
        return next((version for version in self.versions if version.storage), self.versions[0])

    def version(self, name: str) -> CrdVersion | None:
        """The version with this name (`v1alpha1`), served or not."""
        return next((version for version in self.versions if version.name == name), None)


def _version(entry: Mapping[str, Any], spec: Mapping[str, Any]) -> CrdVersion:
    schema = dig(entry, "schema", "openAPIV3Schema")
    if not isinstance(schema, dict):
        raise ValueError(f"version {entry.get('name')} has no openAPIV3Schema")  # noqa: TRY004 -- the CRD is wrong, not the call
    return CrdVersion(
        name=str(entry.get("name") or ""),
        served=entry.get("served") is True,
        storage=entry.get("storage") is True,
        schema=Schema.of(schema),
        status_subresource=isinstance(dig(entry, "subresources", "status"), dict),
        group=str(spec.get("group") or ""),
        kind=str(dig(spec, "names", "kind") or ""),
        namespaced=spec.get("scope") != "Cluster",
        facts_text=facts_text(schema),
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
    reasons: list[str] = []
    if dig(spec, "conversion", "strategy") == "Webhook":
        reasons.append("versions are converted by a webhook")
    if spec.get("preserveUnknownFields") is True:
        reasons.append("the CRD keeps unknown fields everywhere")
    for entry in versions:
        if isinstance(dig(entry, "subresources", "scale"), dict):
            reasons.append("the CRD has a scale subresource")
        reasons += unsupported_features(dig_map(entry, "schema", "openAPIV3Schema"))
    return tuple(dict.fromkeys(reasons))
