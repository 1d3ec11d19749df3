"""The uid of the cluster, the CRDs that it serves, and the fingerprint key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.errors import RefusalReason, Refused, SafetyStop
from reconciler.kind import Kind
from reconciler.model.applyset import TOOL
from reconciler.model.environment import Environment
from reconciler.model.identity import GroupKind
from reconciler.model.secret import Keyring
from reconciler.ports import Cluster
from reconciler.semantics.schema.crd import Crd

KEYRING = f"{TOOL}-key"  # the Secret with the fingerprint key, in the home namespace


def checked_uid(environment: Environment, cluster: Cluster) -> str:
    """The uid of the cluster; "" if it may not be read.

    Raises:
        SafetyStop: the environment pins another uid, or pins one and the uid may not be read.
    """
    uid = cluster.uid()
    pinned = environment.cluster.uid
    if pinned and not uid:
        raise SafetyStop(
            f"cannot tell whether {cluster.name} is the cluster that cluster.uid pins: "
            "no permission to read the namespace kube-system",
            hint="allow get on the namespace kube-system, or remove cluster.uid",
            where=environment.file,
        )
    if pinned and uid != pinned:
        raise SafetyStop(
            f"{cluster.name} is another cluster: its kube-system has uid {uid}, not {pinned}",
            hint="check the context, or correct cluster.uid if the cluster was rebuilt",
            where=environment.file,
        )
    return uid


def live_schemas(
    needed: Iterable[GroupKind],
    kinds: Mapping[GroupKind, Kind],
    pinned: Mapping[GroupKind, Crd],
    cluster: Cluster,
) -> tuple[dict[GroupKind, Crd], tuple[str, ...]]:
    """The CRDs that the cluster serves, and notes; a kind that is not installed is not in the mapping.

    Without permission to read a CRD, the pinned one takes its place.
    """
    crds: dict[GroupKind, Crd] = {}
    notes = []
    for kind in sorted(set(needed) & set(kinds)):
        endpoint = kinds[kind].endpoint
        try:
            live = cluster.crd(endpoint)
        except Refused as refused:
            if refused.reason is not RefusalReason.FORBIDDEN:
                raise
            notes.append(f"no permission to read the schema of {endpoint.crd_name}")
            live = pinned.get(kind)
        if live:
            crds[kind] = live
    return crds, tuple(notes)


def find_keyring(
    environment: Environment, cluster: Cluster, *, make: bool, needed: bool, recorded: bool
) -> tuple[Keyring | None, tuple[str, ...]]:
    """The fingerprint key, and notes.

    Args:
        make: create a missing key.
        needed: the verb reports rotations.
        recorded: the record has fingerprints, so the key existed before.
    """
    home = environment.home
    try:
        keyring = cluster.keyring(home, KEYRING)
        if keyring is None and make:
            keyring = cluster.create_keyring(home, KEYRING)
    except Refused as refused:
        note = f"no fingerprints: Secret {home}/{KEYRING}: {refused.message}"
        return None, (note,) if needed else ()
    if keyring is None and recorded:
        note = (
            f"rotations: Secret {home}/{KEYRING}, with the key of the recorded fingerprints, is missing; restore it: "
            "a new key, which apply creates, cannot show what was rotated before"
        )
        return None, (note,)
    if keyring is None and needed:
        return None, (f"no fingerprints yet: the first apply creates Secret {home}/{KEYRING}",)
    return keyring, ()
