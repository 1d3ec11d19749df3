"""Whether an Omnia Provider works, by its phase and conditions.

There is no condition `Ready`. A reconcile that fails early leaves `status.observedGeneration` and later conditions
as they were, and no condition is ever removed, so each condition's own generation tells whether it is fresh.
"""

from __future__ import annotations

from reconciler.model.document import JsonObject, dig, dig_map
from reconciler.model.readiness import Readiness, ReadyState

# In the order of a reconcile: the first that is false explains the phase.
_ORDER = (
    "CredentialConfigured",
    "SecretFound",
    "AuthConfigured",
    "EndpointReachable",
    "ModelValid",
    "CredentialValid",
)


def readiness(body: JsonObject) -> Readiness:
    status = dig_map(body, "status")
    phase = status.get("phase")
    if not phase:
        return Readiness(ReadyState.NOT_JUDGED)
    generation = dig(body, "metadata", "generation")
    conditions = _conditions(status)
    fresh = [c for c in conditions if c.get("observedGeneration") == generation]
    if not fresh and status.get("observedGeneration") != generation:
        return Readiness(
            ReadyState.NOT_JUDGED, "OldGeneration", "the operator has not seen the last change yet"
        )
    if phase == "Ready":
        return _ready(fresh)
    # A condition of an older generation can hold the phase at Error, so it explains where no fresh one does.
    cause = _first_false(fresh) or _first_false(conditions) or {"reason": str(phase)}
    return _of(ReadyState.NOT_READY, cause)


def _ready(fresh: list[JsonObject]) -> Readiness:
    """Ready is no proof of a working key: say so where the operator could not check it."""
    for condition in fresh:
        if condition.get("type") == "CredentialValid" and condition.get("status") == "Unknown":
            return Readiness(ReadyState.READY, "Unverified", "the key was not verified")
    return Readiness(ReadyState.READY, "Ready")


def _conditions(status: JsonObject) -> list[JsonObject]:
    conditions = status.get("conditions")
    found = conditions if isinstance(conditions, list) else []
    return [condition for condition in found if isinstance(condition, dict)]


def _first_false(conditions: list[JsonObject]) -> JsonObject | None:
    wrong = {c.get("type"): c for c in conditions if c.get("status") == "False"}
    return next((wrong[name] for name in _ORDER if name in wrong), None)


def _of(state: ReadyState, condition: JsonObject) -> Readiness:
    return Readiness(
        state,
        str(condition.get("reason") or ""),
        str(condition.get("message") or ""),
        str(condition.get("lastTransitionTime") or ""),
    )
