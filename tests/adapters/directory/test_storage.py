"""Which files exist, and when."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.errors import ClusterError, RefusalReason, Refused
from reconciler.model.document import Document
from reconciler.model.identity import CONFIG_MAP, NAMESPACE, SECRET, Endpoint
from reconciler.model.lease import LEASE
from tests.adapters.directory.world import (
    CRD,
    OLD_CRD,
    PROVIDER,
    US,
    config_map,
    edit,
    file_of,
    live,
    opened,
    provider,
    tree,
)


def test_a_missing_root_is_an_empty_cluster_and_reading_does_not_create_it(tmp_path: Path) -> None:
    cluster = opened(tmp_path / "new")
    assert cluster.list(PROVIDER, "omnia") == ()
    assert cluster.list(PROVIDER, "") == ()
    assert cluster.get(PROVIDER, "omnia", "gpt") is None
    assert cluster.unreadable(PROVIDER, "omnia") == ()
    assert cluster.uid() == ""
    crd = cluster.crd(PROVIDER)
    assert crd is not None
    assert crd.name == "providers.omnia.altairalabs.ai"
    cluster.apply(PROVIDER, provider(), manager=US, dry_run=True)
    assert not (tmp_path / "new").exists()


def test_the_first_write_initializes_the_cluster(tmp_path: Path) -> None:
    cluster = opened(tmp_path / "new")
    cluster.apply(PROVIDER, provider(), manager=US)
    assert sorted(tree(tmp_path / "new")) == [
        ".gitignore",
        ".server/crds/providers.omnia.altairalabs.ai.yaml",
        ".server/last",
        ".server/lock",
        ".server/objects/omnia/providers.omnia.altairalabs.ai/gpt.json",
        ".server/uid",
        "omnia/providers.omnia.altairalabs.ai/gpt.yaml",
    ]
    assert (tmp_path / "new" / "home").is_dir()
    assert cluster.uid() == opened(tmp_path / "new").uid() != ""


def test_the_visible_file_has_only_fields_that_people_write(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    assert file_of(tmp_path).read_text() == (
        "apiVersion: omnia.altairalabs.ai/v1alpha1\n"
        "kind: Provider\n"
        "metadata:\n  name: gpt\n  namespace: omnia\n"
        "spec:\n  model: gpt-4o\n  role: llm\n  type: openai\n"
    )


def test_an_existing_root_gets_no_namespaces(tmp_path: Path) -> None:
    opened(tmp_path).apply(PROVIDER, provider(), manager=US)
    (tmp_path / "home").rmdir()
    again = opened(tmp_path)
    with pytest.raises(Refused) as caught:
        again.create(CONFIG_MAP, config_map({}))
    assert caught.value.reason is RefusalReason.NO_NAMESPACE
    (tmp_path / "home").mkdir()
    again.create(CONFIG_MAP, config_map({}))


def test_an_existing_root_uses_its_own_crds(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    path = tmp_path / ".server" / "crds" / "providers.omnia.altairalabs.ai.yaml"
    assert path.read_text() == CRD
    before = cluster.crd(PROVIDER)
    assert cluster.crd(PROVIDER) is before
    path.write_text(OLD_CRD)
    assert cluster.crd(PROVIDER) is not before
    # Stored objects are read with the current schema: the old era has no `role`.
    assert "role" not in live(cluster)["spec"]
    path.unlink()
    with pytest.raises(Refused) as caught:
        cluster.list(PROVIDER, "omnia")
    assert caught.value.reason is RefusalReason.NO_KIND


def test_an_invalid_crd_fails_only_its_kind(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.create(CONFIG_MAP, config_map({}))
    path = tmp_path / ".server" / "crds" / "providers.omnia.altairalabs.ai.yaml"
    path.write_text("kind: [")
    with pytest.raises(Refused) as caught:
        cluster.crd(PROVIDER)
    assert str(path) in caught.value.message
    assert cluster.get(CONFIG_MAP, "home", "record") is not None


def test_a_folder_with_secrets_becomes_a_cluster_and_gets_the_other_namespaces(
    tmp_path: Path,
) -> None:
    """Somebody wrote Secrets before the first apply. A namespace that is removed afterwards stays away."""
    (tmp_path / "omnia" / "secrets").mkdir(parents=True)
    cluster = opened(tmp_path)
    assert cluster.get(NAMESPACE, "", "home")
    cluster.apply(PROVIDER, provider(), manager=US)
    (tmp_path / "home").rmdir()
    assert opened(tmp_path).get(NAMESPACE, "", "home") is None


def test_an_unknown_kind_and_a_version_that_is_not_served(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    for endpoint in (
        Endpoint("example.com", "v1", "Thing", "things"),
        Endpoint(PROVIDER.group, "v9", PROVIDER.kind, PROVIDER.plural),
    ):
        with pytest.raises(Refused) as caught:
            cluster.list(endpoint, "omnia")
        assert caught.value.reason is RefusalReason.NO_KIND
        assert caught.value.hint


def test_a_write_that_changes_nothing_touches_no_file(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    first = cluster.apply(PROVIDER, provider(), manager=US)
    before = tree(tmp_path)
    assert cluster.apply(PROVIDER, provider(), manager=US).document == first.document
    assert tree(tmp_path) == before


def test_system_fields_change_as_on_a_server(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    first = cluster.apply(PROVIDER, provider(), manager=US).document.body()["metadata"]
    second = cluster.apply(PROVIDER, provider(model="gpt-5"), manager=US).document.body()[
        "metadata"
    ]
    assert (first["generation"], second["generation"]) == (1, 2)
    assert int(second["resourceVersion"]) > int(first["resourceVersion"]) > 1
    assert first["uid"] == second["uid"]
    assert first["creationTimestamp"] == second["creationTimestamp"]


def test_a_dry_run_stores_nothing(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    stored = cluster.apply(PROVIDER, provider(), manager=US).document
    before = tree(tmp_path)
    predicted = cluster.apply(
        PROVIDER, provider(model="gpt-5"), manager=US, dry_run=True
    ).document.body()
    assert predicted["spec"]["model"] == "gpt-5"
    assert predicted["metadata"]["resourceVersion"] == stored.body()["metadata"]["resourceVersion"]
    fresh = cluster.apply(PROVIDER, provider("other"), manager=US, dry_run=True).document.body()
    assert "resourceVersion" not in fresh["metadata"]
    assert tree(tmp_path) == before


def test_status_is_a_subresource(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    body = {**live(cluster), "status": {"phase": "Ready"}}
    cluster.update_status(PROVIDER, Document.of(body), manager="omnia-operator")
    assert live(cluster)["status"] == {"phase": "Ready"}
    assert "phase: Ready" in file_of(tmp_path).read_text()
    edit(file_of(tmp_path), "phase: Ready", "phase: Error")
    assert live(cluster)["status"] == {"phase": "Error"}
    assert live(cluster)["metadata"]["generation"] == 1


def test_namespaces_are_folders(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.create(CONFIG_MAP, config_map({}))
    (tmp_path / "made-by-hand").mkdir()
    (tmp_path / "Not A Namespace").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "readme").write_text("a file")
    cluster.create(NAMESPACE, Document.of({"metadata": {"name": "made"}}))
    names = [d.body()["metadata"]["name"] for d in cluster.list(NAMESPACE, "")]
    assert names == ["home", "made", "made-by-hand", "omnia"]
    assert cluster.get(NAMESPACE, "", "readme") is None
    with pytest.raises(Refused) as caught:
        cluster.create(NAMESPACE, Document.of({"metadata": {"name": "made"}}))
    assert caught.value.reason is RefusalReason.EXISTS


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..", ".hidden", "a/b", "/abs", "", "UP", "x" * 251]
)
def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    cluster = opened(tmp_path / "root")
    cluster.apply(PROVIDER, provider(), manager=US)
    assert cluster.get(PROVIDER, "omnia", name) is None
    cluster.delete(PROVIDER, "omnia", name, uid="")
    with pytest.raises(Refused):
        cluster.apply(PROVIDER, provider(name), manager=US)
    assert cluster.get(PROVIDER, name, "gpt") is None
    assert [p.name for p in tmp_path.iterdir()] == ["root"]


@pytest.mark.parametrize("link", ["omnia", "omnia/providers.omnia.altairalabs.ai", ".server"])
def test_a_linked_folder_is_refused(tmp_path: Path, link: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    cluster = opened(root)
    cluster.apply(PROVIDER, provider(), manager=US)
    (root / link).rename(outside)
    (root / link).symlink_to(outside, target_is_directory=True)
    before = tree(outside)
    with pytest.raises(ClusterError, match="link"):
        cluster.apply(PROVIDER, provider(model="gpt-5"), manager=US)
    assert tree(outside) == before


def test_a_foreign_journal_cannot_write_outside_the_folder(tmp_path: Path) -> None:
    root = tmp_path / "root"
    cluster = opened(root)
    cluster.apply(PROVIDER, provider(), manager=US)
    step = {"write": "../outside", "text": "x", "private": False}
    (root / ".server" / "journal").write_text(json.dumps({"version": 9, "steps": [step]}))
    with pytest.raises(ClusterError, match="damaged"):
        cluster.list(PROVIDER, "omnia")
    assert not (tmp_path / "outside").exists()


def test_only_the_owner_can_read_secrets(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.create_keyring("home", "key")
    private = [
        tmp_path / "home/secrets/key.yaml",
        tmp_path / ".server/objects/home/secrets/key.json",
    ]
    private += [tmp_path / ".server/last"]
    assert {p.stat().st_mode & 0o777 for p in private} == {0o600}
    assert cluster.get(SECRET, "home", "key") is not None


def test_the_default_name_is_the_folder(tmp_path: Path) -> None:
    assert opened(tmp_path).name == f"directory:{tmp_path}"


def test_a_lease_changes_its_holder(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    lease = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "run", "namespace": "home"},
        "spec": {"holderIdentity": "a", "leaseDurationSeconds": 15, "leaseTransitions": 0},
    }
    made = cluster.create(LEASE, Document.of(lease)).body()
    made["spec"]["holderIdentity"] = "b"
    taken = cluster.replace(LEASE, Document.of(made)).body()
    assert taken["spec"]["holderIdentity"] == "b"
    assert "generation" not in taken["metadata"]
    with pytest.raises(Refused) as caught:
        cluster.replace(LEASE, Document.of(made))
    assert caught.value.reason is RefusalReason.STALE
    with pytest.raises(Refused) as caught:
        cluster.create(LEASE, Document.of(lease))
    assert caught.value.reason is RefusalReason.EXISTS
    assert (tmp_path / "home" / "leases.coordination.k8s.io" / "run.yaml").exists()
