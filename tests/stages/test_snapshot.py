"""What a snapshot leaves out of a live object, and what comes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.directory.snapshot import HEAD, SnapshotCluster, files_of, read_snapshot
from reconciler.errors import ClusterError, RefusalReason, Refused, UsageError
from reconciler.kinds import KINDS
from reconciler.model.document import Document, JsonObject
from reconciler.model.identity import CONFIG_MAP, NAMESPACE, Endpoint
from reconciler.model.run import ClusterIdentity
from reconciler.model.snapshot import AS_GIT, Snapshot
from reconciler.stages.observe import observe
from reconciler.stages.snapshot import SnapshotInput, crds_of, own_parts, take
from reconciler.stages.snapshot.hidden import with_values, without_secrets
from reconciler.text.foreign import MARK
from tests.fakes import Fault, FaultyCluster
from tests.repository import write
from tests.stages import live
from tests.stages.builders import owner
from tests.stages.live import (
    GO,
    HOME,
    PROVIDER,
    environment,
    made,
    observe_input,
    opened,
    put,
)

KIND = KINDS[PROVIDER.group_kind]
KEY = "sk-" + "ant-api03-9f2c81d07be34a6fb5d8c1e2a7f30946bb"


def body(spec: JsonObject, **metadata: Any) -> JsonObject:
    names = {"name": "claude", "namespace": "omnia"}
    head = {"apiVersion": PROVIDER.api_version, "kind": "Provider"}
    return head | {"metadata": names | metadata, "spec": spec}


LIVE = body(
    {
        "model": "m",
        "headers": {"X-Gate": "one", "X-Team": "two", "X-Empty": ""},
        "baseURL": f"https://example.com/v1?sig={KEY}",
    },
    annotations={"a/b": "c", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
    selfLink="x",
    uid="11111111-1111-1111-1111-111111111111",
)
GIT = body(
    {"model": "m", "headers": {"X-Gate": "one", "X-Team": "other"}}, annotations={"a/b": "c"}
)


def test_a_hidden_value_is_as_in_git_or_not_there() -> None:
    shown = without_secrets(KIND, LIVE, GIT)
    assert shown["spec"]["headers"] == {"X-Gate": AS_GIT, "X-Team": MARK, "X-Empty": ""}
    assert shown["spec"]["model"] == "m"
    assert KEY not in shown["spec"]["baseURL"]
    assert shown["metadata"]["annotations"] == {
        "a/b": AS_GIT,
        "kubectl.kubernetes.io/last-applied-configuration": MARK,
    }
    assert "selfLink" not in shown["metadata"]
    back = with_values(shown, GIT)
    assert back["spec"]["headers"] == {"X-Gate": "one", "X-Team": MARK, "X-Empty": ""}
    assert back["metadata"]["annotations"]["a/b"] == "c"


def test_without_git_nothing_says_what_a_value_is() -> None:
    shown = without_secrets(KIND, LIVE, {})
    assert shown["spec"]["headers"] == {"X-Gate": MARK, "X-Team": MARK, "X-Empty": ""}
    assert with_values(shown, {}) == shown


def test_a_value_that_says_it_is_as_in_git_is_not_believed() -> None:
    shown = without_secrets(KIND, body({"model": AS_GIT}), body({"model": "m"}))
    assert shown["spec"]["model"] == MARK


def test_the_headers_that_a_policy_shows_are_shown() -> None:
    from dataclasses import replace

    shown = without_secrets(replace(KIND, shown_headers=("X-Team",)), LIVE, {})
    assert shown["spec"]["headers"]["X-Team"] == "two"


def test_a_hidden_value_of_another_type_keeps_its_type() -> None:
    shown = without_secrets(KIND, body({"headers": {"a": 7, "b": True, "c": None}}), {})
    assert shown["spec"]["headers"] == {"a": 0, "b": False, "c": None}


def test_a_status_loses_its_sentences() -> None:
    condition = {"type": "Ready", "status": "False", "reason": "Broken", "message": "bad hunter2"}
    status = {"phase": "Error", "observedGeneration": 3, "conditions": [condition], "note": "x"}
    shown = without_secrets(KIND, body({}) | {"status": status}, {})["status"]
    kept = {"phase": "Error", "observedGeneration": 3, "note": MARK}
    assert shown == kept | {"conditions": [condition | {"message": MARK}]}


def test_owners_keep_their_fields_and_lose_values() -> None:
    entry = owner("token=hunter2hunter2", "spec.headers.X-Gate")
    entry["fieldsV1"]["f:metadata"] = {f'v:"{KEY}"': {}, f'k:{{"name":"{KEY}"}}': {}, "v:{": {}}
    odd: list[Any] = [None, {"fieldsV1": []}]
    shown = without_secrets(KIND, body({}, managedFields=[entry, *odd]), {})
    (first, *others) = shown["metadata"]["managedFields"]
    assert first["fieldsV1"]["f:spec"] == {"f:headers": {"f:X-Gate": {}}}
    assert first["operation"] == "Apply"
    assert not any(part in json.dumps(shown) for part in (KEY, "hunter2"))
    assert others == [{}, {"fieldsV1": {}}]


def test_of_the_config_map_only_what_we_write_is_kept() -> None:
    marks = {"applyset.kubernetes.io/id": "x", "somebody": KEY}
    snapshot: JsonObject = {
        "metadata": {"name": "a", "namespace": "b", "labels": marks, "annotations": {"n": KEY}},
        "data": {"k": KEY},
        "binaryData": {"k": KEY},
    }
    own = own_parts(snapshot, None)
    assert KEY not in json.dumps(own)
    assert own["metadata"]["labels"] == {"applyset.kubernetes.io/id": "x"}


@pytest.fixture
def cluster(tmp_path: Path) -> FaultyCluster:
    inner = opened(tmp_path)
    put(inner, made())
    return FaultyCluster(inner)


def taken(cluster: FaultyCluster, **settings: Any) -> Snapshot:
    inputs = SnapshotInput(
        "1", environment(), "c0ffee", ClusterIdentity("prod-eu", "uid"), KINDS, live.crds(cluster),
        (made(),), "2026-07-30T00:00:00Z", **settings,
    )  # fmt: skip
    return take(inputs, cluster)


def test_what_may_not_be_listed_is_told_apart_from_what_is_not_there(
    cluster: FaultyCluster,
) -> None:
    forbidden = Refused(RefusalReason.FORBIDDEN, "no")
    cluster.faults = (
        Fault(forbidden, "list", "Model", "llm"),
        Fault(forbidden, "get", "Namespace"),
    )
    snapshot = taken(cluster, recorded=False)
    assert snapshot.unlisted == (
        "models.agent.flokoa.ai llm",
        "namespaces llm",
        "namespaces omnia",
    )
    assert snapshot.missing == ()
    reader = SnapshotCluster(snapshot, crds_of(snapshot))
    assert len(reader.list(PROVIDER, "omnia")) == 1
    assert reader.list(live.MODEL, "omnia") == ()
    for call in (
        lambda: reader.list(live.MODEL, "llm"),
        lambda: reader.list(PROVIDER, "elsewhere"),
        lambda: reader.list(PROVIDER, HOME),
        lambda: reader.get(CONFIG_MAP, HOME, "provider-reconciler-prod"),
        lambda: reader.get(NAMESPACE, "", "omnia"),
        lambda: reader.pods("omnia", "a=b"),
        lambda: reader.keyring(HOME, "a"),
        lambda: reader.apply(PROVIDER, made().document, manager="x"),
        lambda: reader.create(PROVIDER, made().document),
    ):
        with pytest.raises(Refused) as caught:
            call()
        assert caught.value.reason is RefusalReason.FORBIDDEN
        assert "snapshot does not have" in caught.value.message


def test_a_kind_that_is_not_installed_and_a_namespace_that_is_not_there(tmp_path: Path) -> None:
    inner = opened(tmp_path, without="Model", namespaces=("omnia", HOME))
    snapshot = taken(FaultyCluster(inner))
    assert snapshot.missing == ("llm",)
    reader = SnapshotCluster(snapshot, crds_of(snapshot))
    assert reader.get(NAMESPACE, "", "llm") is None
    with pytest.raises(Refused) as no_kind:
        reader.list(live.MODEL, "omnia")
    assert no_kind.value.reason is RefusalReason.NO_KIND
    with pytest.raises(Refused) as no_namespace:
        reader.apply(live.GATEWAY, made(live.GATEWAY, namespace="llm").document, manager="x")
    assert no_namespace.value.reason is RefusalReason.NO_NAMESPACE


def test_a_broken_object_is_no_snapshot(tmp_path: Path) -> None:
    inner = opened(tmp_path)
    put(inner, made())
    live.file_of(tmp_path, made()).write_text("a: [")
    with pytest.raises(ClusterError) as caught:
        taken(FaultyCluster(inner))
    assert "claude.yaml" in caught.value.message


def test_it_comes_back_as_it_was_written(cluster: FaultyCluster, tmp_path: Path) -> None:
    snapshot = taken(cluster)
    folder = write(tmp_path / "snapshot", dict(files_of(snapshot)))
    again = read_snapshot(folder)
    assert set(again.objects) == set(snapshot.objects)
    assert dict(files_of(again)) == dict(files_of(snapshot))
    before, after = live.crds(cluster), crds_of(again)
    assert {crd.name for crd in before.values()} == set(after)
    assert all(crd.admits_same_as(after[crd.name]) for crd in before.values())


@pytest.mark.parametrize("name", ["../../etc", "a/b", "", "..", "A"])
def test_a_name_that_leads_elsewhere_is_not_written(cluster: FaultyCluster, name: str) -> None:
    from dataclasses import replace

    bad = Document.of(body({}, name=name))
    with pytest.raises(ClusterError, match="name that is not valid"):
        list(files_of(replace(taken(cluster), objects=(bad,))))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (HEAD, "{"),
        (HEAD, "[]"),
        (HEAD, "{}"),
        (HEAD, '{"schemaVersion": "2"}'),
        (HEAD, '{"schemaVersion": "3"}'),
        pytest.param(HEAD, "[" * 100_000, marks=pytest.mark.exhausts_stack),
        (HEAD, None),
        ("commit", "--upload-pack=x"),
        ("taken", 7),
        ("namespaces", [7]),
        ("namespaces", "omnia"),
        ("objects/omnia/provider.omnia.altairalabs.ai/claude.json", "[]"),
        ("objects/omnia/provider.omnia.altairalabs.ai/claude.json", "{}"),
        ("objects/omnia/provider.omnia.altairalabs.ai/claude.json", '{"metadata": {"name": 1}}'),
        ("crds/providers.omnia.altairalabs.ai.json", "{}"),
    ],
)
def test_what_is_no_snapshot_is_the_users_mistake(
    cluster: FaultyCluster, tmp_path: Path, file: str, text: Any
) -> None:
    folder = write(tmp_path / "snapshot", dict(files_of(taken(cluster))))
    if "." not in file:
        head = json.loads((folder / HEAD).read_text())
        (folder / HEAD).write_text(json.dumps(head | {file: text}))
    elif text is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(text)
    with pytest.raises(UsageError):
        read_snapshot(folder)


class Leaving(FaultyCluster):
    """Its namespace `omnia` is being deleted."""

    def get(self, endpoint: Endpoint, namespace: str, name: str) -> Document | None:
        document = super().get(endpoint, namespace, name)
        if document is None or (endpoint, name) != (NAMESPACE, "omnia"):
            return document
        metadata = document.body()["metadata"] | {"deletionTimestamp": "2026-07-29T00:00:00Z"}
        return Document.of(document.body() | {"metadata": metadata})


def test_a_namespace_that_is_being_deleted_is_so_without_the_cluster_too(tmp_path: Path) -> None:
    inner = opened(tmp_path)
    put(inner, made())
    cluster = Leaving(inner)
    snapshot = taken(cluster)
    folder = write(tmp_path / "snapshot", dict(files_of(snapshot)))
    reader = SnapshotCluster(read_snapshot(folder), crds_of(snapshot))
    for each in (cluster, reader):
        (observation,) = observe(observe_input(cluster, made()), each, GO).objects
        assert observation.refusal is not None
        assert observation.refusal.message.startswith("the namespace omnia is being deleted")
    assert snapshot.leaving == ("omnia",)
    assert reader.get(NAMESPACE, "", "llm") == Document.of({"metadata": {}})
