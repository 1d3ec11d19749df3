"""What Flokoa's kinds share: Secret references and the condition that counts."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kinds import _secrets
from reconciler.kinds._contract import Breach, Flag
from reconciler.model.document import JsonObject, dig, dig_map
from reconciler.model.path import FieldPath
from reconciler.model.readiness import Readiness, ReadyState
from reconciler.model.secret import Format, SecretReference

GROUP = "agent.flokoa.ai"
VERSION = "v1alpha1"
_NAME = "write name: and the name of a Secret in this namespace"
_KEY = "write key: and the key of that Secret, such as api-key"


class SecretKeyRef(_secrets.SecretKeyRef):
    """The CRD requires `key` and lets it, and the name, be empty."""

    optional: Flag = None

    def breaches(self, code: str, path: FieldPath) -> Iterator[Breach]:
        if not self.name:
            yield Breach(code, (*path, "name"), "the Secret reference names no Secret", _NAME)
        if self.key == "":
            yield Breach(code, (*path, "key"), "the Secret reference names no key", _KEY)

    def reference(
        self, namespace: str, path: FieldPath, wanted: Format = Format.ANY
    ) -> Iterator[SecretReference]:
        if self.name and self.key:
            yield SecretReference.at(
                path,
                namespace,
                self.name,
                (self.key,),
                optional=bool(self.optional),
                wanted=wanted,
            )


def ready(body: JsonObject) -> Readiness:
    """The condition `Ready`, believed only when the operator has seen this generation.

    The other conditions of a Model stay as they were when its provider vanishes.
    """
    condition = _condition(body, "Ready")
    if condition is None:
        return Readiness(ReadyState.NOT_JUDGED)
    seen = dig(body, "status", "observedGeneration")
    if seen != dig(body, "metadata", "generation"):
        return Readiness(
            ReadyState.NOT_JUDGED, "OldGeneration", "the operator has not seen the last change yet"
        )
    is_ready = condition.get("status") == "True"
    return Readiness(
        ReadyState.READY if is_ready else ReadyState.NOT_READY,
        str(condition.get("reason") or ""),
        str(condition.get("message") or ""),
        str(condition.get("lastTransitionTime") or ""),
    )


def _condition(body: JsonObject, wanted: str) -> JsonObject | None:
    conditions = dig_map(body, "status").get("conditions")
    for condition in conditions if isinstance(conditions, list) else ():
        if isinstance(condition, dict) and condition.get("type") == wanted:
            return condition
    return None
