"""Secrets that could not be read: one entry for each, whoever needs it."""

from __future__ import annotations

import pytest

from reconciler.model.observation import ResolvedSecret
from reconciler.model.secret import SecretReading, SecretReference, SecretState
from reconciler.model.unchecked import Unchecked
from reconciler.stages.unchecked import unchecked_secrets
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


@pytest.mark.parametrize("state", list(SecretState))
def test_only_what_was_not_read_is_unchecked(state: SecretState) -> None:
    unread = state in (SecretState.FORBIDDEN, SecretState.ERROR)
    assert bool(unchecked_secrets([resolved("openai", state)])) is unread
