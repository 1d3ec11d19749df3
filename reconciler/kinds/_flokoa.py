"""What the kinds of Flokoa have in common: Secret references, and the condition that decides readiness."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kind import FieldFinding
from reconciler.kinds import _secrets
from reconciler.kinds._findings import error
from reconciler.kinds._spec import Flag
from reconciler.model.document import JsonObject, dig, dig_map
from reconciler.model.path import FieldPath
from reconciler.model.readiness import Readiness, ReadyState
from reconciler.model.secret import Format, SecretReference

GROUP = "agent.flokoa.ai"
VERSION = "v1alpha1"
_NAME = "write name: and the name of a Secret in this namespace"
_KEY = "write key: and a key of that Secret, such as api-key"


class SecretKeyRef(_secrets.SecretKeyRef):
    """The CRD requires `key` but allows it to be empty, and it allows `name` to be empty or absent."""

    optional: Flag = None

    def missing_parts(self, code: str, path: FieldPath) -> Iterator[FieldFinding]:
        if not self.name:
            yield error(code, (*path, "name"), "the Secret reference has no name", _NAME)
        if self.key == "":
            yield error(code, (*path, "key"), "the Secret reference has no key", _KEY)

    def reference(
        self, namespace: str, path: FieldPath, expected: Format = Format.ANY
    ) -> Iterator[SecretReference]:
        if self.name and self.key:
            yield SecretReference.at(
                path,
                namespace,
                self.name,
                (self.key,),
                optional=bool(self.optional),
                value_format=expected,
            )


def ready(body: JsonObject) -> Readiness:
    """The condition `Ready`, once the operator has observed this generation of the object.

    The other conditions do not count: those of a Model do not change when its provider disappears.
    """
    condition = _condition(body, "Ready")
    if condition is None:
        return Readiness(ReadyState.NOT_JUDGED)
    observed = dig(body, "status", "observedGeneration")
    if observed != dig(body, "metadata", "generation"):
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


def _condition(body: JsonObject, name: str) -> JsonObject | None:
    conditions = dig_map(body, "status").get("conditions")
    for condition in conditions if isinstance(conditions, list) else ():
        if isinstance(condition, dict) and condition.get("type") == name:
            return condition
    return None
