"""The uid of the cluster, the CRDs that it serves, and the fingerprint key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from reconciler.errors import BadAnswer, RefusalReason, Refused, SafetyStop
from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.environment import Environment
from reconciler.model.identity import GroupKind
from reconciler.model.refused_secrets import OWN_KEY
from reconciler.model.secret import Keyring
from reconciler.model.unchecked import (
    CRD,
    FINGERPRINT_KEY,
    NO_PERMISSION,
    UNREADABLE,
    Unchecked,
)
from reconciler.ports import Cluster
from reconciler.semantics.schema.crd import Crd


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
    elsewhere: Iterable[GroupKind] = (),
) -> tuple[dict[GroupKind, Crd], tuple[Unchecked, ...]]:
    """The CRDs that the cluster serves, without kinds that are not installed, and those that may not be read.

    Without permission to read a CRD, the pinned one takes its place.

    Args:
        elsewhere: kinds whose objects can only belong to others; an unreadable CRD of these does not stop the run.
    """
    required = set(needed) & set(kinds)
    queried = sorted(required | set(elsewhere))

    def read(kind: GroupKind) -> Crd | Unchecked | None:
        endpoint, others = kinds[kind].endpoint, kind not in required
        try:
            return cluster.crd(endpoint)
        except (Refused, BadAnswer) as error:
            if isinstance(error, Refused) and error.reason is RefusalReason.FORBIDDEN:
                hint = f"allow get on customresourcedefinitions {endpoint.crd_name}"
                return Unchecked(CRD, endpoint.crd_name, NO_PERMISSION, hint, elsewhere=others)
            if not others:
                raise
            return Unchecked(CRD, endpoint.crd_name, UNREADABLE, error.message, elsewhere=True)

    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        answers = dict(zip(queried, pool.map(read, queried), strict=True))
    unchecked = tuple(each for each in answers.values() if isinstance(each, Unchecked))
    crds = {
        kind: crd
        for kind, answer in answers.items()
        if (crd := pinned.get(kind) if isinstance(answer, Unchecked) else answer)
    }
    return crds, unchecked


@dataclass(frozen=True, slots=True)
class FoundKey:
    """The fingerprint key, or why there is none.

    Attributes:
        missing: it may be read, and does not exist.
        hidden: this run may not read it and does not need it, so it is unknown whether it exists.
        unchecked: a run may not read the key, so it cannot detect rotations.
    """

    keyring: Keyring | None = None
    missing: bool = False
    hidden: bool = False
    notes: tuple[str, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


def find_keyring(
    environment: Environment, cluster: Cluster, *, needed: bool, recorded: bool
) -> FoundKey:
    """Read the fingerprint key.

    Args:
        needed: the verb reports rotations.
        recorded: the record has fingerprints, so the key existed before.
    """
    home = environment.home
    try:
        keyring = cluster.keyring(home, OWN_KEY)
    except Refused as refused:
        if needed:
            return _refused_key(home, refused, "get")
        return FoundKey(hidden=refused.reason is RefusalReason.FORBIDDEN)
    if keyring is None and recorded:
        note = (
            f"rotations: Secret {home}/{OWN_KEY}, with the key of the recorded fingerprints, is missing; restore it: "
            "a new key, which apply creates, cannot show what was rotated before"
        )
        return FoundKey(missing=True, notes=(note,))
    if keyring is None and needed:
        note = f"no fingerprints yet: the first apply creates Secret {home}/{OWN_KEY}"
        return FoundKey(missing=True, notes=(note,))
    return FoundKey(keyring, missing=keyring is None)


def make_keyring(environment: Environment, cluster: Cluster, *, needed: bool) -> FoundKey:
    """Store the draft of the fingerprint key, or read the key that another run has stored first."""
    home = environment.home
    try:
        return FoundKey(cluster.create_keyring(home, OWN_KEY))
    except Refused as refused:
        return _refused_key(home, refused, "create") if needed else FoundKey()


def _refused_key(home: str, refused: Refused, verb: str) -> FoundKey:
    if refused.reason is not RefusalReason.FORBIDDEN:
        return FoundKey(notes=(f"no fingerprints: Secret {home}/{OWN_KEY}: {refused.message}",))
    # No role can limit the verb create to a name.
    secrets = f"secrets {OWN_KEY}" if verb == "get" else "secrets"
    hint = f"allow {verb} on {secrets} in {home}: without it, rotations cannot be detected"
    return FoundKey(
        unchecked=(Unchecked(FINGERPRINT_KEY, f"{home}/{OWN_KEY}", NO_PERMISSION, hint),)
    )
