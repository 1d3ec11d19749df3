"""What observe asks of a cluster, and what one refused request does to the other objects."""

from __future__ import annotations

import base64
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import (
    BadAnswer,
    Interrupted,
    RefusalReason,
    Refused,
    Unauthenticated,
    Unreachable,
)
from reconciler.kinds import KINDS
from reconciler.model.applyset import PART_OF, set_id
from reconciler.model.change import State
from reconciler.model.document import Document
from reconciler.model.identity import SECRET, ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.observation import Observed, SecretsRead
from reconciler.model.secret import Keyring, SecretReading, SecretState
from reconciler.model.unchecked import Unchecked
from reconciler.stages.observe import body_to_send, observe
from reconciler.stages.observe.secrets import SecretsInput, observe_secrets
from reconciler.stages.plan import plan
from tests.fakes import Fault, FaultyCluster, Signals
from tests.stages.builders import SET_ID, US, given
from tests.stages.live import (
    GATEWAY,
    GO,
    HOME,
    MODEL,
    PROVIDER,
    edited,
    file_of,
    live,
    made,
    observe_input,
    opened,
    put,
    recorded,
)

CLAUDE = made()
OTHER = made(name="other")
CHANGED = made(model="two")
FORBIDDEN = Refused(RefusalReason.FORBIDDEN, "you may not")


def states(observed: Observed) -> dict[str, State]:
    return {change.ref.name: change.state for change in plan(given(), observed).changes}


class TestTheNoOpProof:
    """What provably stays as it is costs no request of its own."""

    def test_an_object_that_stays_is_not_asked_about(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        put(cluster.inner, CLAUDE)
        (observed,) = observe(observe_input(cluster, CLAUDE), cluster, GO).objects
        assert observed.predicted == observed.live is not None
        assert cluster.of("dry-run", "apply") == []

    def test_full_asks_all_the_same(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        put(cluster.inner, CLAUDE)
        (observed,) = observe(observe_input(cluster, CLAUDE, full=True), cluster, GO).objects
        assert observed.predicted == observed.live
        assert len(cluster.of("dry-run")) == 1

    def test_one_list_covers_all_objects_of_a_kind_in_a_namespace(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        model = made(MODEL, "fast", "llm")
        observe(observe_input(cluster, CLAUDE, OTHER, model), cluster, GO)
        assert sorted((c.kind, c.name) for c in cluster.of("list")) == [
            ("Model", "llm"),
            ("Provider", "omnia"),
        ]

    def test_only_what_may_change_is_asked_about(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        put(cluster.inner, CLAUDE, OTHER)
        observed = observe(observe_input(cluster, CHANGED, OTHER), cluster, GO)
        assert [call.name for call in cluster.of("dry-run")] == ["claude"]
        assert states(observed) == {"claude": State.CHANGED, "other": State.UNCHANGED}


class TestTheDryRun:
    """What is sent, and the second question after a conflict."""

    def sent(self, cluster: FaultyCluster) -> list[tuple[bool, dict[str, Any]]]:
        predicted_by_server = cluster.of("dry-run")
        return [(c.force, c.body.body()["metadata"]) for c in predicted_by_server if c.body]

    def test_a_new_object_travels_with_the_version_that_none_has(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        (observed,) = observe(observe_input(cluster, CLAUDE), cluster, GO).objects
        ((force, metadata),) = self.sent(cluster)
        assert (force, metadata["resourceVersion"]) == (False, "1")
        assert metadata["labels"] == {PART_OF: SET_ID}
        assert observed.live is None
        assert observed.predicted is not None

    def test_nothing_is_written_by_looking(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        observe(observe_input(cluster, CLAUDE, OTHER), cluster, GO)
        assert cluster.writes == []
        assert cluster.inner.list(PROVIDER, "omnia") == ()

    def test_a_conflict_is_asked_again_with_force_and_the_version_that_was_seen(
        self, tmp_path: Path
    ) -> None:
        inner = opened(tmp_path)
        put(inner, CLAUDE)
        edited(inner, CLAUDE, "kubectl-edit", model="theirs")
        cluster = FaultyCluster(inner)
        (observed,) = observe(observe_input(cluster, CLAUDE), cluster, GO).objects
        now = live(inner, CLAUDE)["metadata"]
        (first, earlier), (second, later) = self.sent(cluster)
        assert (first, second) == (False, True)
        assert (earlier["uid"], later["uid"]) == (now["uid"], now["uid"])
        assert "resourceVersion" not in earlier
        assert later["resourceVersion"] == now["resourceVersion"]
        assert [(c.field, c.manager) for c in observed.conflicts] == [
            (".spec.model", "kubectl-edit")
        ]
        assert observed.predicted is not None
        assert observed.predicted.body()["spec"]["model"] == "one"
        assert observed.refusal is None

    def test_a_refusal_of_the_second_question_is_the_trouble_of_that_object(
        self, tmp_path: Path
    ) -> None:
        inner = opened(tmp_path)
        put(inner, CLAUDE)
        edited(inner, CLAUDE, "kubectl-edit", model="theirs")
        stale = Refused(RefusalReason.STALE, "the object has been modified", hint="again")
        cluster = FaultyCluster(inner, Fault(stale, "dry-run", forced=True))
        claude, other = observe(observe_input(cluster, CLAUDE, OTHER), cluster, GO).objects
        assert claude.refusal is not None
        assert (claude.refusal.reason, claude.refusal.hint) == (RefusalReason.STALE, "again")
        assert claude.predicted is None
        assert (other.refusal, other.predicted is None) == (None, False)

    def test_what_the_server_says_beside_its_answer_is_carried(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path), says=("spec.old is deprecated",))
        observed = observe(observe_input(cluster, CLAUDE), cluster, GO)
        assert observed.objects[0].warnings == ("spec.old is deprecated",)
        (change,) = plan(given(), observed).changes
        assert change.warnings == ("spec.old is deprecated",)

    def test_what_the_server_finds_invalid_is_that_objects_alone(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        bad = made(name="bad", type="no-such-type")
        observed = observe(observe_input(cluster, CLAUDE, bad), cluster, GO)
        assert states(observed) == {"claude": State.NEW, "bad": State.INVALID}


class TestOffline:
    """Without the permission to patch, the answer is computed here."""

    FAULT = Fault(FORBIDDEN, "dry-run")

    @pytest.mark.parametrize("exists", [False, True])
    def test_it_is_what_the_server_would_have_said(self, tmp_path: Path, exists: bool) -> None:
        inner = opened(tmp_path)
        if exists:
            put(inner, CLAUDE)
        predicted_by_server = observe(observe_input(inner, CHANGED), inner, GO).objects[0]
        cluster = FaultyCluster(inner, self.FAULT)
        predicted_here = observe(observe_input(cluster, CHANGED), cluster, GO).objects[0]
        assert (predicted_by_server.offline, predicted_here.offline) == (False, True)
        assert predicted_by_server.predicted is not None
        assert predicted_here.predicted is not None
        assert (
            predicted_here.predicted.body()["spec"] == predicted_by_server.predicted.body()["spec"]
        )
        assert predicted_here.refusal is None
        assert len(cluster.of("dry-run")) == 1

    def test_the_report_says_so_once(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path), self.FAULT)
        observed = observe(observe_input(cluster, CLAUDE, OTHER), cluster, GO)
        (note,) = observed.notes
        assert "without permission for a dry run" in note
        assert "webhooks" in note

    def test_a_conflict_is_found_there_too(self, tmp_path: Path) -> None:
        inner = opened(tmp_path)
        put(inner, CLAUDE)
        edited(inner, CLAUDE, "kubectl-edit", model="theirs")
        cluster = FaultyCluster(inner, self.FAULT)
        (observed,) = observe(observe_input(cluster, CLAUDE), cluster, GO).objects
        assert [(c.field, c.manager) for c in observed.conflicts] == [
            (".spec.model", "kubectl-edit")
        ]
        assert observed.predicted is not None
        assert observed.predicted.body()["spec"]["model"] == "one"

    def test_what_this_cluster_would_refuse_is_refused_there_too(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path), self.FAULT)
        bad = made(name="bad", type="no-such-type")
        observed = observe(observe_input(cluster, CLAUDE, bad), cluster, GO)
        assert states(observed) == {"claude": State.NEW, "bad": State.INVALID}

    def test_one_forbidden_object_leaves_the_others_to_the_server(self, tmp_path: Path) -> None:
        fault = Fault(FORBIDDEN, "dry-run", name="other")
        cluster = FaultyCluster(opened(tmp_path), fault)
        observed = observe(observe_input(cluster, CLAUDE, OTHER), cluster, GO)
        assert [observation_of.offline for observation_of in observed.objects] == [False, True]


class TestWaiting:
    """What may come later: the others go on."""

    def test_a_kind_without_its_crd_waits_and_is_not_listed(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path, without="Model"))
        model = made(MODEL, "fast", "llm")
        observed = observe(observe_input(cluster, CLAUDE, model), cluster, GO)
        assert states(observed) == {"claude": State.NEW, "fast": State.WAITING}
        refusal = observed.objects[1].refusal
        assert refusal is not None
        assert refusal.message == "CRD models.agent.flokoa.ai is not installed"
        assert {call.kind for call in cluster.of("list")} == {"Provider"}

    def test_a_namespace_that_is_not_there_is_waited_for(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        away = made(name="away", namespace="not-there")
        observed = observe(observe_input(cluster, CLAUDE, away), cluster, GO)
        assert states(observed) == {"claude": State.NEW, "away": State.WAITING}
        refusal = observed.objects[1].refusal
        assert refusal is not None
        assert (refusal.reason, "not-there" in refusal.message) == (
            RefusalReason.NO_NAMESPACE,
            True,
        )


class TestListsThatFail:
    """One LIST fails its own objects, and nothing looks deleted because of it."""

    def test_only_the_objects_of_that_kind_fail(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path), Fault(FORBIDDEN, "list", kind="Provider"))
        model = made(MODEL, "fast", "llm")
        observed = observe(observe_input(cluster, CLAUDE, OTHER, model), cluster, GO)
        assert states(observed) == {
            "fast": State.NEW,
            "claude": State.FAILED,
            "other": State.FAILED,
        }
        assert [
            observation_of.refusal and observation_of.refusal.message
            for observation_of in observed.objects
        ] == [
            "you may not",
            "you may not",
            None,
        ]
        assert observed.notes == (), "each object says it already"
        assert [call.name for call in cluster.of("dry-run")] == ["fast"]

    def test_what_the_record_knows_there_is_not_gone(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path), Fault(FORBIDDEN, "list", kind="Provider"))
        model = made(MODEL, "fast", "llm")
        predicted_by_server = observe_input(cluster, model, known={CLAUDE.ref: "its uid"})
        observed = observe(predicted_by_server, cluster, GO)
        assert (observed.gone, observed.orphans) == (frozenset(), ())
        assert observed.notes == ()
        hint = "allow list on providers.omnia.altairalabs.ai in omnia"
        assert observed.unchecked == (
            Unchecked("kind", "Provider in omnia", "no permission", hint),
        ), "no object of git says it"

    @pytest.mark.parametrize(
        "error", [Unreachable("no answer"), Unauthenticated("who?"), BadAnswer("half a list")]
    )
    @pytest.mark.parametrize("verb", ["list", "dry-run"])
    def test_a_cluster_that_cannot_be_asked_stops_the_environment(
        self, tmp_path: Path, error: Exception, verb: str
    ) -> None:
        cluster = FaultyCluster(opened(tmp_path), Fault(error, verb))
        with pytest.raises(type(error)):
            observe(observe_input(cluster, CLAUDE), cluster, GO)


class TestUnreadable:
    """An object that is there and that nobody can read."""

    def broken(self, tmp_path: Path) -> FaultyCluster:
        cluster = opened(tmp_path)
        put(cluster, CLAUDE, OTHER)
        file_of(tmp_path, CLAUDE).write_text("kind: [\n")
        return FaultyCluster(cluster)

    def test_it_is_failed_with_its_file_and_line(self, tmp_path: Path) -> None:
        cluster = self.broken(tmp_path)
        observed = observe(observe_input(cluster, CLAUDE, OTHER), cluster, GO)
        assert states(observed) == {"claude": State.FAILED, "other": State.UNCHANGED}
        refusal = observed.objects[0].refusal
        assert refusal is not None
        assert refusal.message.startswith(f"{file_of(tmp_path, CLAUDE)}:")
        assert cluster.of("dry-run") == []

    def test_it_is_neither_gone_nor_an_orphan(self, tmp_path: Path) -> None:
        cluster = self.broken(tmp_path)
        predicted_by_server = observe_input(cluster, OTHER, known={CLAUDE.ref: "its uid"})
        observed = observe(predicted_by_server, cluster, GO)
        assert (observed.gone, observed.orphans) == (frozenset(), ())

    @pytest.mark.parametrize("known", [{}, {CLAUDE.ref: "its uid"}])
    def test_it_is_unchecked_if_git_does_not_have_it(
        self, tmp_path: Path, known: dict[ObjectRef, str]
    ) -> None:
        """Otherwise a file that nobody can read would hide what the policy forbids."""
        cluster = self.broken(tmp_path)
        (unchecked,) = observe(observe_input(cluster, OTHER, known=known), cluster, GO).unchecked
        assert (unchecked.subject, unchecked.name) == ("object", "Provider omnia/claude")
        assert unchecked.hint.startswith(f"{file_of(tmp_path, CLAUDE)}:")


class TestWhatGitDoesNotHave:
    """Orphans, and what is gone from everywhere."""

    def test_the_label_shows_an_orphan_without_any_record(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        put(cluster, CLAUDE, OTHER)
        observed = observe(observe_input(cluster, OTHER), cluster, GO)
        assert [orphan.ref for orphan in observed.orphans] == [CLAUDE.ref]

    def test_the_record_shows_one_whose_label_was_taken_off(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        put(cluster, CLAUDE)
        cluster.merge_patch(
            PROVIDER, "omnia", "claude", {"metadata": {"labels": None}}, manager="kubectl-label"
        )
        assert observe(observe_input(cluster, OTHER), cluster, GO).orphans == ()
        predicted_by_server = observe_input(cluster, OTHER, known=recorded(cluster, CLAUDE))
        assert [orphan.ref for orphan in observe(predicted_by_server, cluster, GO).orphans] == [
            CLAUDE.ref
        ]

    def test_an_object_of_another_environment_is_no_orphan(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        put(cluster, CLAUDE, set_id=set_id("staging", HOME))
        assert observe(observe_input(cluster, OTHER), cluster, GO).orphans == ()

    def test_one_that_somebody_made_again_is_not_ours_and_is_forgotten(
        self, tmp_path: Path
    ) -> None:
        cluster = opened(tmp_path)
        put(cluster, CLAUDE)
        cluster.merge_patch(
            PROVIDER, "omnia", "claude", {"metadata": {"labels": None}}, manager="kubectl-label"
        )
        predicted_by_server = observe_input(
            cluster, OTHER, known={CLAUDE.ref: "of its predecessor"}
        )
        observed = observe(predicted_by_server, cluster, GO)
        assert (observed.orphans, observed.gone) == ((), frozenset({CLAUDE.ref}))

    def test_one_that_was_handed_to_another_environment_is_forgotten(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        put(cluster, CLAUDE, set_id=set_id("staging", HOME))
        predicted_by_server = observe_input(cluster, OTHER, known=recorded(cluster, CLAUDE))
        observed = observe(predicted_by_server, cluster, GO)
        assert (observed.orphans, observed.gone) == ((), frozenset({CLAUDE.ref}))

    def test_places_of_an_apply_that_did_not_end_are_looked_at(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        gateway = made(GATEWAY, "gateway", "llm")
        put(cluster, gateway)
        more = frozenset({(gateway.ref.group_kind, "llm")})
        observed = observe(observe_input(cluster, CLAUDE, more=more), cluster, GO)
        assert [orphan.ref for orphan in observed.orphans] == [gateway.ref]

    def test_a_place_that_only_the_record_names_is_looked_at(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        gateway = made(GATEWAY, "gateway", "llm")
        put(cluster.inner, gateway)
        predicted_by_server = observe_input(cluster, CLAUDE, known=recorded(cluster.inner, gateway))
        assert [orphan.ref for orphan in observe(predicted_by_server, cluster, GO).orphans] == [
            gateway.ref
        ]
        assert ("ModelProvider", "llm") in [(c.kind, c.name) for c in cluster.of("list")]

    def test_what_is_in_neither_git_nor_the_cluster_is_gone(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path)
        put(cluster, OTHER)
        known = recorded(cluster, CLAUDE, OTHER)
        assert observe(observe_input(cluster, OTHER, known=known), cluster, GO).gone == {CLAUDE.ref}
        assert (
            observe(observe_input(cluster, CLAUDE, OTHER, known=known), cluster, GO).gone == set()
        )

    def test_an_object_of_an_uninstalled_crd_is_not_called_gone(self, tmp_path: Path) -> None:
        cluster = opened(tmp_path, without="Model")
        known = {made(MODEL, "fast", "llm").ref: "its uid"}
        assert observe(observe_input(cluster, CLAUDE, known=known), cluster, GO).gone == set()

    def test_a_kind_that_nobody_manages_any_more_is_left_alone(self, tmp_path: Path) -> None:
        cluster = FaultyCluster(opened(tmp_path))
        known = {ObjectRef("old.example.com", "Old", "omnia", "one"): "its uid"}
        observed = observe(observe_input(cluster, CLAUDE, known=known), cluster, GO)
        assert (observed.gone, observed.orphans) == (frozenset(), ())
        assert [call.kind for call in cluster.of("list")] == ["Provider"]


def test_the_label_of_the_set_is_added_beside_those_of_git() -> None:
    body = CLAUDE.document.body()
    body["metadata"]["labels"] = {"team": "llm"}
    sent = body_to_send(replace(CLAUDE, document=Document.of(body)), SET_ID)
    assert sent.body()["metadata"]["labels"] == {"team": "llm", PART_OF: SET_ID}
    assert sent.body()["spec"] == body["spec"]


class TestSecrets:
    """One GET per Secret, however many references name it."""

    KEYRING = Keyring(bytes(32))
    BEDROCK = made(
        name="bedrock",
        type="claude",
        credential={"secretRef": {"name": "shared", "key": "KEY"}},
    )
    CLAUDE = made(type="claude", credential={"secretRef": {"name": "shared", "key": "KEY"}})
    LOST = made(
        name="lost", type="claude", credential={"secretRef": {"name": "no-such", "key": "KEY"}}
    )

    def cluster(self, tmp_path: Path, *faults: Fault) -> FaultyCluster:
        cluster = opened(tmp_path)
        data = {"KEY": base64.b64encode(b"sk-a-value-of-some-length").decode()}
        metadata = {"name": "shared", "namespace": "omnia"}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
        cluster.create(SECRET, Document.of(body))
        return FaultyCluster(cluster, *faults)

    def inputs(self, *manifests: Manifest) -> SecretsInput:
        return SecretsInput("prod", manifests, KINDS)

    @pytest.mark.parametrize(
        ("name", "namespace"),
        [
            ("provider-reconciler-key", "omnia"),
            ("sh.helm.release.v1.agents.v3", "omnia"),
            ("bootstrap-token-07401b", "kube-system"),
        ],
    )
    def test_a_secret_whose_name_shows_that_no_provider_may_use_it_is_never_asked_for(
        self, tmp_path: Path, name: str, namespace: str
    ) -> None:
        cluster = self.cluster(tmp_path)
        secret = {"secretRef": {"name": name, "key": "KEY"}}
        manifest = made(namespace=namespace, type="claude", credential=secret)
        (row,) = observe_secrets(self.inputs(manifest), cluster, self.KEYRING, GO).resolved
        assert row.reading == SecretReading(SecretState.REFUSED, "KEY")
        assert cluster.calls == []

    def test_without_a_fingerprint_key_the_others_stay_as_they_are(self, tmp_path: Path) -> None:
        inputs = self.inputs(self.CLAUDE, self.LOST)
        secrets = observe_secrets(inputs, self.cluster(tmp_path), self.KEYRING, GO)
        keyless = observe_secrets(inputs, self.cluster(tmp_path / "again"), None, GO).resolved
        stripped = secrets.without_fingerprints().resolved
        assert [row.reading.state for row in stripped] == [row.reading.state for row in keyless]
        assert {row.reading.fingerprint for row in stripped} == {None}

    def test_a_run_that_is_asked_to_stop_reads_no_other(self, tmp_path: Path) -> None:
        """With a rate limit, a thousand of them would take longer than a pod may take to end."""
        cluster = self.cluster(tmp_path)
        with pytest.raises(Interrupted):
            observe_secrets(
                self.inputs(self.CLAUDE), cluster, self.KEYRING, Signals(requested=True)
            )
        assert cluster.calls == []

    def test_a_shared_secret_is_read_once_and_told_of_every_owner(self, tmp_path: Path) -> None:
        cluster = self.cluster(tmp_path)
        manifests = (self.LOST, self.CLAUDE, self.BEDROCK)
        secrets = observe_secrets(self.inputs(*manifests), cluster, self.KEYRING, GO).resolved
        assert [(row.owner.name, row.reading.state) for row in secrets] == [
            ("bedrock", SecretState.OK),
            ("claude", SecretState.OK),
            ("lost", SecretState.MISSING_SECRET),
        ]
        assert sorted(call.name for call in cluster.of("read-secret")) == ["no-such", "shared"]

    def test_without_a_key_a_value_is_there_and_has_no_fingerprint(self, tmp_path: Path) -> None:
        cluster = self.cluster(tmp_path)
        (row,) = observe_secrets(self.inputs(self.CLAUDE), cluster, None, GO).resolved
        assert (row.reading.state, row.reading.fingerprint) == (SecretState.UNAVAILABLE, None)

    def test_a_provider_without_a_reference_asks_for_nothing(self, tmp_path: Path) -> None:
        cluster = self.cluster(tmp_path)
        assert observe_secrets(self.inputs(made()), cluster, self.KEYRING, GO) == SecretsRead()
        assert cluster.calls == []


def test_the_order_of_the_objects_is_that_of_git(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    names = ["z", "a", "m", "b"]
    manifests = [made(name=name) for name in names]
    observed = observe(observe_input(cluster, *manifests), cluster, GO)
    assert [observation_of.manifest.ref.name for observation_of in observed.objects] == names


@pytest.mark.parametrize("fault", [None, Fault(FORBIDDEN, "list", kind="Provider")])
def test_whether_every_place_was_seen_is_told(tmp_path: Path, fault: Fault | None) -> None:
    cluster = FaultyCluster(opened(tmp_path), *([fault] if fault else []))
    observed = observe(observe_input(cluster, CLAUDE), cluster, GO)
    assert observed.unseen is (fault is not None)


def test_a_run_that_is_asked_to_stop_begins_no_dry_run(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    with pytest.raises(Interrupted):
        observe(observe_input(cluster, CLAUDE, OTHER), cluster, Signals(requested=True))
    assert cluster.of("dry-run") == []


def test_progress_counts_every_object_once(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    put(cluster, CLAUDE)
    numbers: list[int] = []
    observe(observe_input(cluster, CLAUDE, OTHER), cluster, GO, numbers.append)
    assert len(cluster.of("dry-run")) == 1
    assert numbers == [1, 2]


class LateSignals(Signals):
    """A signal that arrives once the objects are compared and their requests wait for a thread."""

    def __getattribute__(self, name: str) -> Any:
        if name == "requested":
            return threading.current_thread() is not threading.main_thread()
        return super().__getattribute__(name)


def test_a_signal_also_stops_the_dry_runs_that_wait(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    with pytest.raises(Interrupted):
        observe(observe_input(cluster, CLAUDE, OTHER), cluster, LateSignals())
    assert cluster.of("dry-run") == []


def test_an_apply_by_another_tool_under_another_name_is_not_taken_for_ours(
    tmp_path: Path,
) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    cluster.inner.apply(PROVIDER, body_to_send(CLAUDE, SET_ID), manager="somebody")
    observe(observe_input(cluster, CLAUDE), cluster, GO)
    assert len(cluster.of("dry-run")) == 1, f"the proof holds for {US} alone"


def test_an_object_that_nobody_manages_comes_with_the_lists(tmp_path: Path) -> None:
    cluster = FaultyCluster(opened(tmp_path))
    put(cluster, CLAUDE)
    rogue, of_another_set = made(name="rogue"), made(name="other")
    cluster.inner.apply(PROVIDER, rogue.document, manager="kubectl")
    put(cluster, of_another_set, set_id="applyset-other-v1")
    cluster.calls.clear()
    observed = observe(observe_input(cluster, CLAUDE), cluster, GO)
    assert sorted(each.ref.name for each in observed.unmanaged) == ["other", "rogue"]
    assert len(cluster.of("list")) == 1
    assert [call.kind for call in cluster.of("get", "dry-run")] == ["Namespace"]
