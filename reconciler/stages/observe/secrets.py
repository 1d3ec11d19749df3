"""Resolves the Secret references of the manifests, with one GET per Secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from reconciler.kind import Kind
from reconciler.model.environment import Environment
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.observation import ResolvedSecret
from reconciler.model.secret import Keyring, SecretReference
from reconciler.ports import Cluster
from reconciler.stages.observe.cluster import FoundKey, find_keyring

Referrer = tuple[ObjectRef, SecretReference]


@dataclass(frozen=True, slots=True)
class SecretsInput:
    """Which Secrets to read.

    Attributes:
        needed: the verb reports rotations.
        recorded: the record has fingerprints, so a key existed before.
    """

    environment: Environment
    manifests: tuple[Manifest, ...]
    kinds: Mapping[GroupKind, Kind]
    needed: bool = True
    recorded: bool = False


def fingerprint(
    inputs: SecretsInput, cluster: Cluster, *, make: bool
) -> tuple[FoundKey, tuple[ResolvedSecret, ...]]:
    """The fingerprint key, which `make` creates if it is missing, and the resolved references."""
    key = find_keyring(
        inputs.environment,
        cluster,
        make=make,
        needed=inputs.needed,
        recorded=inputs.recorded,
    )
    name = inputs.environment.name
    return key, observe_secrets(inputs.manifests, inputs.kinds, cluster, key.keyring, name)


def observe_secrets(
    manifests: Iterable[Manifest],
    kinds: Mapping[GroupKind, Kind],
    cluster: Cluster,
    keyring: Keyring | None,
    environment: str,
) -> tuple[ResolvedSecret, ...]:
    """Resolve every reference, with one GET per Secret."""
    references = [
        (manifest.ref, reference)
        for manifest in manifests
        for reference in kinds[manifest.ref.group_kind].secret_references(manifest.document.body())
    ]
    by_secret: dict[tuple[str, str], list[Referrer]] = {}
    for owner, reference in references:
        by_secret.setdefault((reference.namespace, reference.name), []).append((owner, reference))

    def read(secret: tuple[str, str]) -> list[ResolvedSecret]:
        owners, named = zip(*by_secret[secret], strict=True)
        readings = cluster.read_secret(*secret, named, keyring, environment)
        return list(map(ResolvedSecret, owners, named, readings))

    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        resolved = [row for rows in pool.map(read, by_secret) for row in rows]
    return tuple(sorted(resolved, key=lambda row: (row.owner, row.reference)))
