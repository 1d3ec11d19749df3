"""`policy.ignore`: what others hold is neither sent, nor removed, nor reported; what decides traffic must be named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.directory import DirectoryCluster
from reconciler.kinds import KINDS
from reconciler.model.change import Change, State
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import ExtraFields, IgnoreRule, Policy
from reconciler.model.manifest import Manifest
from reconciler.model.observation import Observation
from reconciler.model.record import Record, RecordedObject
from reconciler.ports import Cluster
from reconciler.semantics.ownership.queries import applied_by
from reconciler.stages.apply import AppliedAs, apply
from reconciler.stages.observe import observe
from reconciler.stages.observe.ignored import notes
from reconciler.stages.plan import plan
from reconciler.stages.plan.inputs import PlanInput
from tests.fakes import FaultyCluster
from tests.stages.builders import SET_ID, US
from tests.stages.live import GO, crds, edited, live, made, observe_input, opened, put

AS = AppliedAs(US, "c" * 40, "2026-08-01T12:00:00Z")
TOKENS = IgnoreRule("spec.defaults.*", "cost-controller")


def observed_with(cluster: Cluster, manifest: Manifest, *rules: IgnoreRule) -> Observation:
    (observation,) = observe(observe_input(cluster, manifest, ignore=rules), cluster, GO).objects
    return observation


def record(cluster: Cluster, manifest: Manifest, owned: JsonObject) -> Record:
    uid = str(live(cluster, manifest)["metadata"]["uid"])
    entry = RecordedObject(uid, "a" * 40, "", Document.of(owned), "2026-07-30T00:00:00Z")
    return Record("prod", objects={manifest.ref: entry})


def changed(
    cluster: Cluster,
    manifest: Manifest,
    *rules: IgnoreRule,
    known: Record | None = None,
    **policy: Any,
) -> Change:
    observed = observe(observe_input(cluster, manifest, ignore=rules), cluster, GO)
    inputs = PlanInput(KINDS, Policy(**policy), US, SET_ID, known, crds=crds(cluster))
    planned = plan(inputs, observed)
    apply(planned, cluster, AS, GO)
    return planned.changes[0]


@pytest.fixture
def cluster(tmp_path: Path) -> DirectoryCluster:
    return opened(tmp_path)


GIT = made(defaults={"maxTokens": 4096, "temperature": "0.7"})


def test_a_field_that_somebody_took_is_no_drift_and_stays_theirs(cluster: DirectoryCluster) -> None:
    put(cluster, GIT)
    known = record(cluster, GIT, applied_by(live(cluster, GIT), US) or {})
    edited(cluster, GIT, "cost-controller", defaults={"maxTokens": 100})
    assert changed(cluster, GIT, TOKENS, known=known).state is State.UNCHANGED
    change = changed(cluster, made(defaults={"maxTokens": 9999, "temperature": "0.8"}), TOKENS)
    assert [each.shown_path for each in change.differences] == ["spec.defaults.temperature"]
    assert [each.shown_path for each in change.ignored] == ["spec.defaults.maxTokens"]
    after = live(cluster, GIT)["spec"]["defaults"]
    assert (after["maxTokens"], after["temperature"]) == (100, "0.8")
    assert changed(cluster, GIT).state is State.CONFLICT, "without the rule it is theirs"


def test_it_costs_no_request_once_nothing_else_differs(cluster: DirectoryCluster) -> None:
    put(cluster, GIT)
    edited(cluster, GIT, "cost-controller", defaults={"maxTokens": 100})
    counting = FaultyCluster(cluster)
    assert changed(counting, GIT, TOKENS).state is State.UNCHANGED
    assert counting.of("dry-run", "apply", "merge-patch") == []


def test_a_shared_field_is_released_and_stays(cluster: DirectoryCluster) -> None:
    put(cluster, GIT)
    theirs = made(defaults={"maxTokens": 4096}).document
    endpoint = KINDS[GIT.ref.group_kind].endpoint
    cluster.apply(endpoint, theirs, manager="cost-controller")
    assert changed(cluster, GIT, TOKENS).state is State.CHANGED
    assert live(cluster, GIT)["spec"]["defaults"]["maxTokens"] == 4096
    assert changed(cluster, GIT, TOKENS).state is State.UNCHANGED


def test_what_nobody_else_holds_is_decided_by_git(cluster: DirectoryCluster) -> None:
    put(cluster, GIT)
    anybody = IgnoreRule("spec.defaults.*")
    change = changed(cluster, made(defaults={"maxTokens": 1, "temperature": "0.7"}), anybody)
    assert [each.shown_path for each in change.differences] == ["spec.defaults.maxTokens"]
    assert live(cluster, GIT)["spec"]["defaults"]["maxTokens"] == 1


@pytest.mark.parametrize(
    ("rule", "ignored"),
    [
        (IgnoreRule("spec.defaults.maxTokens"), True),
        (IgnoreRule("spec.defaults.*", "cost-*", "Provider"), True),
        (IgnoreRule("spec.defaults.*", "other"), False),
        (IgnoreRule("spec.defaults.*", kind="Model"), False),
        (IgnoreRule("spec.model"), False),
        (IgnoreRule("*"), True),
    ],
)
def test_a_rule_matches_by_field_manager_and_kind(
    cluster: DirectoryCluster, rule: IgnoreRule, ignored: bool
) -> None:
    put(cluster, GIT)
    edited(cluster, GIT, "cost-controller", defaults={"maxTokens": 100})
    assert bool(observed_with(cluster, GIT, rule).left_alone) is ignored


def test_an_owner_that_a_rule_names_is_left_alone(cluster: DirectoryCluster) -> None:
    put(cluster, GIT)
    ref = GIT.ref
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop", "uid": "u-1"}
    patch = {"metadata": {"ownerReferences": [owner]}}
    cluster.merge_patch(
        KINDS[ref.group_kind].endpoint, ref.namespace, ref.name, patch, manager="shop"
    )
    (field,) = observed_with(cluster, GIT, IgnoreRule("metadata.owner*", "shop")).left_alone
    assert field.path == ("metadata", "ownerReferences")
    assert not observed_with(cluster, GIT, IgnoreRule("*")).left_alone, "`*` is for the spec"


EXTRA = {"baseURL": "https://evil.example.com"}


@pytest.mark.parametrize("glob", ["*", "spec.*", "spec.baseUR[L]", "spec.base*"])
def test_a_pattern_hides_no_field_that_decides_where_prompts_go(
    cluster: DirectoryCluster, glob: str
) -> None:
    put(cluster, GIT)
    edited(cluster, GIT, "cost-controller", **EXTRA)
    (extra,) = changed(cluster, GIT, IgnoreRule(glob)).foreign
    assert (extra.shown_path, extra.policy) == ("spec.baseURL", ExtraFields.FAIL)
    rule = IgnoreRule(glob)
    (note,) = notes((rule,), [observed_with(cluster, GIT, rule)])
    assert "spec.baseURL decides where prompts and keys go" in note


def test_a_pattern_leaves_no_such_field_of_git_to_others(cluster: DirectoryCluster) -> None:
    git = made(baseURL="https://mine.example.com")
    put(cluster, git)
    known = record(cluster, git, applied_by(live(cluster, git), US) or {})
    edited(cluster, git, "cost-controller", **EXTRA)
    change = changed(cluster, git, IgnoreRule("spec.*"), known=known)
    assert (change.state, change.ignored) == (State.DRIFTED, ())
    assert live(cluster, git)["spec"]["baseURL"] == "https://mine.example.com"


def test_a_rule_that_names_it_leaves_it_to_others_and_removes_nothing(
    cluster: DirectoryCluster,
) -> None:
    put(cluster, GIT)
    edited(cluster, GIT, "cost-controller", headers={"X-A": "1", "X-B": "2"}, **EXTRA)
    rules = (IgnoreRule("spec.baseURL"), IgnoreRule("spec.headers.X-A"))
    change = changed(cluster, GIT, *rules, extra_fields=(("*", ExtraFields.REMOVE),))
    assert [each.shown_path for each in change.foreign] == ["spec.headers.X-B"]
    after = live(cluster, GIT)["spec"]
    assert (after["headers"], after["baseURL"]) == ({"X-A": "1"}, EXTRA["baseURL"])
    assert [field.decides for field in change.ignored] == [True, True]


def test_what_is_applied_under_our_name_is_not_ignored(cluster: DirectoryCluster) -> None:
    """Anybody can use the name; the rule is about others."""
    put(cluster, made(baseURL="https://mine.example.com"))
    assert observed_with(cluster, GIT, IgnoreRule("spec.baseURL")).ignored == ()


def test_a_mapping_that_git_fills_only_with_ignored_fields_is_not_sent(
    cluster: DirectoryCluster,
) -> None:
    git = made(defaults={"maxTokens": 1})
    put(cluster, git)
    edited(cluster, git, "cost-controller", defaults={"maxTokens": 100})
    sent = observed_with(cluster, git, TOKENS).sent.body()
    assert "defaults" not in sent["spec"]
    assert sent["metadata"]["labels"]


def test_rules_that_match_nothing_are_told_if_anything_is_live(cluster: DirectoryCluster) -> None:
    rules = (TOKENS, IgnoreRule("spec.model", kind="Provider"))
    assert not list(notes(rules, [observed_with(cluster, GIT, *rules)]))
    put(cluster, GIT)
    edited(cluster, GIT, "cost-controller", defaults={"maxTokens": 100})
    (note,) = notes(rules, [observed_with(cluster, GIT, *rules)])
    assert note == "policy.ignore[1]: nobody else owns spec.model of a Provider"
    (other,) = notes((replace(TOKENS, manager="x"),), [observed_with(cluster, GIT)])
    assert other.endswith("nobody else owns spec.defaults.* as x")
