"""Secrets that could not be read: one entry for each, whoever needs it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.model.identity import ObjectRef
from reconciler.model.impact import Affected, Consequence, Effect
from reconciler.model.observation import ResolvedSecret
from reconciler.model.rotation import Rotation, SecretRow
from reconciler.model.secret import SecretReading, SecretReference, SecretState
from reconciler.model.unchecked import Unchecked
from reconciler.stages.unchecked import unchecked_pick_ups, unchecked_secrets
from tests.stages.builders import REF


def resolved(name: str, state: SecretState, field: str = "spec.a") -> ResolvedSecret:
    return ResolvedSecret(REF, SecretReference("llm", name, field, ("key",)), SecretReading(state))


def test_a_secret_without_permission_is_told_once_with_the_permission() -> None:
    rows = [
        resolved("openai", SecretState.FORBIDDEN),
        resolved("openai", SecretState.FORBIDDEN, "spec.b"),
        resolved("other", SecretState.OK),
    ]
    hint = "allow get on secrets openai in llm"
    assert unchecked_secrets(rows) == (Unchecked("Secret", "llm/openai", "no permission", hint),)


def test_the_hint_of_a_reading_is_not_a_template() -> None:
    hint = "kubectl get secret -o jsonpath='{.data}' --context {a"
    row = resolved("openai", SecretState.ERROR)
    (unchecked,) = unchecked_secrets([replace(row, reading=replace(row.reading, hint=hint))])
    assert unchecked.hint == hint


@pytest.mark.parametrize("state", list(SecretState))
def test_only_what_was_not_read_is_unchecked(state: SecretState) -> None:
    unread = state in (SecretState.FORBIDDEN, SecretState.ERROR)
    assert bool(unchecked_secrets([resolved("openai", state)])) is unread


ROTATED = SecretRow(
    REF,
    SecretReference("llm", "openai", "spec.a", ("key",)),
    SecretReading(SecretState.OK, "key"),
    Rotation.ROTATED,
    since="2026-08-20T00:00:00Z",
)


def holder(**of: Any) -> Affected:
    consumer = ObjectRef("omnia.altairalabs.ai", "AgentRuntime", "shop", "far")
    keeps = Consequence(Effect.KEEPS_OLD)
    secret = ROTATED.reference.secret
    return replace(Affected(secret, consumer, secret, keys=("key",), on_rotation=keeps), **of)


def test_a_consumer_whose_pods_nobody_may_list_is_not_checked() -> None:
    rows = [holder(unread="no permission to list pods in shop"), holder(path="spec.other")]
    unlisted, forbidden = unchecked_pick_ups([ROTATED], rows, {ROTATED.key})
    assert unlisted == Unchecked(
        "consumer",
        "AgentRuntime shop/far",
        "its pods were not listed",
    )
    assert forbidden == Unchecked(
        "consumer",
        "AgentRuntime shop/far",
        "no permission",
        "no permission to list pods in shop, which tell whether it has the rotated key",
    )


@pytest.mark.parametrize(
    "of",
    [
        {"started": ()},
        {"started": ("2026-08-19T00:00:00Z",)},
        {"created": "2026-08-21T00:00:00Z"},
        {"keys": ("other",)},
        {"root": ObjectRef("", "Secret", "llm", "other")},
    ],
    ids=["not-running", "old", "younger", "another-key", "another-secret"],
)
def test_a_consumer_that_is_known_or_reads_another_key_is_checked(of: dict[str, Any]) -> None:
    assert unchecked_pick_ups([ROTATED], [holder(**of)], {ROTATED.key}) == ()


def test_an_open_rotation_in_a_cluster_without_pods_names_its_consumers_itself() -> None:
    rows = [holder(unread="no permission to list pods in shop"), holder(unread="it has no pods")]
    (forbidden,) = unchecked_pick_ups([ROTATED], rows, frozenset())
    assert forbidden.reason == "no permission"
