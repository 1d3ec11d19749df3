"""Which file is which object.

ROOT/<namespace>/<plural>.<group>/<name>.yaml    what people read and edit; core kinds: ROOT/<namespace>/<plural>/
ROOT/_cluster/...                                objects without a namespace
ROOT/.server/objects/.../<name>.json             the last write of each: object with managedFields, digest of the YAML
ROOT/.server/crds/<plural>.<group>.yaml          which kinds are served
ROOT/.server/uid lock temporary journal last     the cluster itself
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from reconciler.model.identity import Endpoint

SUFFIX = ".yaml"
LOOKALIKES = (".yml", ".json")  # what a person may take for the suffix
_CLUSTER_WIDE = "_cluster"  # no namespace can have this name
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LONGEST = 250  # a file name has 255 bytes, the suffix five of them


def is_namespace(name: str) -> bool:
    return _LABEL.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Place:
    """The two files of one object."""

    namespace: str
    name: str
    visible: Path
    written: Path


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
        return self.root / (name or _CLUSTER_WIDE)

    def folder(self, endpoint: Endpoint, namespace: str) -> Path:
        """The visible folder of a kind."""
        return self.namespace(namespace) / _kind(endpoint)

    def written_folder(self, endpoint: Endpoint, namespace: str) -> Path:
        return self.server / "objects" / (namespace or _CLUSTER_WIDE) / _kind(endpoint)

    def place(self, endpoint: Endpoint, namespace: str, name: str) -> Place | None:
        """The files of one object; None for a name that no object can have, which keeps paths inside of ROOT."""
        if (namespace and not is_namespace(namespace)) or not _is_name(name):
            return None
        return Place(
            namespace,
            name,
            self.folder(endpoint, namespace) / f"{name}{SUFFIX}",
            self.written_folder(endpoint, namespace) / f"{name}.json",
        )


def _is_name(name: str) -> bool:
    return len(name) <= _LONGEST and _SUBDOMAIN.fullmatch(name) is not None


def _kind(endpoint: Endpoint) -> str:
    return f"{endpoint.plural}.{endpoint.group}" if endpoint.group else endpoint.plural
