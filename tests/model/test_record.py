"""The record survives its own storage, and damage to it is told, never believed."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace

import pytest

from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.record import (
    DATA_KEY,
    LaterRecord,
    Record,
    RecordedObject,
    RecordedSecret,
    SecretKey,
    UnreadableRecord,
    from_config_map,
    to_binary,
    to_json,
    with_record,
)
from reconciler.model.secret import Fingerprint, SecretState

REF = ObjectRef("omnia.altairalabs.ai", "Provider", "omnia", "claude")
RECORD = Record(
    environment="prod",
    revision="a" * 40,
    applied="2026-07-30T10:00:00Z",
    observed="2026-07-30T10:00:00Z",
    objects={
        REF: RecordedObject(
            "uid-1", "a" * 40, "d1", Document.of({"f:spec": {"f:type": {}}}), "2026-07-30T10:00:00Z"
        )
    },
    secrets={
        SecretKey(REF, "spec.credential.secretRef", "omnia", "claude"): RecordedSecret(
            SecretState.OK,
            "ANTHROPIC_API_KEY",
            Fingerprint("2811fcd9", "827ba3994ec7ba02"),
            "2026-07-30T10:00:00Z",
            previous=Fingerprint("2811fcd9", "538c937f92ad7b3f"),
        )
    },
)


def packed(body: object) -> dict[str, object]:
    raw = gzip.compress(json.dumps(body).encode())
    return {"binaryData": {DATA_KEY: base64.b64encode(raw).decode()}}


def test_a_record_reads_back_as_it_was_written() -> None:
    assert from_config_map(with_record({}, RECORD), "prod") == RECORD


def test_the_same_record_is_the_same_bytes() -> None:
    assert to_binary(RECORD) == to_binary(replace(RECORD))


def test_a_config_map_without_a_record_has_none() -> None:
    assert from_config_map({"data": {"other": "x"}}, "prod") is None


def test_writing_leaves_everything_else_in_the_config_map() -> None:
    config_map = {"metadata": {"labels": {"team": "llm"}}, "binaryData": {"other": "eA=="}}
    found = with_record(config_map, RECORD)
    assert found["metadata"] == config_map["metadata"]
    assert found["binaryData"]["other"] == "eA=="


@pytest.mark.parametrize(
    "damaged",
    [
        {"binaryData": {DATA_KEY: "***"}},
        {"binaryData": {DATA_KEY: base64.b64encode(b"no gzip").decode()}},
        {"binaryData": {DATA_KEY: with_record({}, RECORD)["binaryData"][DATA_KEY][:40]}},
        packed([1, 2]),
        packed({"schemaVersion": 2}),
        packed({**to_json(RECORD), "objects": [{"ref": ["only"]}]}),
        packed({**to_json(RECORD), "objects": 7}),
        packed({"schemaVersion": 1}),
        packed({**to_json(RECORD), "environment": "staging"}),
        packed({**to_json(RECORD), "objects": [{**to_json(RECORD)["objects"][0], "owned": [1]}]}),
        packed(
            {**to_json(RECORD), "objects": [{**to_json(RECORD)["objects"][0], "owned": {"f:a": 5}}]}
        ),
        packed(
            {
                **to_json(RECORD),
                "objects": [{**to_json(RECORD)["objects"][0], "ref": ["g", "K", "", "n"]}],
            }
        ),
        {
            "binaryData": {
                DATA_KEY: base64.b64encode(gzip.compress(b"[" * 200_000, mtime=0)).decode()
            }
        },
    ],
)
def test_a_damaged_record_is_refused(damaged: dict[str, object]) -> None:
    with pytest.raises(UnreadableRecord):
        from_config_map(damaged, "prod")


def test_a_record_of_a_later_version_is_told_apart() -> None:
    with pytest.raises(LaterRecord):
        from_config_map(packed({**to_json(RECORD), "schemaVersion": 2}), "prod")


def test_only_times_differing_is_no_new_fact() -> None:
    later = replace(RECORD, applied="2026-08-01T00:00:00Z", observed="2026-08-01T00:00:00Z")
    assert RECORD.same_facts(later)
    assert not RECORD.same_facts(replace(RECORD, revision="b" * 40))
    assert not RECORD.same_facts(replace(RECORD, secrets={}))
