"""The paths of a directory cluster.

ROOT/<namespace>/<plural>.<group>/<name>.yaml    an object, for people to read and edit; without `.<group>` for core/v1
ROOT/_cluster/...                                objects without a namespace
ROOT/.server/objects/.../<name>.json             its last write: the object with managedFields, the digest of the YAML
ROOT/.server/crds/<plural>.<group>.yaml          the CRDs of the kinds that are served
ROOT/.server/uid lock temporary journal last     the cluster itself
"""

from __future__ import annotations

import re
from pathlib import Path

from reconciler.frozen import dataclass
from reconciler.model.identity import Endpoint

SUFFIX = ".yaml"
WRONG_SUFFIXES = (".yml", ".json")  # that people may use instead
_CLUSTER_SCOPED = "_cluster"  # not a valid namespace
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LONGEST = 250  # bytes of a file name without the suffix; the file system allows 255


def is_namespace(name: str) -> bool:
    return _LABEL.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class ObjectPaths:
    """The two files of one object: the visible YAML, and the last write of this cluster."""

    namespace: str
    name: str
    visible: Path
    last_write: Path


@dataclass(frozen=True, slots=True)
class Layout:
    root: Path

    @property
    def server(self) -> Path:
        return self.root / ".server"

    @property
    def uid(self) -> Path:
        return self.server / "uid"

    @property
    def lock(self) -> Path:
        return self.server / "lock"

    @property
    def crds(self) -> Path:
        return self.server / "crds"

    def crd(self, name: str) -> Path:
        return self.crds / f"{name}{SUFFIX}"

    def namespace(self, name: str) -> Path:
        return self.root / (name or _CLUSTER_SCOPED)

    def visible_folder(self, endpoint: Endpoint, namespace: str) -> Path:
        return self.namespace(namespace) / _kind(endpoint)

    def last_write_folder(self, endpoint: Endpoint, namespace: str) -> Path:
        return self.server / "objects" / (namespace or _CLUSTER_SCOPED) / _kind(endpoint)

    def paths(self, endpoint: Endpoint, namespace: str, name: str) -> ObjectPaths | None:
        """The files of an object; None for an invalid name, so that no path leads out of ROOT."""
        if (namespace and not is_namespace(namespace)) or not _is_name(name):
            return None
        return ObjectPaths(
            namespace,
            name,
            self.visible_folder(endpoint, namespace) / f"{name}{SUFFIX}",
            self.last_write_folder(endpoint, namespace) / f"{name}.json",
        )


def _is_name(name: str) -> bool:
    return len(name) <= _LONGEST and _SUBDOMAIN.fullmatch(name) is not None


def _kind(endpoint: Endpoint) -> str:
    return f"{endpoint.plural}.{endpoint.group}" if endpoint.group else endpoint.plural
