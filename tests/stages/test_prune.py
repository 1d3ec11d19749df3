"""What is deleted together: consumers keep what they use, unless they are deleted as well."""

from __future__ import annotations

from typing import cast

from reconciler.kinds import KINDS
from reconciler.model.applyset import PART_OF
from reconciler.model.change import Action, Change, Plan, Result, State
from reconciler.model.document import Document
from reconciler.model.environment import PruneConsumers, PrunePolicy
from reconciler.model.identity import Endpoint, ObjectRef
from reconciler.model.record import Record, RecordedObject
from reconciler.ports import Cluster
from reconciler.stages.prune import PruneInput, choose, delete
from tests.fakes import Signals
from tests.stages.builders import SET_ID, UID, US, owner, stored

GROUP = "agent.flokoa.ai"
PROVIDER = ObjectRef(GROUP, "ModelProvider", "llm", "gateway")
MODEL = ObjectRef(GROUP, "Model", "llm", "fast")
AGENT = ObjectRef(GROUP, "Agent", "llm", "helper")
CHAIN = {PROVIDER: frozenset({MODEL}), MODEL: frozenset({AGENT})}
POLICY = PrunePolicy(enabled=True, max_percent=100)


class DeletingCluster:
    """The part of `ports.Cluster` that deletes."""

    connections = 1

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def delete(
        self, endpoint: Endpoint, namespace: str, name: str, *, uid: str, resource_version: str = ""
    ) -> None:
        del endpoint, namespace, uid, resource_version
        self.deleted.append(name)


def live() -> Document:
    return stored({"model": "one"}, owner(US, "spec.model"), labels={PART_OF: SET_ID})


def plan() -> Plan:
    """A provider and a model that git no longer has, in waves as they are applied."""
    changes = [
        Change(
            ref, KINDS[ref.group_kind].endpoint, State.KEPT, Action.SKIP, hint="kubectl delete it"
        )
        for ref in (PROVIDER, MODEL)
    ]
    return Plan(tuple((change,) for change in changes))


def inputs(
    users: dict[ObjectRef, frozenset[ObjectRef]], policy: PrunePolicy = POLICY
) -> PruneInput:
    recorded = RecordedObject(UID, "a" * 40, "", Document.of({}), "2026-07-30T00:00:00Z")
    record = Record("prod", objects={PROVIDER: recorded, MODEL: recorded})
    documents = {PROVIDER: live(), MODEL: live()}
    return PruneInput(
        policy,
        SET_ID,
        US,
        record,
        in_git=5,
        live=documents,
        namespaces=frozenset({"llm"}),
        users=users,
    )


def actions(made: Plan) -> dict[ObjectRef, Action]:
    return {change.ref: change.action for change in made.changes}


def test_a_model_and_its_provider_are_deleted_together_the_model_first() -> None:
    made = choose(inputs({PROVIDER: frozenset({MODEL})}), plan())
    assert actions(made) == {PROVIDER: Action.DELETE, MODEL: Action.DELETE}
    assert [change.ref for wave in made.deletions for change in wave] == [MODEL, PROVIDER]
    assert {change.warnings for change in made.changes} == {()}


def test_what_keeps_a_model_keeps_its_provider_as_well() -> None:
    made = choose(inputs(CHAIN), plan())
    assert actions(made) == {PROVIDER: Action.REFUSE, MODEL: Action.REFUSE}
    reasons = {change.ref: change.reason for change in made.changes}
    assert "Agent llm/helper still uses it" in reasons[MODEL]
    assert "Model llm/fast still uses it" in reasons[PROVIDER]


def test_with_the_permission_of_the_policy_both_go_and_the_plan_names_who_is_left() -> None:
    policy = PrunePolicy(enabled=True, max_percent=100, consumers=PruneConsumers.ALLOW)
    made = choose(inputs(CHAIN, policy), plan())
    warnings = {change.ref: change.warnings for change in made.changes}
    assert warnings == {PROVIDER: (), MODEL: ("Agent llm/helper still uses it",)}


def test_only_what_git_no_longer_has_is_decided() -> None:
    before = plan()
    kept = [Change(c.ref, c.endpoint, State.UNCHANGED, Action.NONE) for c in before.changes]
    unchanged = Plan((tuple(kept),))
    assert choose(inputs(CHAIN), unchanged) == unchanged


def test_a_provider_waits_until_a_model_with_finalizers_is_gone() -> None:
    made = choose(inputs({PROVIDER: frozenset({MODEL})}), plan())
    cluster = DeletingCluster()
    outcomes = delete(
        made,
        cast(Cluster, cluster),
        Signals(),
        lambda: False,
        unapplied=0,
        finalized=frozenset({MODEL}),
    )
    assert [(o.ref, o.result) for o in outcomes] == [
        (MODEL, Result.PRUNED),
        (PROVIDER, Result.SKIPPED),
    ]
    assert cluster.deleted == ["fast"]
