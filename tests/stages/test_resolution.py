"""What consumers read beside the operators, copies of a Secret, and certificates."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from reconciler.adapters.directory import DirectoryCluster
from reconciler.consumers import CONSUMERS
from reconciler.errors import RefusalReason, Refused
from reconciler.kinds import KINDS
from reconciler.model.document import Document, JsonObject
from reconciler.model.identity import SECRET, Endpoint, ObjectRef
from reconciler.model.impact import Consumed
from reconciler.model.manifest import Manifest
from reconciler.model.resolution import ConsumerSecret, Copy, ExternalSecret
from reconciler.model.rotation import SecretRow
from reconciler.model.secret import SecretReading, SecretReference, SecretState
from reconciler.ports import Cluster
from reconciler.stages.impact import Graph, consumer_reads
from reconciler.stages.observe.external_secrets import observe_external_secrets
from reconciler.stages.observe.secrets import SecretsInput, observe_secrets
from reconciler.stages.resolution import certificates, compare_consumers, read_elsewhere
from tests.consumers.bodies import agent, model, runtime
from tests.fakes import Fault, FaultyCluster, Signals
from tests.stages.live import GATEWAY, made, opened

SHARED = made(GATEWAY, "gateway", "llm", apiKeySecretRef={"name": "gateway", "key": "api-key"})
CLAUDE = made(
    type="claude", name="claude", model="m", credential={"secretRef": {"name": "anthropic"}}
)


def put_secret(cluster: DirectoryCluster, namespace: str, name: str, **values: bytes) -> None:
    data = {key: base64.b64encode(value).decode() for key, value in values.items()}
    metadata = {"name": name, "namespace": namespace}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
    cluster.create(SECRET, Document.of(body))


def consumed(*bodies: JsonObject) -> Consumed:
    refs = {
        ObjectRef(
            body["apiVersion"].partition("/")[0],
            body["kind"],
            body["metadata"]["namespace"],
            body["metadata"]["name"],
        ): Document.of(body)
        for body in bodies
    }
    return Consumed(refs)


def compared(
    cluster: Cluster, manifest: Manifest, *consumers: JsonObject
) -> tuple[ConsumerSecret, ...]:
    graph = Graph.of(consumed(*consumers), CONSUMERS)
    reads = consumer_reads(graph, {manifest.ref: manifest.document})
    observed = observe_secrets(
        SecretsInput("prod", (manifest,), KINDS, reads), cluster, None, Signals()
    )
    return compare_consumers(observed.consumed, observed.resolved, (manifest,))


def test_what_consumers_of_a_kind_resolve_in_another_way_is_one_reference(
    cluster: DirectoryCluster,
) -> None:
    """Also while both find the same value, or nothing: the next one may differ."""
    others = [*elsewhere("team-a"), agent("second", "team-a"), *elsewhere("llm")]
    graph = Graph.of(consumed(*others), CONSUMERS)
    reads = consumer_reads(graph, {SHARED.ref: SHARED.document})
    inputs = SecretsInput("prod", (SHARED,), KINDS, reads)
    observed = observe_secrets(inputs, cluster, None, Signals())
    (row,) = read_elsewhere(observed.consumed, observed.resolved)
    assert (row.owner, row.reference.namespace) == (SHARED.ref, "team-a")
    assert [reader.name for reader in row.readers] == ["helper", "second"]


@pytest.fixture
def cluster(tmp_path: Path) -> DirectoryCluster:
    return opened(tmp_path, namespaces=("omnia", "llm", "team-a", "team-b", "llm-system"))


def elsewhere(namespace: str) -> tuple[JsonObject, JsonObject]:
    """An agent of another namespace, with its model there."""
    return model("fast", namespace, provider_in="llm"), agent("helper", namespace)


def test_an_agent_of_another_namespace_needs_the_secret_there(cluster: DirectoryCluster) -> None:
    put_secret(cluster, "llm", "gateway", **{"api-key": b"sk-gateway-4c1d"})
    (row,) = compared(cluster, SHARED, *elsewhere("team-a"))
    assert (row.consumer.kind, row.consumer.namespace) == ("Agent", "team-a")
    assert (row.reference.namespace, row.reading.state) == ("team-a", SecretState.MISSING_SECRET)
    assert (row.wrong, row.copy) == (True, Copy.UNKNOWN)
    assert row.operator_reading is not None
    assert row.operator_reading.state is SecretState.UNAVAILABLE
    assert row.where is not None


@pytest.mark.parametrize(
    ("value", "copy"), [(b"sk-gateway-4c1d", Copy.SAME), (b"sk-other-77aa", Copy.DIFFERENT)]
)
def test_copies_are_compared(cluster: DirectoryCluster, value: bytes, copy: Copy) -> None:
    put_secret(cluster, "llm", "gateway", **{"api-key": b"sk-gateway-4c1d"})
    put_secret(cluster, "team-a", "gateway", **{"api-key": value})
    (row,) = compared(cluster, SHARED, *elsewhere("team-a"))
    assert (row.copy, row.wrong) == (copy, False)


def test_values_are_not_comparable_beyond_the_run_or_between_names(
    cluster: DirectoryCluster, tmp_path: Path
) -> None:
    reference = SecretReference("llm", "gateway", "spec.x", ("api-key",))
    other = SecretReference("llm", "other", "spec.x", ("api-key",))
    again = opened(tmp_path / "again")
    for name in ("gateway", "other"):
        put_secret(cluster, "llm", name, **{"api-key": b"sk-gateway-4c1d"})
        put_secret(again, "llm", name, **{"api-key": b"sk-gateway-4c1d"})
    likenesses = [
        reader.read_secret(each.namespace, each.name, [each], None, "prod")[0].likeness
        for reader, each in ((cluster, reference), (cluster, other), (again, reference))
    ]
    assert len(set(likenesses)) == 3
    assert all(likenesses)


def test_an_agent_beside_the_provider_reads_what_its_operator_reads(
    cluster: DirectoryCluster,
) -> None:
    assert compared(cluster, SHARED, *elsewhere("llm")) == ()
    put_secret(cluster, "llm", "gateway", **{"api-key": b"sk-gateway-4c1d"})
    assert compared(cluster, SHARED, *elsewhere("llm")) == ()


def test_the_operator_accepts_a_key_that_pods_do_not_read(cluster: DirectoryCluster) -> None:
    """Without a key in the reference, the operator tries three, and agents one."""
    put_secret(cluster, "omnia", "anthropic", **{"api-key": b"sk-ant-4c1d88"})
    (row,) = compared(cluster, CLAUDE, runtime())
    assert (row.reading.state, row.reading.key) == (SecretState.MISSING_KEY, "ANTHROPIC_API_KEY")
    assert row.operator_reading is not None
    assert (row.operator_reading.key, row.copy) == ("api-key", Copy.NO_COPY)


def test_a_secret_that_nobody_has_is_told_once(cluster: DirectoryCluster) -> None:
    """By the row of the provider, though the pods would read another key of it."""
    assert compared(cluster, CLAUDE, runtime()) == ()


def test_each_secret_is_read_once_for_operators_and_consumers(cluster: DirectoryCluster) -> None:
    put_secret(cluster, "llm", "gateway", **{"api-key": b"sk-gateway-4c1d"})
    counting = FaultyCluster(cluster)
    consumers = [*elsewhere("llm"), *elsewhere("team-a"), *elsewhere("team-b")]
    assert len(compared(counting, SHARED, *consumers)) == 2
    assert len(counting.of("read-secret")) == 3


def external(cluster: DirectoryCluster) -> list[tuple[SecretReference, SecretReading]]:
    """The reading of a Secret that an ExternalSecret owns."""
    owner = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "name": "gateway-es",
        "uid": "1",
    }
    metadata = {"name": "gateway", "namespace": "llm", "ownerReferences": [owner]}
    data = {"api-key": base64.b64encode(b"sk-gateway-4c1d").decode()}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
    cluster.create(SECRET, Document.of(body))
    reference = SecretReference("llm", "gateway", "spec.x", ("api-key",))
    (reading,) = cluster.read_secret("llm", "gateway", [reference], None, "prod")
    return [(reference, reading), (reference, reading)]


class Owners:
    """A cluster with one ExternalSecret."""

    connections = 2

    def __init__(self, status: JsonObject | None) -> None:
        self.status = status
        self.asked: list[tuple[str, str, str]] = []

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> Document | None:
        self.asked.append((endpoint.api_version, namespace, name))
        return None if self.status is None else Document.of({"status": self.status})


def test_the_owner_of_a_secret_is_read_once(cluster: DirectoryCluster) -> None:
    ready = {"type": "Ready", "status": "False", "reason": "SecretSyncedError", "message": "m"}
    owners: Any = Owners({"conditions": [ready], "refreshTime": "2026-07-01T00:00:00Z"})
    rows, unchecked = observe_external_secrets(external(cluster), owners)
    assert rows == (
        ExternalSecret(
            "llm",
            "gateway-es",
            "gateway",
            "False",
            "SecretSyncedError",
            "m",
            "2026-07-01T00:00:00Z",
        ),
    )
    assert (owners.asked, unchecked) == ([("external-secrets.io/v1", "llm", "gateway-es")], ())


@pytest.mark.parametrize("status", [None, {}, {"conditions": "no list"}, {"conditions": [7]}])
def test_an_owner_without_a_condition_says_nothing(
    cluster: DirectoryCluster, status: JsonObject | None
) -> None:
    owners: Any = Owners(status)
    rows, unchecked = observe_external_secrets(external(cluster), owners)
    assert ([row.ready for row in rows], unchecked) == ([] if status is None else [""], ())


@pytest.mark.parametrize(
    ("reason", "unchecked"),
    [
        (RefusalReason.FORBIDDEN, ["no permission"]),
        (RefusalReason.NO_KIND, []),
        (RefusalReason.FAILED, ["it could not be read"]),
    ],
)
def test_an_owner_that_may_not_be_read_is_not_checked(
    cluster: DirectoryCluster, reason: RefusalReason, unchecked: list[str]
) -> None:
    refusing = FaultyCluster(cluster, Fault(Refused(reason, "m"), "get"))
    rows, missed = observe_external_secrets(external(cluster), refusing)
    assert (rows, [each.reason for each in missed]) == ((), unchecked)


def test_a_secret_without_such_an_owner_costs_no_request(cluster: DirectoryCluster) -> None:
    counting = FaultyCluster(cluster)
    put_secret(cluster, "llm", "gateway", **{"api-key": b"sk-gateway-4c1d"})
    compared(counting, SHARED)
    assert [call.verb for call in counting.calls] == ["read-secret"]


def test_a_certificate_has_its_days_left(cluster: DirectoryCluster) -> None:
    expires = datetime(2026, 8, 31, 12, tzinfo=UTC)
    authority = trustme.CA()
    leaf = authority.issue_cert("llm.example.com", not_after=expires).cert_chain_pems[0].bytes()
    bundle = authority.cert_pem.bytes() + b"# a comment between two\n" + leaf
    put_secret(cluster, "llm", "ca", **{"ca.crt": bundle, "token": b"sk-gateway-4c1d"})
    rows = []
    for key in ("ca.crt", "token"):
        reference = SecretReference("llm", "ca", f"spec.{key}", (key,))
        (reading,) = cluster.read_secret("llm", "ca", [reference], None, "prod")
        rows += [SecretRow(SHARED.ref, reference, reading)] * 2
    for now, days in (("2026-08-01T12:00:00Z", 30), ("2026-09-01T12:00:00Z", -1)):
        (certificate,) = certificates(rows, now)
        assert (certificate.key, certificate.expires) == ("ca.crt", "2026-08-31T12:00:00Z")
        assert certificate.days_left == days
