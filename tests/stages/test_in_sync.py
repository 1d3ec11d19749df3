"""What "in sync" means: one row for each condition, and what a watch then says and ends with."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reconciler.errors import ExitCode
from reconciler.model.change import Action, Change, State
from reconciler.model.difference import FieldValue, ForeignField
from reconciler.model.environment import DEFAULT_FAIL_ON, ExtraFields, FailOn
from reconciler.model.hold import Hold
from reconciler.model.identity import Endpoint, ObjectRef
from reconciler.model.live import LiveFinding, UnmanagedObject
from reconciler.model.resolution import ConsumerSecret, Copy
from reconciler.model.revision import Revision
from reconciler.model.rotation import Rotation, SecretRow
from reconciler.model.run import EnvironmentRun, RecordSummary, Run
from reconciler.model.secret import SecretReading, SecretReference, SecretState
from reconciler.model.unchecked import Unchecked
from reconciler.model.verbs import DRIFT
from reconciler.report import Style
from reconciler.reports import FORMATS
from reconciler.stages.verdict import in_sync_after, is_proven, with_verdict
from tests.stages.builders import REF

_ENDPOINT = Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers")
_UNCHANGED = Change(REF, _ENDPOINT, State.UNCHANGED, Action.NONE)
IN_SYNC = EnvironmentRun("prod", ExitCode.OK, changes=(_UNCHANGED,))
_FINDING = LiveFinding(REF, "POL001", "spec.baseURL", "the host is not allowed")


def in_state(state: State) -> EnvironmentRun:
    return replace(IN_SYNC, changes=(replace(_UNCHANGED, state=state),))


def with_extra(policy: ExtraFields, *, decides: bool = False) -> EnvironmentRun:
    extra = ForeignField(
        ("spec", "baseURL"), FieldValue.of("x"), None, decides=decides, policy=policy
    )
    return replace(IN_SYNC, changes=(replace(_UNCHANGED, foreign=(extra,)),))


def with_secret(state: SecretState, rotation: Rotation = Rotation.NONE) -> EnvironmentRun:
    reference = SecretReference("omnia", "claude", "spec.credential.secretRef", ("KEY",))
    return replace(
        IN_SYNC, secrets=(SecretRow(REF, reference, SecretReading(state, "KEY"), rotation),)
    )


def with_consumer(copy: Copy, state: SecretState = SecretState.OK) -> EnvironmentRun:
    reference = SecretReference("shop", "claude", "spec.credential.secretRef", ("KEY",))
    agent = ObjectRef("omnia.altairalabs.ai", "AgentRuntime", "shop", "shop")
    usable = SecretReading(SecretState.OK, "KEY")
    row = ConsumerSecret(
        agent, REF, reference, SecretReading(state, "KEY"), copy, reference, usable
    )
    return replace(IN_SYNC, consumer_secrets=(row,))


CONDITIONS: dict[str, tuple[EnvironmentRun, str]] = {
    "new": (in_state(State.NEW), "new objects"),
    "changed": (in_state(State.CHANGED), "changes"),
    "adopted": (in_state(State.ADOPTED), "objects to adopt"),
    "held": (in_state(State.HELD), "held"),
    "kept-held": (replace(IN_SYNC, changes=(replace(_UNCHANGED, hold=Hold("x")),)), "held"),
    "drifted": (in_state(State.DRIFTED), "drift"),
    "missing": (in_state(State.MISSING), "objects deleted from outside"),
    "foreign": (in_state(State.FOREIGN), "objects of another tool"),
    "conflict": (in_state(State.CONFLICT), "conflicts"),
    "removed": (in_state(State.REMOVED), "objects to delete"),
    "waiting": (in_state(State.WAITING), "waiting for the cluster"),
    "invalid": (in_state(State.INVALID), "refused by the cluster"),
    "failed": (in_state(State.FAILED), "not observed"),
    "extra-field": (with_extra(ExtraFields.FAIL), "extra fields"),
    "reported-field": (
        with_extra(ExtraFields.REPORT, decides=True),
        "extra fields, only reported",
    ),
    "missing-key": (with_secret(SecretState.MISSING_KEY), "missing key"),
    "leaving-secret": (with_secret(SecretState.LEAVING), "missing key"),
    "rotated": (with_secret(SecretState.OK, Rotation.ROTATED), "open rotation"),
    "copy-differs": (with_consumer(Copy.DIFFERENT), "consumers with another key"),
    "another-key": (with_consumer(Copy.NO_COPY), "consumers with another key"),
    "record-unreadable": (
        replace(IN_SYNC, record=RecordSummary(lost=True, unreadable=True)),
        "record unreadable",
    ),
    "record-lost": (replace(IN_SYNC, record=RecordSummary(lost=True)), "record lost"),
    "key-lost": (
        replace(IN_SYNC, record=RecordSummary(applied="2026-07-01T00:00:00Z", key_lost=True)),
        "fingerprint key lost",
    ),
    "re-keyed": (
        with_secret(SecretState.OK, Rotation.BASELINE_RESET),
        "fingerprint key replaced",
    ),
    "unmanaged": (
        replace(IN_SYNC, unmanaged=(UnmanagedObject(REF, fails=True),)),
        "unmanaged objects",
    ),
    "unmanaged-forbidden": (
        replace(IN_SYNC, unmanaged=(UnmanagedObject(REF, findings=(_FINDING,)),)),
        "forbidden live values",
    ),
    "forbidden": (replace(IN_SYNC, live_findings=(_FINDING,)), "forbidden live values"),
    "unchecked": (
        replace(IN_SYNC, unchecked=(Unchecked("Secret", "llm/openai", "no permission"),)),
        "not checked",
    ),
    "limited": (replace(IN_SYNC, objects=10, only=(REF,)), "limited by --only"),
}
TOLERATED: dict[str, EnvironmentRun] = {
    "unchanged": IN_SYNC,
    "kept": in_state(State.KEPT),
    "tolerated-field": with_extra(ExtraFields.REPORT),
    "copy": with_consumer(Copy.SAME),
    "copy-not-read": with_consumer(Copy.UNKNOWN),
    "first-seen": with_secret(SecretState.OK, Rotation.FIRST_SEEN),
    "unmanaged": replace(IN_SYNC, unmanaged=(UnmanagedObject(REF),)),
}
every_condition = pytest.mark.parametrize("name", CONDITIONS)


def judged(environment: EnvironmentRun, *fail_on: FailOn) -> EnvironmentRun:
    return with_verdict(DRIFT, frozenset(fail_on) or DEFAULT_FAIL_ON, environment)


def printed(environment: EnvironmentRun) -> str:
    run = Run(DRIFT, "1", Revision(), (environment,))
    return "\n".join(form.render(run, Style()) for form in FORMATS.values())


def test_every_state_of_an_object_has_a_row() -> None:
    rows = [row for row, _ in CONDITIONS.values()] + list(TOLERATED.values())
    assert {change.state for row in rows for change in row.changes} == set(State)


@every_condition
def test_each_condition_is_a_gap(name: str) -> None:
    environment, word = CONDITIONS[name]
    assert word in judged(environment).not_in_sync


@every_condition
def test_only_another_key_of_consumers_leaves_a_revision_proven(name: str) -> None:
    """A promotion is about what git says; which key a consumer elsewhere reads is not in git."""
    environment, word = CONDITIONS[name]
    another_key, _ = CONDITIONS["another-key"]
    assert is_proven(environment) == (word == "consumers with another key")
    both = replace(environment, consumer_secrets=another_key.consumer_secrets)
    assert is_proven(both) == is_proven(environment)


def test_what_was_not_looked_at_elsewhere_is_a_gap_and_leaves_a_revision_proven() -> None:
    place = Unchecked("kind", "Model in llm", "no permission", elsewhere=True)
    environment = replace(IN_SYNC, unchecked=(place,))
    assert judged(environment).not_in_sync == ("not checked",)
    assert is_proven(environment)
    assert in_sync_after(environment)


@every_condition
def test_whatever_fails_a_run_no_report_says_only_in_sync(name: str) -> None:
    environment, _ = CONDITIONS[name]
    text = printed(judged(environment))
    alone: Callable[[str], bool] = lambda line: line.rstrip().endswith(": in sync")  # noqa: E731
    assert not any(map(alone, text.splitlines()))


@every_condition
def test_what_the_policy_does_not_fail_is_a_gap_all_the_same(name: str) -> None:
    environment, word = CONDITIONS[name]
    assert word in judged(environment, FailOn.NOT_READY).not_in_sync


@pytest.mark.parametrize("name", TOLERATED)
def test_anything_else_is_in_sync(name: str) -> None:
    ended = judged(TOLERATED[name])
    assert (ended.not_in_sync, ended.exit_code) == ((), ExitCode.OK)


def test_what_was_not_looked_at_is_said_beside_it() -> None:
    text = printed(judged(CONDITIONS["unchecked"][0]))
    assert "prod: in sync, 1 Secret not checked: no permission" in text


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, "in sync, but 1 added field decides where prompts and keys go (only reported)"),
        (
            {"unchecked": (Unchecked("Secret", "llm/openai", "no permission"),)},
            (
                "in sync, but 1 added field decides where prompts and keys go (only reported), "
                "1 Secret not checked: no permission"
            ),
        ),
    ],
)
def test_a_field_that_matters_is_said_though_the_policy_only_reports_it(
    more: dict[str, Any], verdict: str
) -> None:
    ended = judged(replace(CONDITIONS["reported-field"][0], **more), FailOn.DRIFT)
    assert ended.exit_code is ExitCode.OK
    assert f"prod: {verdict}" in printed(ended).splitlines()


@pytest.mark.parametrize(
    ("objects", "state", "verdict"),
    [
        (10, State.UNCHANGED, "1 selected object in sync, 9 others not checked (--only)"),
        (2, State.UNCHANGED, "1 selected object in sync, 1 other not checked (--only)"),
        (1, State.UNCHANGED, "1 selected object in sync, anything else not checked (--only)"),
        (10, State.NEW, "no drift; 1 object in git waits for apply, 9 others not checked (--only)"),
        (10, State.DRIFTED, "1 finding needs attention, 9 others not checked (--only)"),
    ],
)
def test_a_verdict_on_a_selection_counts_what_it_left_out(
    objects: int, state: State, verdict: str
) -> None:
    limited = judged(replace(in_state(state), objects=objects, only=(REF,)))
    lines = printed(limited).splitlines()
    assert f"prod: {verdict}" in lines
    (title,) = (line for line in lines if line.startswith("### "))
    assert title.endswith(f"`prod`: {verdict}")


def test_what_a_selection_left_out_fails_no_run() -> None:
    assert judged(CONDITIONS["limited"][0]).exit_code is ExitCode.OK


@pytest.mark.parametrize("name", ["record-lost", "key-lost"])
def test_a_loss_is_named_where_nothing_else_is_wrong(name: str) -> None:
    environment, word = CONDITIONS[name]
    assert f"prod: not in sync: {word}" in printed(judged(environment))


def test_every_report_for_people_names_the_consumers_that_read_a_rotated_key() -> None:
    environment = with_secret(SecretState.OK, Rotation.ROTATED)
    (row,) = environment.secrets
    readers = (ObjectRef("agent.flokoa.ai", "Agent", "shop", "support"),)
    ended = judged(replace(environment, secrets=(replace(row, readers=readers),)))
    run = Run(DRIFT, "1", Revision(), (ended,))
    for name in ("text", "markdown", "html"):
        text = re.sub("<[^>]+>|`", "", FORMATS[name].render(run, Style()))
        assert "1 Agent (shop/support) because of Provider" in text, name
