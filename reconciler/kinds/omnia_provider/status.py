"""Whether an Omnia Provider is ready, by its phase and conditions.

It has no condition `Ready`. A reconcile that fails early does not update `status.observedGeneration` and the later
conditions, and the operator never removes a condition, so only the generation of a condition shows if it is current.
"""

from __future__ import annotations

from reconciler.model.document import JsonObject, dig, dig_map
from reconciler.model.readiness import Readiness, ReadyState

# In the order in which a reconcile sets them: the first that is false explains the phase.
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
    current = [c for c in conditions if c.get("observedGeneration") == generation]
    if not current and status.get("observedGeneration") != generation:
        return Readiness(
            ReadyState.NOT_JUDGED, "OldGeneration", "the operator has not seen the last change yet"
        )
    if phase == "Ready":
        return _ready(current)
    # A condition of an older generation can keep the phase at Error: it explains the phase where no current one does.
    cause = _first_false(current) or _first_false(conditions) or {"reason": str(phase)}
    return _of(ReadyState.NOT_READY, cause)


def _ready(current: list[JsonObject]) -> Readiness:
    """The phase Ready does not prove that the key works: the reason says so where the operator could not check it."""
    for condition in current:
        if condition.get("type") == "CredentialValid" and condition.get("status") == "Unknown":
            return Readiness(ReadyState.READY, "Unverified", "the key was not verified")
    return Readiness(ReadyState.READY, "Ready")


def _conditions(status: JsonObject) -> list[JsonObject]:
    conditions = status.get("conditions")
    listed = conditions if isinstance(conditions, list) else []
    return [condition for condition in listed if isinstance(condition, dict)]


def _first_false(conditions: list[JsonObject]) -> JsonObject | None:
    false = {c.get("type"): c for c in conditions if c.get("status") == "False"}
    return next((false[name] for name in _ORDER if name in false), None)


def _of(state: ReadyState, condition: JsonObject) -> Readiness:
    return Readiness(
        state,
        str(condition.get("reason") or ""),
        str(condition.get("message") or ""),
        str(condition.get("lastTransitionTime") or ""),
    )
