"""The record survives its own storage, and damage to it is told, never believed."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.document import Document, canonical
from reconciler.model.identity import ObjectRef
from reconciler.model.record import (
    Record,
    RecordedObject,
    RecordedReference,
    RecordedSecret,
    SecretKey,
)
from reconciler.model.record.config_map import DATA_KEY, from_config_map, with_record
from reconciler.model.record.rotations import (
    Acknowledgement,
    Closing,
    Moment,
    Opening,
    RecordedRotation,
)
from reconciler.model.record.stored import (
    LaterRecord,
    UnreadableRecord,
    from_json,
    same_facts,
    to_json,
)
from reconciler.model.secret import Fingerprint, SecretState
from reconciler.text.yaml import load_one

VERSION_1 = Path(__file__).parent / "testdata" / "record.v1.yaml"  # as version 0.1.0 stored it
REF = ObjectRef("omnia.altairalabs.ai", "Provider", "omnia", "claude")
CLOSED = RecordedRotation(
    "hs1:2811fcd9:538c937f92ad7b3f",
    Opening("2026-07-30T10:00:00Z", "a" * 40),
    Closing("2026-07-30T11:00:00Z", "recorded"),
)
OPEN = RecordedRotation(
    "hs1:2811fcd9:827ba3994ec7ba02",
    Opening(
        *("2026-07-30T12:00:00Z", "b" * 40, "2026-07-30T13:00:00Z"),
        *("missing-secret", "2026-07-30T12:30:00Z", "api-key"),
    ),
)
AHEAD = Acknowledgement("2026-08-30T23:59:59Z", "weekly", "2026-07-30T13:00:00Z", "b" * 40)
RECORD = Record(
    environment="prod",
    revision="a" * 40,
    applied="2026-07-30T10:00:00Z",
    observed="2026-07-30T10:00:00Z",
    objects={
        REF: RecordedObject(
            "uid-1",
            "a" * 40,
            "d1",
            Document.of({"f:spec": {"f:type": {}}}),
            "2026-07-30T10:00:00Z",
            "2026-07-30T10:00:01Z",
        )
    },
    secrets={
        SecretKey("omnia", "claude", "ANTHROPIC_API_KEY"): RecordedSecret(
            Fingerprint("2811fcd9", "827ba3994ec7ba02"),
            "2026-07-30T10:00:00Z",
            (CLOSED, OPEN),
            (
                RecordedReference(
                    *(REF, "spec.credential.secretRef", SecretState.OK, "2026-07-30T10:00:00Z"),
                    keys=("ANTHROPIC_API_KEY", "api-key"),
                ),
                RecordedReference(
                    *(REF, "spec.credential.secretRef", SecretState.OK, "2026-07-30T10:00:00Z"),
                    keys=("ANTHROPIC_API_KEY",),
                    reader="AgentRuntime.omnia.altairalabs.ai",
                    optional=True,
                ),
            ),
            AHEAD,
        )
    },
    watched=Moment("2026-07-30T13:00:00Z", "b" * 40),
)


def packed(body: object, padding: str = "") -> dict[str, dict[str, str]]:
    raw = gzip.compress((json.dumps(body) + padding).encode())
    return {"binaryData": {DATA_KEY: base64.b64encode(raw).decode()}}


def test_a_record_reads_back_as_it_was_written() -> None:
    assert from_config_map(with_record({}, RECORD), "prod") == RECORD


def test_what_is_rare_reads_back_too() -> None:
    (entry,) = RECORD.objects.values()
    other = replace(REF, name="a")
    objects = {REF: replace(entry, restored=True, written=""), other: entry}
    rare = replace(RECORD, objects=objects, in_sync=Moment("2026-07-30T14:00:00Z", "c" * 40))
    assert from_config_map(with_record({}, rare), "prod") == rare
    body = to_json(rare)
    assert [each["ref"][3] for each in body["objects"]] == ["a", "claude"]
    assert (body["objects"][0].get("restored"), body["objects"][1].get("written")) == (None, None)


def test_what_is_unknown_is_left_out() -> None:
    secrets = {key: RecordedSecret() for key in RECORD.secrets}
    bare = Record("prod", secrets=secrets)
    assert from_config_map(with_record({}, bare), "prod") == bare
    assert to_json(bare) == {
        "schemaVersion": 2,
        "environment": "prod",
        "revision": "",
        "applied": "",
        "observed": "",
        "objects": [],
        "secrets": [
            {
                "namespace": "omnia",
                "name": "claude",
                "key": "ANTHROPIC_API_KEY",
                "fingerprint": "",
                "since": "",
                "rotations": [],
                "references": [],
            }
        ],
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"schemaVersion": 0}, "its schemaVersion is 0, not 2"),
        ({"schemaVersion": "2"}, "its schemaVersion is '2', not 2"),
        ({}, "its schemaVersion is None, not 2"),
        ({"schemaVersion": 2}, "a part of it is missing or malformed"),
    ],
    ids=str,
)
def test_an_unreadable_record_says_why(body: dict[str, Any], message: str) -> None:
    with pytest.raises(UnreadableRecord) as caught:
        from_json(body)
    assert str(caught.value) == message
    assert not isinstance(caught.value, LaterRecord)


def test_the_same_record_is_the_same_bytes() -> None:
    assert with_record({}, RECORD) == with_record({}, replace(RECORD))


def test_its_bytes_do_not_depend_on_the_time() -> None:
    raw = base64.b64decode(with_record({}, RECORD)["binaryData"][DATA_KEY])
    assert raw[4:8] == bytes(4), "the time in the header of gzip"


def test_what_has_no_reader_says_nothing_of_one() -> None:
    (secret,) = to_json(RECORD)["secrets"]
    assert ["reader" in each for each in secret["references"]] == [False, True]


def test_every_form_of_an_owned_field_reads_back() -> None:
    owned = Document.of(
        {"f:spec": {".": {}, 'k:{"name":"a"}': {"f:b": {}}, 'v:"c"': {}, "i:0": {}}}
    )
    (entry,) = RECORD.objects.values()
    record = replace(RECORD, objects={REF: replace(entry, owned=owned)})
    assert from_json(to_json(record)) == record


def test_an_acknowledgement_needs_no_reason() -> None:
    body = to_json(RECORD)
    del body["secrets"][0]["acknowledged"]["reason"]
    (secret,) = from_json(body).secrets.values()
    assert secret.acknowledged == replace(AHEAD, reason="")


def test_closing_leaves_what_is_closed() -> None:
    (secret,) = RECORD.secrets.values()
    closing = Closing("2026-08-01T00:00:00Z", "picked-up")
    assert secret.closing(closing).rotations == (CLOSED, replace(OPEN, closed=closing))


def test_an_apply_keeps_unknown_keys_of_the_same_object_only() -> None:
    (entry,) = RECORD.objects.values()
    later = Document.of({"later": 1})
    record = replace(RECORD, objects={REF: replace(entry, unknown=later)})
    new = replace(REF, name="new")
    applied = record.with_applied({REF: replace(entry, revision="b" * 40), new: entry}).objects
    assert applied == {REF: replace(entry, revision="b" * 40, unknown=later), new: entry}
    assert record.with_applied({REF: replace(entry, uid="2")}).objects == {
        REF: replace(entry, uid="2")
    }


def test_a_config_map_without_a_record_has_none() -> None:
    assert from_config_map({"data": {"other": "x"}}, "prod") is None


def test_writing_leaves_everything_else_in_the_config_map() -> None:
    config_map = {"metadata": {"labels": {"team": "llm"}}, "binaryData": {"other": "eA=="}}
    config_map_ = with_record(config_map, RECORD)
    assert config_map_["metadata"] == config_map["metadata"]
    assert config_map_["binaryData"]["other"] == "eA=="


@pytest.mark.parametrize(
    "damaged",
    [
        {"binaryData": {DATA_KEY: "***"}},
        {"binaryData": {DATA_KEY: base64.b64encode(b"no gzip").decode()}},
        {"binaryData": {DATA_KEY: with_record({}, RECORD)["binaryData"][DATA_KEY][:40]}},
        # A whole gzip header before what is no deflate stream.
        {
            "binaryData": {
                DATA_KEY: base64.b64encode(gzip.compress(b"")[:10] + b"\xff" * 9).decode()
            }
        },
        packed({**to_json(RECORD), "plans": ["\ud800"]}),
        packed({**to_json(RECORD), "plans": [float("nan")]}),
        packed([1, 2]),
        packed({"schemaVersion": 2}),
        packed({"schemaVersion": 0}),
        packed({**to_json(RECORD), "schemaVersion": True}),
        packed({**to_json(RECORD), "schemaVersion": "2"}),
        packed({**to_json(RECORD), "secrets": [{"namespace": "omnia"}]}),
        packed(
            {**to_json(RECORD), "secrets": [{**to_json(RECORD)["secrets"][0], "rotations": [1]}]}
        ),
        packed({**to_json(RECORD), "schemaVersion": 1}),
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


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        ({"binaryData": {DATA_KEY: "***"}}, "it is not gzip of JSON"),
        ({"binaryData": {DATA_KEY: f"*{packed({})['binaryData'][DATA_KEY]}"}}, "it is not gzip"),
        (packed([1, 2]), "it is not a JSON object"),
        (packed(to_json(replace(RECORD, environment="b"))), "it belongs to the environment 'b'"),
    ],
)
def test_a_damaged_record_says_what_is_wrong(damaged: dict[str, Any], message: str) -> None:
    with pytest.raises(UnreadableRecord) as caught:
        from_config_map(damaged, "prod")
    assert str(caught.value).startswith(message)


def test_a_record_that_decompresses_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(json.dumps(to_json(RECORD)))
    monkeypatch.setattr("reconciler.model.record.config_map._MAX_BYTES", size + 1)
    assert from_config_map(packed(to_json(RECORD), " "), "prod") == RECORD
    with pytest.raises(UnreadableRecord):
        from_config_map(packed(to_json(RECORD), "  "), "prod")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schemaVersion": 3}, "schemaVersion 3; this version knows 2"),
        ({"state": "expired"}, "this version does not know the state 'expired'"),
        ({"fingerprint": "hs2:x:y"}, "this version does not know the form of a fingerprint in it"),
    ],
)
def test_a_record_of_a_later_version_is_told_apart(change: dict[str, Any], message: str) -> None:
    with pytest.raises(LaterRecord) as caught:
        from_config_map(packed(changed(to_json(RECORD), change)), "prod")
    assert str(caught.value) == message


def changed(value: Any, change: dict[str, Any]) -> Any:
    """The JSON with other values for some keys, wherever they stand."""
    if isinstance(value, list):
        return [changed(each, change) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: change.get(key, changed(below, change)) for key, below in value.items()}


def extended(value: Any) -> Any:
    """The JSON with a further key in every object; FieldsV1 is not ours to extend."""
    if isinstance(value, list):
        return [extended(each) for each in value]
    if not isinstance(value, dict):
        return value
    known = {key: below if key == "owned" else extended(below) for key, below in value.items()}
    return {"later": {"by": ["another", {"version": 2}]}} | known


def test_keys_of_a_later_version_stay_where_they_stand() -> None:
    """At every level: the record, objects, secrets, references, rotations, acknowledgements and what is below those."""
    body = extended(to_json(RECORD))
    assert canonical(body).count('"later"') == 12
    record = from_config_map(packed(body), "prod")
    assert record is not None
    assert to_json(record) == body
    assert from_config_map(with_record({}, record), "prod") == record
    assert {ref: replace(o, unknown=RECORD.unknown) for ref, o in record.objects.items()} == (
        RECORD.objects
    )


def test_version_1_is_read_without_loss() -> None:
    config_map = load_one(VERSION_1.read_text(), VERSION_1.name)
    assert isinstance(config_map, dict)
    body = json.loads(gzip.decompress(base64.b64decode(config_map["binaryData"][DATA_KEY])))
    assert body["schemaVersion"] == 1
    record = from_config_map(config_map, "prod")
    assert record is not None
    stored = to_json(record)
    for key in ("environment", "revision", "applied", "observed", "objects"):
        assert stored[key] == body[key], key
    known = {
        (key.namespace, key.name, key.key): (
            secret,
            {(r.owner, r.path): r for r in secret.references},
        )
        for key, secret in record.secrets.items()
    }
    assert len(body["secrets"]) == 8
    for old in body["secrets"]:
        secret, references = known[*old["secret"], old["key"]]
        reference = references[ObjectRef(*old["owner"]), old["path"]]
        assert (reference.state, reference.since) == (old["state"], old["since"])
        assert str(secret.fingerprint or "") == old["fingerprint"]
        assert [r.previous for r in secret.rotations] == [old["previous"]] * bool(old["previous"])
        opened, closed = Opening(old["since"]), Closing("", "recorded")
        assert {(r.opened, r.closed) for r in secret.rotations} <= {(opened, closed)}
    assert sum(len(references) for _, references in known.values()) == len(body["secrets"])


def test_a_record_of_the_first_version_2_keeps_its_rotations_and_none_becomes_open() -> None:
    """It closed each rotation when it recorded it, and had neither keys of references nor the time of a watch."""
    body = to_json(RECORD)
    (secret,) = body["secrets"]
    del secret["acknowledged"], secret["references"][0]["keys"], secret["rotations"][1:]
    del body["watched"]
    opened = {"time": "2026-07-30T10:00:00Z", "revision": "a" * 40}
    closed = {"time": "2026-07-30T11:00:00Z", "how": "recorded"}
    assert secret["rotations"] == [
        {"previous": CLOSED.previous, "opened": opened, "closed": closed}
    ]
    record = from_json(body)
    assert to_json(record) == body
    (known,) = record.secrets.values()
    assert (known.rotations, known.open) == ((CLOSED,), None)


def test_what_the_first_version_2_makes_of_an_open_rotation_is_read_back() -> None:
    """It keeps what it does not know, and adds its own rotations, closed, behind the open one."""
    (secret,) = RECORD.secrets.values()
    assert secret.open == OPEN
    assert replace(secret, rotations=(*secret.rotations, CLOSED)).open == OPEN


def test_references_of_version_1_to_one_key_become_one_secret_with_the_first_sight() -> None:
    entry = {
        "owner": ["g", "Kind", "omnia", "a"],
        "path": "spec.secretRef",
        "secret": ["omnia", "keys"],
        "key": "api-key",
        "state": "ok",
        "since": "2026-08-02T00:00:00Z",
        "fingerprint": "hs1:2811fcd9:827ba3994ec7ba02",
        "previous": "",
    }
    earlier = entry | {"owner": ["g", "Kind", "omnia", "b"], "since": "2026-08-01T00:00:00Z"}
    missing = entry | {"path": "spec.other", "state": "malformed", "fingerprint": ""}
    body = to_json(RECORD) | {"schemaVersion": 1, "secrets": [entry, earlier, missing]}
    (secret,) = from_json(body).secrets.values()
    assert secret.fingerprint == Fingerprint("2811fcd9", "827ba3994ec7ba02")
    assert secret.since == "2026-08-01T00:00:00Z"
    assert [(r.owner.name, r.path, r.since[:10]) for r in secret.references] == [
        ("a", "spec.other", "2026-08-02"),
        ("a", "spec.secretRef", "2026-08-02"),
        ("b", "spec.secretRef", "2026-08-01"),
    ]


def test_a_fingerprint_of_version_1_that_a_consumer_kept_while_it_was_malformed_is_no_rotation() -> (
    None
):
    entry = {
        "owner": ["g", "Kind", "omnia", "a"],
        "path": "spec.secretRef",
        "secret": ["omnia", "keys"],
        "key": "api-key",
        "state": "ok",
        "since": "2026-08-01T00:00:00Z",
        "fingerprint": "hs1:2811fcd9:827ba3994ec7ba02",
        "previous": "",
    }
    malformed = {"path": "spec.other", "state": "malformed", "since": "2026-08-02T00:00:00Z"}
    kept = entry | malformed | {"fingerprint": "hs1:2811fcd9:538c937f92ad7b3f"}
    body = to_json(RECORD) | {"schemaVersion": 1, "secrets": [entry, kept]}
    (secret,) = from_json(body).secrets.values()
    assert str(secret.fingerprint) == entry["fingerprint"]


def test_a_secret_of_version_1_that_was_never_read_has_no_fingerprint_and_no_date() -> None:
    entry = {
        "owner": ["g", "Kind", "omnia", "a"],
        "path": "spec.secretRef",
        "secret": ["omnia", "keys"],
        "key": "api-key",
        "state": "missing-secret",
        "since": "2026-08-01T00:00:00Z",
        "fingerprint": "",
        "previous": "",
    }
    (secret,) = from_json(
        to_json(RECORD) | {"schemaVersion": 1, "secrets": [entry]}
    ).secrets.values()
    assert (secret.fingerprint, secret.since, secret.rotations) == (None, "", ())


def test_only_times_differing_is_no_new_fact() -> None:
    later = replace(RECORD, applied="2026-08-01T00:00:00Z", observed="2026-08-01T00:00:00Z")
    assert same_facts(RECORD, later)
    assert not same_facts(RECORD, replace(RECORD, revision="b" * 40))
    assert not same_facts(RECORD, replace(RECORD, secrets={}))


def test_a_fingerprint_of_version_1_outlives_a_later_entry_without_one() -> None:
    entry = {
        "owner": ["g", "Kind", "omnia", "a"],
        "path": "spec.secretRef",
        "secret": ["omnia", "keys"],
        "key": "api-key",
        "state": "empty",
        "since": "2026-08-01T00:00:00Z",
        "fingerprint": "hs1:2811fcd9:827ba3994ec7ba02",
        "previous": "",
    }
    later = entry | {"path": "spec.b", "fingerprint": "", "since": "2026-08-02T00:00:00Z"}
    body = to_json(RECORD) | {"schemaVersion": 1, "secrets": [entry, later]}
    (secret,) = from_json(body).secrets.values()
    assert (str(secret.fingerprint), secret.since) == (entry["fingerprint"], entry["since"])
