"""The uid of the cluster, the CRDs that it serves, and the fingerprint key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.errors import RefusalReason, Refused, SafetyStop
from reconciler.kind import Kind
from reconciler.model.applyset import TOOL
from reconciler.model.environment import Environment
from reconciler.model.identity import GroupKind
from reconciler.model.secret import Keyring
from reconciler.model.unchecked import FINGERPRINT_KEY, NO_PERMISSION, Unchecked
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


@dataclass(frozen=True, slots=True)
class FoundKey:
    """The fingerprint key, or why there is none.

    Attributes:
        unchecked: a run may not read the key, so it cannot detect rotations.
    """

    keyring: Keyring | None = None
    notes: tuple[str, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


def find_keyring(
    environment: Environment, cluster: Cluster, *, make: bool, needed: bool, recorded: bool
) -> FoundKey:
    """Read the fingerprint key.

    Args:
        make: create a missing key.
        needed: the verb reports rotations.
        recorded: the record has fingerprints, so the key existed before.
    """
    home = environment.home
    verb = "get"
    try:
        keyring = cluster.keyring(home, KEYRING)
        if keyring is None and make:
            verb = "create"
            keyring = cluster.create_keyring(home, KEYRING)
    except Refused as refused:
        return _refused_key(home, refused, verb) if needed else FoundKey()
    if keyring is None and recorded:
        note = (
            f"rotations: Secret {home}/{KEYRING}, with the key of the recorded fingerprints, is missing; restore it: "
            "a new key, which apply creates, cannot show what was rotated before"
        )
        return FoundKey(notes=(note,))
    if keyring is None and needed:
        note = f"no fingerprints yet: the first apply creates Secret {home}/{KEYRING}"
        return FoundKey(notes=(note,))
    return FoundKey(keyring)


def _refused_key(home: str, refused: Refused, verb: str) -> FoundKey:
    if refused.reason is not RefusalReason.FORBIDDEN:
        return FoundKey(notes=(f"no fingerprints: Secret {home}/{KEYRING}: {refused.message}",))
    secrets = (
        f"secrets {KEYRING}" if verb == "get" else "secrets"
    )  # no role can limit create to a name
    hint = f"allow {verb} on {secrets} in {home}: without it, rotations cannot be detected"
    return FoundKey(
        unchecked=(Unchecked(FINGERPRINT_KEY, f"{home}/{KEYRING}", NO_PERMISSION, hint),)
    )
