"""An edit of a file is an Update by the field manager `file-edit` at the time of the file."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import Document
from reconciler.model.identity import CONFIG_MAP
from tests.adapters.directory.world import (
    PROVIDER,
    START,
    US,
    config_map,
    edit,
    file_of,
    live,
    managers,
    opened,
    provider,
    put,
    tree,
)

BY_HAND = """\
# made by hand
apiVersion: omnia.altairalabs.ai/v1alpha1
kind: Provider
spec: {type: openai, model: gpt-4o}
"""


def test_file_edit_owns_a_changed_field(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    before = cluster.apply(PROVIDER, provider(), manager=US).document.body()
    edit(file_of(tmp_path), "model: gpt-4o", "model: gpt-5")
    after = live(cluster)
    assert after["spec"]["model"] == "gpt-5"
    assert managers(after) == [(US, "Apply", ""), ("file-edit", "Update", "")]
    ours, theirs = after["metadata"]["managedFields"]
    assert theirs["time"] == "2026-07-30T13:00:00Z"
    assert theirs["fieldsV1"] == {"f:spec": {"f:model": {}}}
    assert "f:model" not in ours["fieldsV1"]["f:spec"]
    assert after["metadata"]["generation"] == 2
    assert int(after["metadata"]["resourceVersion"]) > int(before["metadata"]["resourceVersion"])
    assert after["metadata"]["uid"] == before["metadata"]["uid"]


def test_reading_an_edit_writes_nothing_and_is_repeatable(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    edit(file_of(tmp_path), "model: gpt-4o", "model: gpt-5")
    put(file_of(tmp_path, "hand"), BY_HAND)
    before = tree(tmp_path)
    first = cluster.list(PROVIDER, "omnia")
    assert [d.body()["metadata"]["name"] for d in first] == ["gpt", "hand"]
    assert opened(tmp_path).list(PROVIDER, "omnia") == first
    assert cluster.get(PROVIDER, "omnia", "hand") == first[1]
    assert tree(tmp_path) == before


def test_the_next_write_persists_the_edit(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    edit(file_of(tmp_path), "model: gpt-4o", "model: gpt-4o\n  baseURL: https://gw.corp")
    metadata = live(cluster)["metadata"]
    with pytest.raises(Refused) as caught:
        cluster.apply(PROVIDER, provider(baseURL="https://other.corp"), manager=US)
    assert caught.value.reason is RefusalReason.FIELD_CONFLICT
    assert caught.value.causes[0].manager == "file-edit"
    cluster.apply(PROVIDER, provider(model="gpt-5"), manager=US)
    after = live(opened(tmp_path))
    assert after["spec"]["baseURL"] == "https://gw.corp"
    assert managers(after) == [(US, "Apply", ""), ("file-edit", "Update", "")]
    assert after["metadata"]["managedFields"][1]["time"] == "2026-07-30T13:00:00Z"
    assert int(after["metadata"]["resourceVersion"]) > int(metadata["resourceVersion"])
    assert after["metadata"]["generation"] == 3


def test_an_edit_makes_an_earlier_resource_version_stale(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    metadata = live(cluster)["metadata"]
    edit(file_of(tmp_path), "model: gpt-4o", "model: gpt-5")
    body = provider(model="gpt-6").body()
    body["metadata"]["resourceVersion"] = metadata["resourceVersion"]
    for attempt in (
        lambda: cluster.apply(PROVIDER, Document.of(body), manager=US, force=True),
        lambda: cluster.delete(
            PROVIDER,
            "omnia",
            "gpt",
            uid=metadata["uid"],
            resource_version=metadata["resourceVersion"],
        ),
    ):
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.reason is RefusalReason.STALE
    body["metadata"]["resourceVersion"] = live(cluster)["metadata"]["resourceVersion"]
    cluster.apply(PROVIDER, Document.of(body), manager=US, force=True)
    assert live(cluster)["spec"]["model"] == "gpt-6"


def test_another_notation_of_the_same_content_is_not_a_change(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    before = cluster.apply(PROVIDER, provider(), manager=US).document
    path = file_of(tmp_path)
    put(path, "# a comment\n" + path.read_text().replace("gpt-4o", '"gpt-4o"') + "\n\n")
    assert cluster.get(PROVIDER, "omnia", "gpt") == before
    comments = path.read_text()
    cluster.apply(PROVIDER, provider(), manager=US)
    assert path.read_text() == comments
    os.utime(path)
    assert opened(tmp_path).get(PROVIDER, "omnia", "gpt") == before


def test_removing_a_file_deletes_the_object(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    before = cluster.apply(PROVIDER, provider(), manager=US).document.body()["metadata"]
    file_of(tmp_path).unlink()
    assert cluster.list(PROVIDER, "omnia") == ()
    assert cluster.get(PROVIDER, "omnia", "gpt") is None
    again = cluster.apply(PROVIDER, provider(), manager=US).document.body()["metadata"]
    assert again["uid"] != before["uid"]
    assert again["generation"] == 1


def test_a_new_file_after_removal_and_delete_is_a_new_object(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    before = cluster.apply(PROVIDER, provider(), manager=US).document.body()["metadata"]
    file_of(tmp_path).unlink()
    cluster.delete(PROVIDER, "omnia", "gpt", uid=before["uid"])
    put(file_of(tmp_path), BY_HAND)
    assert managers(live(cluster)) == [("file-edit", "Update", "")]
    assert live(cluster)["metadata"]["uid"] != before["uid"]


def test_file_edit_owns_an_object_made_by_hand(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    put(file_of(tmp_path, "hand"), BY_HAND)
    made = live(cluster, "hand")
    assert managers(made) == [("file-edit", "Update", "")]
    assert made["metadata"]["creationTimestamp"] == "2026-07-30T13:00:00Z"
    assert made["metadata"]["generation"] == 1
    assert made["spec"]["role"] == "llm"  # the default, which a server adds
    uid = made["metadata"]["uid"]
    cluster.apply(PROVIDER, provider("hand"), manager=US)
    assert live(cluster, "hand")["metadata"]["uid"] == uid
    assert managers(live(cluster, "hand")) == [(US, "Apply", ""), ("file-edit", "Update", "")]


def test_the_output_of_kubectl_is_a_valid_file(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    exported = BY_HAND + (
        "metadata:\n  name: hand\n  uid: 0c8f\n  resourceVersion: '77'\n  generation: 9\n"
        "  creationTimestamp: 2020-01-01T00:00:00Z\n  managedFields: []\n"
        "status: {phase: Ready}\n"
    )
    put(file_of(tmp_path, "hand"), exported)
    made = live(cluster, "hand")
    assert made["metadata"]["uid"] != "0c8f"
    assert made["metadata"]["generation"] == 1
    assert made["status"] == {"phase": "Ready"}
    assert managers(made) == [("file-edit", "Update", ""), ("file-edit", "Update", "status")]


def test_restoring_an_older_file_is_an_edit(tmp_path: Path) -> None:
    """For example with `git checkout`, or from a copy."""
    cluster = opened(tmp_path)
    cluster.apply(PROVIDER, provider(), manager=US)
    old = file_of(tmp_path).read_text()
    cluster.apply(PROVIDER, provider(model="gpt-5"), manager=US)
    put(file_of(tmp_path), old, at=START - timedelta(days=1))
    assert live(cluster)["spec"]["model"] == "gpt-4o"
    assert managers(live(cluster))[1] == ("file-edit", "Update", "")


def test_a_config_map_edited_by_hand(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    made = cluster.create(CONFIG_MAP, config_map({"a": "1"})).body()
    edit(tmp_path / "home" / "configmaps" / "record.yaml", 'a: "1"', 'a: "2"')
    record = cluster.get(CONFIG_MAP, "home", "record")
    assert record is not None
    assert record.body()["data"] == {"a": "2"}
    with pytest.raises(Refused) as caught:
        cluster.replace(CONFIG_MAP, config_map({"a": "3"}, made["metadata"]["resourceVersion"]))
    assert caught.value.reason is RefusalReason.STALE
    cluster.replace(
        CONFIG_MAP, config_map({"a": "3"}, record.body()["metadata"]["resourceVersion"])
    )


def test_an_object_with_finalizers_exists_until_an_edit_removes_the_last(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    body = provider().body()
    body["metadata"]["finalizers"] = ["omnia.altairalabs.ai/cleanup"]
    uid = cluster.apply(PROVIDER, Document.of(body), manager=US).document.body()["metadata"]["uid"]
    cluster.delete(PROVIDER, "omnia", "gpt", uid=uid)
    marked = live(cluster)["metadata"]
    assert marked["deletionTimestamp"]
    assert marked["generation"] == 2
    cluster.delete(PROVIDER, "omnia", "gpt", uid=uid)
    assert live(cluster)["metadata"] == marked
    edit(file_of(tmp_path), "  finalizers:\n  - omnia.altairalabs.ai/cleanup\n", "")
    assert cluster.get(PROVIDER, "omnia", "gpt") is None
    assert cluster.list(PROVIDER, "omnia") == ()
    again = cluster.apply(PROVIDER, provider(), manager=US).document.body()["metadata"]
    assert again["uid"] != uid


@pytest.mark.parametrize("seconds", [0, -86_400, 4_000_000_000, 1 << 34])
def test_a_file_may_have_any_time(tmp_path: Path, seconds: int) -> None:
    cluster = opened(tmp_path)
    before = cluster.apply(PROVIDER, provider(), manager=US).document.body()["metadata"]
    edit(file_of(tmp_path), "model: gpt-4o", "model: gpt-5")
    put(file_of(tmp_path, "hand"), BY_HAND)
    for name in ("gpt", "hand"):
        os.utime(file_of(tmp_path, name), (seconds, seconds))
        metadata = live(cluster, name)["metadata"]
        assert int(metadata["resourceVersion"]) > 1
        assert name == "hand" or metadata["resourceVersion"] != before["resourceVersion"]
        body = provider(name, "gpt-6").body()
        body["metadata"]["resourceVersion"] = metadata["resourceVersion"]
        after = cluster.apply(PROVIDER, Document.of(body), manager=US, force=True).document.body()
        assert int(after["metadata"]["resourceVersion"]) > int(metadata["resourceVersion"])
