"""Resolves the Secret references of the manifests, with one GET per Secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from reconciler.kind import Kind
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.observation import ResolvedSecret
from reconciler.model.refused_secrets import refused_by_name
from reconciler.model.secret import Keyring, SecretReading, SecretReference, SecretState
from reconciler.ports import Cluster

Referrer = tuple[ObjectRef, SecretReference]


@dataclass(frozen=True, slots=True)
class SecretsInput:
    """Whose Secrets to read."""

    environment: str
    manifests: tuple[Manifest, ...]
    kinds: Mapping[GroupKind, Kind]


def observe_secrets(
    inputs: SecretsInput, cluster: Cluster, keyring: Keyring | None
) -> tuple[ResolvedSecret, ...]:
    """Resolve every reference, with one GET per Secret; without a fingerprint key there are no fingerprints."""
    references = [
        (manifest.ref, reference)
        for manifest in inputs.manifests
        for reference in inputs.kinds[manifest.ref.group_kind].secret_references(
            manifest.document.body()
        )
    ]
    by_secret: dict[tuple[str, str], list[Referrer]] = {}
    for owner, reference in references:
        by_secret.setdefault((reference.namespace, reference.name), []).append((owner, reference))

    def read(secret: tuple[str, str]) -> list[ResolvedSecret]:
        owners, named = zip(*by_secret[secret], strict=True)
        readings = _read(secret, named)
        return list(map(ResolvedSecret, owners, named, readings))

    def _read(secret: tuple[str, str], named: Sequence[SecretReference]) -> Sequence[SecretReading]:
        if refused_by_name(*secret):
            return [SecretReading(SecretState.REFUSED, each.keys[0]) for each in named]
        return cluster.read_secret(*secret, named, keyring, inputs.environment)

    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        resolved = [row for rows in pool.map(read, by_secret) for row in rows]
    return tuple(sorted(resolved, key=lambda row: (row.owner, row.reference)))


def without_fingerprints(resolved: Iterable[ResolvedSecret]) -> tuple[ResolvedSecret, ...]:
    """The references as they are read without a fingerprint key."""
    return tuple(
        replace(row, reading=replace(row.reading, state=SecretState.UNAVAILABLE, fingerprint=None))
        if row.reading.fingerprint
        else row
        for row in resolved
    )
