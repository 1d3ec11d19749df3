"""Resolves the Secret references of the manifests and of their consumers, with one GET per Secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from reconciler.errors import Interrupted
from reconciler.frozen import dataclass
from reconciler.kind import Kind
from reconciler.model.identity import GroupKind
from reconciler.model.impact import ConsumerRead
from reconciler.model.manifest import Manifest
from reconciler.model.observation import ResolvedSecret, SecretsRead
from reconciler.model.refused_secrets import refused_by_name
from reconciler.model.secret import Keyring, SecretReading, SecretReference, SecretState
from reconciler.ports import Cluster, Stop
from reconciler.stages.observe.external_secrets import observe_external_secrets

Readings = Mapping[SecretReference, SecretReading]


@dataclass(frozen=True, slots=True)
class SecretsInput:
    """Whose Secrets to read.

    Attributes:
        reads: the keys that consumers read because of the manifests, as they resolve them.
    """

    environment: str
    manifests: tuple[Manifest, ...]
    kinds: Mapping[GroupKind, Kind]
    reads: tuple[ConsumerRead, ...] = ()


def observe_secrets(
    inputs: SecretsInput, cluster: Cluster, keyring: Keyring | None, stop: Stop
) -> SecretsRead:
    """Resolve every reference, with one GET per Secret; without a fingerprint key there are no fingerprints.

    Raises:
        Interrupted: a signal ended the run.
    """
    owned = [
        (manifest.ref, reference)
        for manifest in inputs.manifests
        for reference in inputs.kinds[manifest.ref.group_kind].secret_references(
            manifest.document.body()
        )
    ]
    references = [reference for _, reference in owned] + [each.reference for each in inputs.reads]
    readings = _readings(references, inputs.environment, cluster, keyring, stop)
    resolved = (ResolvedSecret(owner, reference, readings[reference]) for owner, reference in owned)
    external, unchecked = observe_external_secrets(readings.items(), cluster)
    return SecretsRead(
        tuple(sorted(resolved, key=lambda row: (row.owner, row.reference))),
        tuple((read, readings[read.reference]) for read in inputs.reads),
        external,
        unchecked,
    )


def _readings(
    references: Iterable[SecretReference],
    environment: str,
    cluster: Cluster,
    keyring: Keyring | None,
    stop: Stop,
) -> Readings:
    by_secret: dict[tuple[str, str], dict[SecretReference, None]] = {}
    for reference in references:
        secret = by_secret.setdefault((reference.namespace, reference.name), {})
        secret[reference] = None

    def read(secret: tuple[str, str]) -> Readings:
        named = tuple(by_secret[secret])
        if refused_by_name(*secret):
            return {each: SecretReading(SecretState.REFUSED, each.keys[0]) for each in named}
        if stop.requested:
            raise Interrupted("interrupted while it read the Secrets")
        answers = cluster.read_secret(*secret, named, keyring, environment)
        return dict(zip(named, answers, strict=True))

    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        return {
            reference: reading
            for answers in pool.map(read, by_secret)
            for reference, reading in answers.items()
        }
