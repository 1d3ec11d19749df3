"""What others add to an object of ours, or write under our name: on a cluster with the API server's semantics."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.directory import DirectoryCluster
from reconciler.errors import RefusalReason, Refused, Unreachable
from reconciler.kinds import KINDS
from reconciler.model.change import Action, Change, Plan, Result, State
from reconciler.model.difference import ForeignField, Why
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import ExtraFields, OnDrift, Policy
from reconciler.model.manifest import Manifest
from reconciler.model.observation import Observed, Orphan
from reconciler.model.record import Record
from reconciler.model.secret import Keyring
from reconciler.model.stamp import ANNOTATION
from reconciler.stages.advance import advance_objects
from reconciler.stages.apply import AppliedAs, apply
from reconciler.stages.observe import observe
from reconciler.stages.plan import plan
from reconciler.stages.plan.inputs import PlanInput
from tests.fakes import Fault, FaultyCluster, StoppedClock
from tests.stages.builders import SET_ID, US
from tests.stages.live import GATEWAY, GO, crds, edited, live, made, observe_input, opened

KEYRING = Keyring(b"k" * 32)
EVIL = "https://evil.example.com/v1"


@dataclass
class Reconciled:
    """One object in a cluster, applied once by `apply`."""

    cluster: DirectoryCluster
    manifest: Manifest
    policy: Policy = field(default_factory=Policy)
    record: Record = field(default_factory=lambda: Record("prod"))
    clock: StoppedClock = field(default_factory=StoppedClock)

    def plan(self, *, full: bool = False) -> Change:
        observed = observe(observe_input(self.cluster, self.manifest, full=full), self.cluster, GO)
        (change,) = plan(self._inputs(), observed).changes
        return change

    def apply(self) -> None:
        observed = observe(observe_input(self.cluster, self.manifest), self.cluster, GO)
        made_plan = plan(self._inputs(), observed)
        done = apply(made_plan, self.cluster, AppliedAs(US, "a" * 40, "2026-08-01T12:00:00Z"), GO)
        applied = {each.outcome.ref: each.recorded for each in done if each.recorded}
        self.record = advance_objects(self.record, observed, made_plan.changes, applied, US)

    def _inputs(self) -> PlanInput:
        return PlanInput(KINDS, self.policy, US, SET_ID, self.record, KEYRING, crds(self.cluster))

    def edit(self, manager: str, **spec: Any) -> None:
        edited(self.cluster, self.manifest, manager, **spec)

    def apply_as_us(self, **spec: Any) -> None:
        """Somebody else's apply under our name, of the same object with other fields."""
        sent = live(self.cluster, self.manifest)
        metadata = {key: sent["metadata"][key] for key in ("name", "namespace", "labels")}
        body = sent | {"metadata": metadata, "spec": sent["spec"] | spec}
        body.pop("status", None)
        self.cluster.apply(
            KINDS[self.manifest.ref.group_kind].endpoint, Document.of(body), manager=US
        )


def reconciled(root: Path, spec: JsonObject | None = None, **policy: Any) -> Reconciled:
    manifest = made(GATEWAY, "gateway", "llm", **(spec or {}))
    clock = StoppedClock()
    started = Reconciled(opened(root, clock=clock), manifest, Policy(**policy), clock=clock)
    started.apply()
    assert started.plan().state is State.UNCHANGED
    assert started.plan().foreign == ()
    return started


def only(change: Change) -> ForeignField:
    (extra,) = change.foreign
    return extra


@pytest.mark.parametrize("full", [False, True])
def test_what_is_added_below_an_empty_mapping_of_git_is_told(tmp_path: Path, full: bool) -> None:
    gateway = reconciled(tmp_path, {"openai": {}})
    gateway.edit("kubectl-edit", openai={"baseURL": EVIL})
    extra = only(gateway.plan(full=full))
    assert (extra.shown_path, extra.root) == ("spec.openai.baseURL", ("spec", "openai", "baseURL"))
    assert (extra.decides, extra.policy) == (True, ExtraFields.FAIL)
    assert extra.by is not None
    assert str(extra.by) == "kubectl-edit (Update)"


@pytest.mark.parametrize("left", [{}, {"spec": {}}])
def test_nothing_is_added_to_a_spec_that_somebody_emptied(tmp_path: Path, left: JsonObject) -> None:
    gateway = reconciled(tmp_path)
    body = live(gateway.cluster, gateway.manifest)
    del body["spec"]
    endpoint = KINDS[gateway.manifest.ref.group_kind].endpoint
    gateway.cluster.replace(endpoint, Document.of(body | left), manager="k9s")
    change = gateway.plan()
    assert (change.action, change.foreign) == (Action.UPDATE, ())


def test_an_update_under_our_name_is_told_like_any_other(tmp_path: Path) -> None:
    gateway = reconciled(tmp_path)
    gateway.edit(US, tls={"insecureSkipVerify": True})
    extra = only(gateway.plan())
    assert extra.shown_path == "spec.tls.insecureSkipVerify"
    assert str(extra.by) == f"{US} (Update)"
    assert extra.root == ("spec", "tls")


def test_an_update_under_our_name_of_what_we_applied_is_drift(tmp_path: Path) -> None:
    gateway = reconciled(tmp_path)
    gateway.edit(US, openai={"baseURL": EVIL})
    change = gateway.plan()
    (moved,) = change.differences
    assert (change.state, moved.why, str(moved.by)) == (State.DRIFTED, Why.DRIFT, f"{US} (Update)")


@pytest.mark.parametrize("spec", [{"openai": {"baseURL": EVIL}}, {"tls": {"useSystemCAs": True}}])
def test_an_apply_under_our_name_is_drift_while_git_stands(
    tmp_path: Path, spec: JsonObject
) -> None:
    gateway = reconciled(tmp_path)
    gateway.apply_as_us(**spec)
    change = gateway.plan()
    assert (change.state, change.action) == (State.DRIFTED, Action.UPDATE)
    assert {moved.why for moved in change.differences} == {Why.DRIFT}
    assert {str(moved.by) for moved in change.differences} == {f"{US} (Apply)"}


@pytest.mark.parametrize("spec", [{"openai": {"baseURL": EVIL}}, {"tls": {"useSystemCAs": True}}])
def test_an_apply_under_our_name_is_drift_even_if_git_changes_at_the_same_time(
    tmp_path: Path, spec: JsonObject
) -> None:
    gateway = reconciled(tmp_path)
    gateway.clock.sleep(1)
    gateway.apply_as_us(**spec)
    gateway.manifest = made(
        GATEWAY, "gateway", "llm", openai={"baseURL": "https://two.example.com"}
    )
    change = gateway.plan()
    assert change.state is State.DRIFTED
    assert {moved.why for moved in change.differences} == {Why.DRIFT}
    gateway.apply()
    assert gateway.plan().state is State.UNCHANGED
    gateway.manifest = made(
        GATEWAY, "gateway", "llm", openai={"baseURL": "https://three.example.com"}
    )
    assert gateway.plan().state is State.CHANGED, "our own apply is on record"


def test_a_change_of_git_is_no_drift(tmp_path: Path) -> None:
    gateway = reconciled(tmp_path)
    gateway.manifest = made(
        GATEWAY, "gateway", "llm", openai={"baseURL": "https://two.example.com"}
    )
    change = gateway.plan()
    assert (change.state, change.differences[0].why) == (State.CHANGED, Why.CHANGE)


def test_a_default_of_the_crd_is_no_addition_whoever_wrote_it(tmp_path: Path) -> None:
    gateway = reconciled(tmp_path, {"tls": {"caSecretRef": {"name": "ca", "key": "ca.crt"}}})
    stored = live(gateway.cluster, gateway.manifest)["spec"]["tls"]
    assert "useSystemCAs" in stored, "the CRD has such a default"
    gateway.edit("kubectl-edit", tls={"useSystemCAs": not stored["useSystemCAs"]})
    assert only(gateway.plan()).shown_path == "spec.tls.useSystemCAs"
    gateway.edit("kubectl-edit", tls={"useSystemCAs": stored["useSystemCAs"]})
    assert gateway.plan().foreign == ()


def test_labels_and_annotations_are_listed_and_fail_nothing(tmp_path: Path) -> None:
    gateway = reconciled(tmp_path)
    patch = {"metadata": {"labels": {"team": "ml"}, "annotations": {"note": "sk-secret"}}}
    gateway.cluster.merge_patch(GATEWAY, "llm", "gateway", patch, manager="kubectl-label")
    fields = gateway.plan().foreign
    assert [each.shown_path for each in fields] == [
        "metadata.annotations.note",
        "metadata.labels.team",
    ]
    assert {each.policy for each in fields} == {ExtraFields.REPORT}
    assert fields[0].live.masked, "an annotation can hold anything"


@pytest.mark.parametrize("manager", ["somebody", US])
def test_an_owner_with_which_the_object_would_be_deleted_fails_and_can_go(
    tmp_path: Path, manager: str
) -> None:
    gateway = reconciled(tmp_path)
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop", "uid": "u-1"}
    patch = {"metadata": {"ownerReferences": [owner]}}
    gateway.cluster.merge_patch(GATEWAY, "llm", "gateway", patch, manager=manager)
    field = only(gateway.plan())
    assert (field.shown_path, field.policy) == ("metadata.ownerReferences", ExtraFields.FAIL)
    gateway.policy = Policy(extra_fields=(("metadata.ownerReferences", ExtraFields.REMOVE),))
    gateway.apply()
    assert "ownerReferences" not in live(gateway.cluster, gateway.manifest)["metadata"]


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        ((("*", ExtraFields.REPORT),), ExtraFields.REPORT),
        ((("spec.tls.*", ExtraFields.REMOVE), ("*", ExtraFields.REPORT)), ExtraFields.REMOVE),
        ((("spec.openai.*", ExtraFields.REMOVE),), ExtraFields.FAIL),
    ],
)
def test_the_first_glob_that_matches_decides(
    tmp_path: Path, globs: tuple[tuple[str, ExtraFields], ...], expected: ExtraFields
) -> None:
    gateway = reconciled(tmp_path, extra_fields=globs)
    gateway.edit("kubectl-edit", tls={"insecureSkipVerify": True})
    assert only(gateway.plan()).policy is expected


class TestRecreated:
    """Somebody deleted the object that we applied, and created another one of the same name."""

    def recreated(self, root: Path, **policy: Any) -> Reconciled:
        gateway = reconciled(root, **policy)
        uid = live(gateway.cluster, gateway.manifest)["metadata"]["uid"]
        gateway.cluster.delete(GATEWAY, "llm", "gateway", uid=uid)
        body = gateway.manifest.document.body() | {"spec": {"openai": {"baseURL": EVIL}}}
        gateway.cluster.apply(GATEWAY, Document.of(body), manager="kubectl")
        return gateway

    def test_it_is_drift_and_git_wins(self, tmp_path: Path) -> None:
        gateway = self.recreated(tmp_path)
        change = gateway.plan()
        assert (change.state, change.action) == (State.DRIFTED, Action.UPDATE)
        assert change.reason == "someone else deleted it and created it again, or restored it"
        gateway.apply()
        assert (
            live(gateway.cluster, gateway.manifest)["spec"]
            == gateway.manifest.document.body()["spec"]
        )
        assert gateway.plan().state is State.UNCHANGED

    def test_the_policy_may_leave_it_alone(self, tmp_path: Path) -> None:
        change = self.recreated(tmp_path, on_drift=OnDrift.REFUSE).plan()
        assert (change.state, change.action) == (State.DRIFTED, Action.REFUSE)


def test_a_record_that_was_lost_and_written_again_ends_the_doubt(tmp_path: Path) -> None:
    """Even for an object that the apply refused: from then on the record says what is ours."""
    gateway = reconciled(tmp_path)
    gateway.edit("kubectl-edit", openai={"baseURL": EVIL})
    gateway.record = Record("prod")
    assert [moved.why for moved in gateway.plan().differences] == [Why.UNKNOWN]
    gateway.apply()
    change = gateway.plan()
    assert [moved.why for moved in change.differences] == [Why.CONFLICT]
    assert "unknown" not in change.reason


class TestRemove:
    """`policy.extraFields: remove`: apply takes out what others added, in the version that was looked at."""

    ALL = (("*", ExtraFields.REMOVE),)

    def test_apply_takes_it_out_and_nothing_else(self, tmp_path: Path) -> None:
        gateway = reconciled(tmp_path, {"openai": {}}, extra_fields=self.ALL)
        before = live(gateway.cluster, gateway.manifest)["spec"]
        gateway.edit("kubectl-edit", openai={"baseURL": EVIL}, defaultHeaders={"X-A": "1"})
        change = gateway.plan()
        assert (change.state, change.action) == (State.DRIFTED, Action.UPDATE)
        assert set(change.remove) == {("spec", "openai", "baseURL"), ("spec", "defaultHeaders")}
        gateway.apply()
        assert live(gateway.cluster, gateway.manifest)["spec"] == before
        after = gateway.plan()
        assert (after.state, after.foreign) == (State.UNCHANGED, ())

    def test_the_patch_names_the_version_that_the_apply_left(self, tmp_path: Path) -> None:
        """Nobody can have written the object between the look, the apply and the patch."""
        gateway = reconciled(tmp_path, extra_fields=self.ALL)
        gateway.edit("kubectl-edit", tls={"insecureSkipVerify": True})
        change, cluster = gateway.plan(), FaultyCluster(gateway.cluster)
        body = live(gateway.cluster, gateway.manifest)["metadata"]["resourceVersion"]
        apply(Plan(((change,),)), cluster, AppliedAs(US, "a" * 40, "now"), GO)
        (call,) = cluster.of("merge-patch")
        assert call.body is not None
        assert call.body.body()["metadata"] == {"resourceVersion": body}
        assert change.resource_version == body

    def test_it_goes_with_a_change_of_git_in_one_run(self, tmp_path: Path) -> None:
        gateway = reconciled(tmp_path, extra_fields=self.ALL)
        gateway.edit("kubectl-edit", tls={"insecureSkipVerify": True})
        url = "https://two.example.com"
        gateway.manifest = made(GATEWAY, "gateway", "llm", openai={"baseURL": url})
        gateway.apply()
        assert live(gateway.cluster, gateway.manifest)["spec"] == {"openai": {"baseURL": url}}

    def test_labels_stay_unless_a_glob_names_them(self, tmp_path: Path) -> None:
        gateway = reconciled(tmp_path, extra_fields=self.ALL)
        patch = {"metadata": {"labels": {"team": "ml"}}}
        gateway.cluster.merge_patch(GATEWAY, "llm", "gateway", patch, manager="kubectl-label")
        assert gateway.plan().remove == ()
        named = (("metadata.labels.*", ExtraFields.REMOVE),)
        gateway.policy = Policy(extra_fields=named)
        assert gateway.plan().remove == (("metadata", "labels", "team"),)

    def test_what_another_policy_keeps_stays_beside_it(self, tmp_path: Path) -> None:
        globs = (("spec.defaultHeaders.X-Bad", ExtraFields.REMOVE), ("*", ExtraFields.REPORT))
        gateway = reconciled(tmp_path, extra_fields=globs)
        gateway.edit("kubectl-edit", defaultHeaders={"X-Bad": "1", "X-Good": "2"})
        roots = {each.path[-1]: each.root for each in gateway.plan().foreign}
        assert roots == {name: ("spec", "defaultHeaders", name) for name in ("X-Bad", "X-Good")}
        gateway.apply()
        stored = live(gateway.cluster, gateway.manifest)["spec"]
        assert stored["defaultHeaders"] == {"X-Good": "2"}

    def test_the_other_annotations_stay(self, tmp_path: Path) -> None:
        """Also those that no report lists, such as the stamp of a rotation."""
        named = (("metadata.annotations.bad", ExtraFields.REMOVE),)
        gateway = reconciled(tmp_path, extra_fields=named)
        patch = {"metadata": {"annotations": {"bad": "1", "good": "2", ANNOTATION: "3"}}}
        gateway.cluster.merge_patch(GATEWAY, "llm", "gateway", patch, manager="kubectl-annotate")
        gateway.apply()
        metadata = live(gateway.cluster, gateway.manifest)["metadata"]
        assert metadata["annotations"] == {"good": "2", ANNOTATION: "3"}

    def test_who_leaves_drift_alone_leaves_this_alone(self, tmp_path: Path) -> None:
        gateway = reconciled(tmp_path, extra_fields=self.ALL, on_drift=OnDrift.REFUSE)
        gateway.edit("kubectl-edit", tls={"insecureSkipVerify": True})
        assert gateway.plan().action is Action.REFUSE

    @pytest.mark.parametrize(
        ("error", "result"),
        [
            (Refused(RefusalReason.STALE, "moved"), Result.REFUSED),
            (Refused(RefusalReason.INVALID, "no"), Result.FAILED),
            (Unreachable("no answer"), Result.FAILED),
            (RuntimeError("a bug"), Result.FAILED),
        ],
    )
    def test_what_was_applied_is_recorded_though_the_removal_fails(
        self, tmp_path: Path, error: Exception, result: Result
    ) -> None:
        gateway = reconciled(tmp_path, extra_fields=self.ALL)
        gateway.edit("kubectl-edit", tls={"insecureSkipVerify": True})
        cluster = FaultyCluster(gateway.cluster, Fault(error, "merge-patch"))
        change = gateway.plan()
        (done,) = apply(Plan(((change,),)), cluster, AppliedAs(US, "a" * 40, "now"), GO)
        assert done.outcome.result is result
        assert done.recorded is not None

    def test_a_lock_that_was_lost_meanwhile_leaves_them(self, tmp_path: Path) -> None:
        gateway = reconciled(tmp_path, extra_fields=self.ALL)
        gateway.edit("kubectl-edit", tls={"insecureSkipVerify": True})
        cluster, plan_ = FaultyCluster(gateway.cluster), Plan(((gateway.plan(),),))
        answers = iter([False, True])  # before the apply, and before the patch
        (done,) = apply(plan_, cluster, AppliedAs(US, "a" * 40, "now"), GO, lambda: next(answers))
        assert done.outcome.result is Result.FAILED
        assert done.outcome.message.startswith("the lock was lost before the fields of others")
        assert done.recorded is not None
        assert cluster.of("merge-patch") == []

    def test_an_object_that_moved_since_it_was_looked_at_is_left_alone(
        self, tmp_path: Path
    ) -> None:
        gateway = reconciled(tmp_path, extra_fields=self.ALL)
        gateway.edit("kubectl-edit", tls={"insecureSkipVerify": True})
        change = gateway.plan()
        gateway.edit("kubectl-edit", tls={"useSystemCAs": False})
        cluster = FaultyCluster(gateway.cluster)
        (done,) = apply(Plan(((change,),)), cluster, AppliedAs(US, "a" * 40, "now"), GO)
        assert done.outcome.result is Result.REFUSED
        assert cluster.of("merge-patch") == []


class TestKept:
    """An object that git no longer has: still in use, and nobody looks at its manifest any more."""

    def kept(self, gateway: Reconciled) -> Change:
        document = Document.of(live(gateway.cluster, gateway.manifest))
        orphans = (Orphan(gateway.manifest.ref, document),)
        (change,) = plan(gateway._inputs(), Observed((), orphans=orphans)).changes
        return change

    def test_what_others_added_is_reported_if_it_decides_where_prompts_go(
        self, tmp_path: Path
    ) -> None:
        gateway = reconciled(tmp_path)
        assert self.kept(gateway).foreign == ()
        gateway.edit("kubectl-edit", openai={"baseURL": EVIL})
        label = {"metadata": {"labels": {"team": "ml"}}}
        gateway.cluster.merge_patch(GATEWAY, "llm", "gateway", label, manager="kubectl-label")
        change = self.kept(gateway)
        (extra,) = change.foreign
        assert (change.state, change.action) == (State.KEPT, Action.SKIP)
        assert (extra.shown_path, extra.policy) == ("spec.openai.baseURL", ExtraFields.FAIL)
        assert str(extra.by) == "kubectl-edit (Update)"

    def test_so_is_what_others_changed(self, tmp_path: Path) -> None:
        gateway = reconciled(tmp_path, {"openai": {"baseURL": "https://ours.example.com"}})
        assert self.kept(gateway).foreign == ()
        gateway.edit("kubectl-edit", openai={"baseURL": EVIL})
        (extra,) = self.kept(gateway).foreign
        assert extra.shown_path == "spec.openai.baseURL"

    def test_apply_removes_nothing_of_it(self, tmp_path: Path) -> None:
        gateway = reconciled(tmp_path, extra_fields=(("*", ExtraFields.REMOVE),))
        gateway.edit("kubectl-edit", openai={"baseURL": EVIL})
        (extra,) = self.kept(gateway).foreign
        assert extra.policy is ExtraFields.FAIL

    def test_without_a_record_nobody_knows_what_we_applied(self, tmp_path: Path) -> None:
        gateway = reconciled(tmp_path)
        gateway.edit("kubectl-edit", openai={"baseURL": EVIL})
        gateway.record = Record("prod")
        assert self.kept(gateway).foreign == ()
