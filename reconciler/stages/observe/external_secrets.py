"""Reads the ExternalSecrets that write Secrets, with one GET for each; most clusters have none, which costs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from reconciler.errors import ClusterError, RefusalReason, Refused
from reconciler.model.document import JsonObject, dig, dig_map
from reconciler.model.identity import EXTERNAL_SECRET
from reconciler.model.resolution import ExternalSecret
from reconciler.model.secret import SecretOwner, SecretReading, SecretReference
from reconciler.model.unchecked import NO_PERMISSION, Unchecked
from reconciler.ports import Cluster

_NOUN: Final = EXTERNAL_SECRET.kind


def observe_external_secrets(
    readings: Iterable[tuple[SecretReference, SecretReading]], cluster: Cluster
) -> tuple[tuple[ExternalSecret, ...], tuple[Unchecked, ...]]:
    """The owners of these Secrets, and those that nobody may read."""
    owners = {
        (reference.namespace, reference.name, reading.owner)
        for reference, reading in readings
        if reading.owner
    }
    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        rows = tuple(pool.map(lambda owner: _read(cluster, *owner), sorted(owners)))
    return (
        tuple(row for row in rows if isinstance(row, ExternalSecret)),
        tuple(row for row in rows if isinstance(row, Unchecked)),
    )


def _read(
    cluster: Cluster, namespace: str, secret: str, owner: SecretOwner
) -> ExternalSecret | Unchecked | None:
    endpoint = replace(EXTERNAL_SECRET, version=owner.version)
    name = f"{namespace}/{owner.name}"
    try:
        document = cluster.get(endpoint, namespace, owner.name)
    except Refused as refused:
        if refused.reason is RefusalReason.NO_KIND:
            return None
        if refused.reason is RefusalReason.FORBIDDEN:
            hint = (
                f"allow get on {endpoint.crd_name} in {namespace}, as rbac --external-secrets does"
            )
            return Unchecked(_NOUN, name, NO_PERMISSION, hint)
        return Unchecked(_NOUN, name, "it could not be read", "run the command again")
    except ClusterError:
        return Unchecked(_NOUN, name, "it could not be read", "run the command again")
    return _external(namespace, secret, owner.name, document.body()) if document else None


def _external(namespace: str, secret: str, name: str, body: JsonObject) -> ExternalSecret:
    conditions = dig(body, "status", "conditions")
    ready: JsonObject = next(
        (
            condition
            for condition in (conditions if isinstance(conditions, list) else [])
            if isinstance(condition, dict) and condition.get("type") == "Ready"
        ),
        {},
    )
    return ExternalSecret(
        namespace,
        name,
        secret,
        ready=str(ready.get("status") or ""),
        reason=str(ready.get("reason") or ""),
        message=str(ready.get("message") or ""),
        refreshed=str(dig_map(body, "status").get("refreshTime") or ""),
    )
