"""A snapshot: the live state of an environment without any secret, from which a plan is made without a cluster."""

from __future__ import annotations

from typing import Final

from reconciler.frozen import dataclass
from reconciler.model.document import Document
from reconciler.model.identity import Endpoint

AS_GIT: Final = (
    "(as in git)"  # in place of a hidden value that git has as well, at the commit of the snapshot
)


@dataclass(frozen=True, slots=True)
class SnapshotCrd:
    """A live CRD.

    Attributes:
        body: with the facts of its schemas, and no sentence of its author.
        established, not_provable: as in `semantics.schema.crd.Crd`.
    """

    body: Document
    established: bool | None
    not_provable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The live state of an environment.

    Attributes:
        version: of the program.
        commit: with whose values the hidden ones were compared; "" if they were compared with none.
        cluster, cluster_uid: its name in reports; its uid is "" if it may not be read.
        taken: RFC 3339 UTC.
        namespaces: those whose objects were listed.
        missing: those that do not exist, as far as that may be known.
        leaving: those that are being deleted.
        unlisted: what may not be read: the objects of a kind in a namespace, `providers.omnia.altairalabs.ai omnia`, or
            the namespace itself, `namespaces omnia`.
        recorded: the record could be read; if there is none, no object holds it.
        crds: a kind without one is not installed.
        objects: the objects of the managed kinds, and the ConfigMap with the record.
    """

    version: str
    environment: str
    commit: str
    cluster: str
    cluster_uid: str
    taken: str
    namespaces: tuple[str, ...]
    missing: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    recorded: bool = True
    crds: tuple[SnapshotCrd, ...] = ()
    objects: tuple[Document, ...] = ()


def place_name(endpoint: Endpoint, namespace: str) -> str:
    """What `unlisted` calls the objects of a kind in a namespace, or a namespace."""
    return f"{endpoint.crd_name.rstrip('.')} {namespace}"
