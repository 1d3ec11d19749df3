"""Whether an object is ready, by the status that its operator writes: tables of status and readiness."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds import flokoa_model, flokoa_modelprovider, omnia_provider
from reconciler.model.readiness import ReadyState

READY, NOT_READY, NOT_JUDGED = ReadyState.READY, ReadyState.NOT_READY, ReadyState.NOT_JUDGED
GENERATION = 3

Case = tuple[dict[str, Any], ReadyState, str]


def condition(type_: str, status: str, reason: str, generation: int = GENERATION) -> dict[str, Any]:
    return {
        "type": type_,
        "status": status,
        "reason": reason,
        "message": f"about {type_}",
        "lastTransitionTime": "2026-08-01T10:00:00Z",
        "observedGeneration": generation,
    }


def flokoa(*conditions: dict[str, Any], observed: int = GENERATION) -> dict[str, Any]:
    return {"observedGeneration": observed, "conditions": list(conditions)}


VALIDATED = condition("Validated", "True", "Validated")
FLOKOA: dict[str, Case] = {
    "no status": ({}, NOT_JUDGED, ""),
    "ready": (flokoa(VALIDATED, condition("Ready", "True", "Validated")), READY, "Validated"),
    "not ready": (
        flokoa(condition("Ready", "False", "NoProviderSet")),
        NOT_READY,
        "NoProviderSet",
    ),
    "unknown": (flokoa(condition("Ready", "Unknown", "Waiting")), NOT_READY, "Waiting"),
    "of an older generation": (
        flokoa(condition("Ready", "True", "Validated"), observed=GENERATION - 1),
        NOT_JUDGED,
        "OldGeneration",
    ),
    "no observed generation": (
        {"conditions": [condition("Ready", "True", "Validated")]},
        NOT_JUDGED,
        "OldGeneration",
    ),
    "only other conditions": (flokoa(VALIDATED), NOT_JUDGED, ""),
    "the provider of a Model vanished": (
        flokoa(
            condition("ProviderResolved", "True", "Resolved"),
            condition("Ready", "False", "ProviderNotFound"),
        ),
        NOT_READY,
        "ProviderNotFound",
    ),
    "conditions that are not a list": ({"conditions": {"Ready": "True"}}, NOT_JUDGED, ""),
}


def omnia(phase: str, *conditions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"phase": phase, "conditions": list(conditions), **more}


CONFIGURED = condition("CredentialConfigured", "True", "SecretFound")
OMNIA: dict[str, Case] = {
    "no status": ({}, NOT_JUDGED, ""),
    "no phase yet": ({"conditions": [CONFIGURED]}, NOT_JUDGED, ""),
    "ready": (
        omnia("Ready", CONFIGURED, condition("CredentialValid", "True", "CredentialAccepted")),
        READY,
        "Ready",
    ),
    "the key could not be verified": (
        omnia(
            "Ready", CONFIGURED, condition("CredentialValid", "Unknown", "ValidationNotSupported")
        ),
        READY,
        "Unverified",
    ),
    "a condition named Ready does not count": (
        omnia(
            "Error",
            condition("Ready", "True", "Ready"),
            condition("ModelValid", "False", "ModelMissing"),
        ),
        NOT_READY,
        "ModelMissing",
    ),
    "stopped early, without a generation of its own": (
        omnia(
            "Error",
            condition("CredentialConfigured", "False", "PlaceholderCredential"),
            condition("SecretFound", "True", "SecretFound"),
            condition("CredentialValid", "True", "CredentialAccepted", GENERATION - 2),
            observedGeneration=GENERATION - 2,
        ),
        NOT_READY,
        "PlaceholderCredential",
    ),
    "unreachable": (
        omnia(
            "Unavailable",
            CONFIGURED,
            condition("EndpointReachable", "False", "EndpointUnreachable"),
        ),
        NOT_READY,
        "EndpointUnreachable",
    ),
    "an old condition that was never removed keeps the phase": (
        omnia(
            "Error",
            CONFIGURED,
            condition("CredentialValid", "False", "CredentialRejected", GENERATION - 1),
        ),
        NOT_READY,
        "CredentialRejected",
    ),
    "error without a reason": (omnia("Error", CONFIGURED), NOT_READY, "Error"),
    "of an older generation": (
        omnia(
            "Ready",
            condition("CredentialConfigured", "True", "SecretFound", GENERATION - 1),
            observedGeneration=GENERATION - 1,
        ),
        NOT_JUDGED,
        "OldGeneration",
    ),
    "nothing but a phase": (omnia("Ready"), NOT_JUDGED, "OldGeneration"),
}


def _object(status: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"generation": GENERATION}, "status": status}


@pytest.mark.parametrize("name", FLOKOA)
@pytest.mark.parametrize("module", [flokoa_modelprovider, flokoa_model], ids=["provider", "model"])
def test_flokoa(module: Any, name: str) -> None:
    status, state, reason = FLOKOA[name]

    readiness = module.KIND.readiness(_object(status))

    assert (readiness.state, readiness.reason) == (state, reason)


@pytest.mark.parametrize("name", OMNIA)
def test_omnia(name: str) -> None:
    status, state, reason = OMNIA[name]

    readiness = omnia_provider.KIND.readiness(_object(status))

    assert (readiness.state, readiness.reason) == (state, reason)


def test_readiness_has_the_time_and_the_message_of_the_condition() -> None:
    status = flokoa(condition("Ready", "False", "NoProviderSet"))

    readiness = flokoa_modelprovider.KIND.readiness(_object(status))

    assert (readiness.message, readiness.since) == ("about Ready", "2026-08-01T10:00:00Z")
