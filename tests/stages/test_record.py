"""The record in its ConfigMap: what is read, when it is written, and who is stopped."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.errors import Cause, ExitCode, RefusalReason, Refused, SafetyStop, Unreachable
from reconciler.model.applyset import GROUP_KINDS, ID, NAMESPACES, TOOLING
from reconciler.model.document import Document, JsonObject
from reconciler.model.identity import CONFIG_MAP, GroupKind, ObjectRef
from reconciler.model.record import Record, RecordedObject
from reconciler.model.record.config_map import DATA_KEY
from reconciler.model.record.stored import to_json
from reconciler.model.run import ClusterIdentity
from reconciler.ports import Cluster
from reconciler.stages.record import StoredRecord, announce, read_record, write_record
from tests.fakes import Fault, FaultyCluster
from tests.stages.builders import SET_ID, fields, record
from tests.stages.live import GATEWAY, HOME, MODEL, made, opened

NAME = "provider-reconciler-prod"
CLAUDE = made().ref
MODELS = (made(MODEL, "fast", "llm").ref, made(GATEWAY, "gateway", "llm").ref)
KNOWN = replace(record("spec.type"), revision="a" * 40, applied="2026-08-01T00:00:00Z")


def parent(cluster: Cluster) -> JsonObject:
    config_map = cluster.get(CONFIG_MAP, HOME, NAME)
    assert config_map is not None
    return config_map.body()


def extent(cluster: Cluster) -> tuple[str, str]:
    annotations = parent(cluster)["metadata"]["annotations"]
    return annotations[GROUP_KINDS], annotations[NAMESPACES]


def holding(cluster: Cluster, packed: str, **metadata: dict[str, str]) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": NAME, "namespace": HOME, **metadata},
        "binaryData": {DATA_KEY: packed},
    }
    cluster.create(CONFIG_MAP, Document.of(body))


def packed(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def known(cluster: Cluster) -> StoredRecord:
    return read_record(cluster, "prod", HOME)


def of(refs: Iterable[ObjectRef]) -> Record:
    entry = RecordedObject("uid", "", "", Document.of(fields("spec.type")), "")
    return Record("prod", objects=dict.fromkeys(refs, entry))


class TestRecall:
    """What a run knows of the last one."""

    def test_nothing_is_there_before_the_first_apply(self, tmp_path: Path) -> None:
        stored = known(opened(tmp_path))
        assert (stored.config_map, stored.record, stored.notes) == (None, None, ())
        assert stored.set_id == SET_ID
        assert dict(stored.known) == {}

    def test_the_record_that_was_written_is_read(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        write_record(cluster, known(cluster), KNOWN, "1.2.3", complete=True)
        stored = known(cluster)
        assert stored.record == KNOWN
        assert stored.notes == ()
        assert dict(stored.known) == {ref: o.uid for ref, o in KNOWN.objects.items()}

    def test_a_config_map_without_a_record_is_no_record(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        announce(cluster, known(cluster), [CLAUDE], "1.2.3")
        stored = known(cluster)
        assert stored.config_map is not None
        assert (stored.record, stored.notes) == (None, ())

    def test_without_permission_causes_are_unknown_and_the_run_goes_on(
        self, tmp_path: Path
    ) -> None:
        fault = Fault(Refused(RefusalReason.FORBIDDEN, "you may not"), "get", "ConfigMap")
        stored = known(FaultyCluster(opened(tmp_path), fault))
        assert (stored.config_map, stored.record) == (None, None)
        (note,) = stored.notes
        assert note.startswith(f"no permission to read ConfigMap {HOME}/{NAME}: ")

    @pytest.mark.parametrize(
        "error", [Unreachable("no answer"), Refused(RefusalReason.FAILED, "the server failed")]
    )
    def test_any_other_failure_stops_the_environment(
        self, tmp_path: Path, error: Exception
    ) -> None:
        with pytest.raises(type(error)):
            known(FaultyCluster(opened(tmp_path), Fault(error, "get")))

    @pytest.mark.parametrize(
        "stored",
        [
            "!! no base64",
            base64.b64encode(b"no gzip").decode(),
            base64.b64encode(gzip.compress(b"{}", mtime=0)[:-6]).decode(),
            packed("no json"),
            packed("[]"),
            packed("{}"),
            packed(json.dumps({"schemaVersion": 0})),
            packed(json.dumps({"schemaVersion": 1, "environment": "prod"})),
            packed(json.dumps(to_json(KNOWN) | {"objects": [{"ref": ["a"]}]})),
            packed(json.dumps(to_json(KNOWN) | {"objects": 7})),
        ],
    )
    def test_a_record_that_cannot_be_read_is_a_note_and_causes_are_unknown(
        self, tmp_path: Path, stored: str
    ) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        body = Document.of(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": NAME, "namespace": HOME},
                "binaryData": {DATA_KEY: stored},
            }
        )
        answered = known(_Answering(cluster.inner, body))
        assert answered.record is None
        assert answered.config_map == body
        (note,) = answered.notes
        assert note.startswith(f"the record in ConfigMap {HOME}/{NAME} cannot be read (")
        assert note.endswith("causes are unknown")

    @pytest.mark.parametrize(
        ("metadata", "words"),
        [
            ({"annotations": {TOOLING: "kubectl/v1.30"}}, "another tool: kubectl/v1.30"),
            ({"labels": {ID: "applyset-other-v1"}}, "its ApplySet id is applyset-other-v1"),
        ],
    )
    def test_the_set_of_somebody_else_stops_the_run(
        self, tmp_path: Path, metadata: dict[str, dict[str, str]], words: str
    ) -> None:
        cluster = opened(tmp_path)
        holding(cluster, packed("{}"), **metadata)
        with pytest.raises(SafetyStop) as caught:
            known(cluster)
        assert words in caught.value.message
        assert caught.value.exit_code is ExitCode.SAFETY
        assert caught.value.hint == (
            "choose another home in environment.yaml, or delete the ConfigMap if nothing uses it"
        )


def test_a_record_of_a_later_version_is_kept_from_being_overwritten(tmp_path: Path) -> None:
    cluster = opened(tmp_path)
    holding(cluster, packed('{"schemaVersion": 3}'))
    later = known(cluster)
    assert (later.record, later.later) == (None, True)
    (note,) = later.notes
    assert note == (
        f"the record in ConfigMap {HOME}/{NAME} was written by a later version"
        " (schemaVersion 3; this version knows 2)"
    )


def test_a_home_that_does_not_exist_is_told(tmp_path: Path) -> None:
    assert known(opened(tmp_path / "without", namespaces=("omnia",))).homeless is True
    assert known(opened(tmp_path / "with")).homeless is False


def test_a_home_at_which_a_run_may_not_look_may_exist(tmp_path: Path) -> None:
    fault = Fault(Refused(RefusalReason.FORBIDDEN, "you may not"), "get", "Namespace")
    assert known(FaultyCluster(opened(tmp_path), fault)).homeless is False


class _Answering(FaultyCluster):
    """A cluster whose ConfigMap is what a test says, also where no server would have stored it."""

    def __init__(self, inner: Cluster, answer: Document) -> None:
        super().__init__(inner)
        self._answer = answer

    def get(self, endpoint: object, namespace: str, name: str) -> Document | None:
        del endpoint, namespace, name
        return self._answer


class TestTheExtent:
    """KEP-3659: a superset before the first write, the exact set afterwards."""

    def test_announce_names_what_may_become_a_member_before_anything_is_written(
        self, tmp_path: Path
    ) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        announce(cluster, known(cluster), [CLAUDE, *MODELS], "1.2.3")
        assert [(call.verb, call.name) for call in cluster.writes] == [("create", NAME)]
        assert extent(cluster) == (
            "Model.agent.flokoa.ai,ModelProvider.agent.flokoa.ai,Provider.omnia.altairalabs.ai",
            "llm,omnia",
        )
        metadata = parent(cluster)["metadata"]
        assert metadata["labels"] == {ID: SET_ID}
        assert metadata["annotations"][TOOLING] == "provider-reconciler/v1.2.3"
        assert "binaryData" not in parent(cluster)

    def test_announce_never_takes_away_what_was_named_before(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        announce(cluster, known(cluster), MODELS, "1.2.3")
        announce(cluster, known(cluster), [CLAUDE], "1.2.3")
        assert extent(cluster)[1] == "llm,omnia"

    def test_announce_writes_nothing_where_all_is_named_already(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        before = announce(cluster, known(cluster), [CLAUDE, *MODELS], "1.2.3")
        again = announce(cluster, known(cluster), [CLAUDE], "1.2.3")
        assert len(cluster.writes) == 1
        assert again.config_map == before.config_map

    def test_write_record_writes_the_exact_set(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        stored = announce(cluster, known(cluster), [CLAUDE, *MODELS], "1.2.3")
        write_record(cluster, stored, of([CLAUDE]), "1.2.3", complete=True)
        assert extent(cluster) == ("Provider.omnia.altairalabs.ai", "omnia")

    def test_a_run_that_did_not_see_everything_never_shrinks_it(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        stored = announce(cluster, known(cluster), [CLAUDE, *MODELS], "1.2.3")
        announced = extent(cluster)
        write_record(cluster, stored, of([CLAUDE]), "1.2.3", complete=False)
        assert extent(cluster) == announced

    def test_home_is_never_an_additional_namespace(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        here = made(namespace=HOME).ref
        write_record(cluster, known(cluster), of([here]), "1.2.3", complete=True)
        assert extent(cluster) == ("Provider.omnia.altairalabs.ai", "")

    def test_an_apply_that_did_not_end_is_seen_by_the_next_run(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        stored = write_record(cluster, known(cluster), of([CLAUDE]), "1.2.3", complete=True)
        assert known(cluster).unfinished == frozenset()
        announce(cluster, stored, [CLAUDE, *MODELS], "1.2.3")
        places = known(cluster).unfinished
        assert {(GroupKind(r.group, r.kind), r.namespace) for r in MODELS} <= places


class TestRemember:
    """Compare-and-swap, and only when a fact has changed."""

    def test_the_first_time_the_config_map_is_made(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        stored = write_record(cluster, known(cluster), KNOWN, "1.2.3", complete=True)
        assert [call.verb for call in cluster.writes] == ["create"]
        assert stored.record == KNOWN

    def test_equal_facts_are_not_written_whatever_the_times_are(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        write_record(cluster, known(cluster), KNOWN, "1.2.3", complete=True)
        later = replace(KNOWN, applied="2026-08-02T00:00:00Z", observed="2026-08-02T00:00:00Z")
        stored = write_record(cluster, known(cluster), later, "1.2.3", complete=True)
        assert len(cluster.writes) == 1
        assert stored.record == KNOWN
        assert known(cluster).record == KNOWN

    def test_what_an_earlier_version_stored_stays_until_a_fact_changes(
        self, tmp_path: Path
    ) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        old = packed(json.dumps(to_json(KNOWN) | {"schemaVersion": 1}))
        holding(cluster, old)
        stored = known(cluster)
        assert stored.record == KNOWN
        write_record(cluster, stored, replace(KNOWN, applied="later"), "1.2.3", complete=True)
        assert parent(cluster)["binaryData"][DATA_KEY] == old
        moved = replace(KNOWN, revision="b" * 40)
        write_record(cluster, known(cluster), moved, "1.2.3", complete=True)
        assert parent(cluster)["binaryData"][DATA_KEY] != old
        assert known(cluster).record == moved

    def test_a_new_fact_is_written_with_its_time(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        write_record(cluster, known(cluster), KNOWN, "1.2.3", complete=True)
        moved = replace(KNOWN, revision="b" * 40, applied="2026-08-02T00:00:00Z")
        write_record(cluster, known(cluster), moved, "1.2.3", complete=True)
        assert [call.verb for call in cluster.writes] == ["create", "replace"]
        assert known(cluster).record == moved

    def test_what_others_put_into_the_config_map_stays(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        write_record(cluster, known(cluster), KNOWN, "1.2.3", complete=True)
        body = parent(cluster)
        body["metadata"]["labels"] |= {"team": "llm"}
        body["metadata"]["annotations"] |= {"note": "ours"}
        cluster.replace(CONFIG_MAP, Document.of(body | {"data": {"readme": "hello"}}))
        write_record(
            cluster, known(cluster), replace(KNOWN, revision="b" * 40), "1.2.3", complete=True
        )
        config_map = parent(cluster)
        assert config_map["metadata"]["labels"]["team"] == "llm"
        assert config_map["metadata"]["annotations"]["note"] == "ours"
        assert config_map["data"] == {"readme": "hello"}

    def test_a_run_beside_us_stops_this_one(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        write_record(cluster, known(cluster), KNOWN, "1.2.3", complete=True)
        ours, theirs = known(cluster), known(cluster)
        write_record(cluster, theirs, replace(KNOWN, revision="b" * 40), "1.2.3", complete=True)
        with pytest.raises(SafetyStop) as caught:
            write_record(cluster, ours, replace(KNOWN, revision="c" * 40), "1.2.3", complete=True)
        assert (
            caught.value.message
            == f"another run has changed ConfigMap {HOME}/{NAME} since this run read it"
        )
        assert caught.value.hint == "run the command again"
        record = known(cluster).record
        assert record is not None
        assert record.revision == "b" * 40

    def test_two_first_runs_at_once_are_one_and_a_stop(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        ours, theirs = known(cluster), known(cluster)
        write_record(cluster, theirs, KNOWN, "1.2.3", complete=True)
        with pytest.raises(SafetyStop):
            write_record(cluster, ours, KNOWN, "1.2.3", complete=True)
        with pytest.raises(SafetyStop):
            announce(cluster, ours, [CLAUDE], "1.2.3")

    @pytest.mark.parametrize(
        ("refusal", "hint"),
        [
            (RefusalReason.FORBIDDEN, "ask for it"),
            (RefusalReason.NO_NAMESPACE, f"kubectl --context blue create namespace {HOME}"),
            (RefusalReason.INVALID, "look there"),
        ],
    )
    def test_a_refusal_names_the_config_map_and_what_to_do(
        self, tmp_path: Path, refusal: RefusalReason, hint: str
    ) -> None:
        causes = (Cause("data", "FieldValueTooLong", "too long"),)
        fault = Fault(Refused(refusal, "no", causes, hint="look there"), "create")
        cluster = FaultyCluster(opened(tmp_path), fault)
        hints = {RefusalReason.FORBIDDEN: "ask for it"}
        identity = ClusterIdentity("prod-eu", context="blue")
        stored = read_record(cluster, "prod", HOME, hints, identity)
        with pytest.raises(Refused) as caught:
            write_record(cluster, stored, KNOWN, "1.2.3", complete=True)
        assert caught.value.reason is refusal
        assert caught.value.message == f"ConfigMap {HOME}/{NAME}: no"
        assert (caught.value.causes, caught.value.hint) == (causes, hint)
