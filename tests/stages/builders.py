"""Small objects for the tests of the stages: live objects with owners, observations, a kind."""

from __future__ import annotations

from typing import Any

from reconciler.errors import Cause
from reconciler.kinds import KINDS
from reconciler.model.applyset import set_id
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import Policy
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.model.observation import Observation
from reconciler.model.record import Record, RecordedObject
from reconciler.stages.plan.inputs import PlanInput

US = "provider-reconciler"
SET_ID = set_id("prod", "llm-system")
REF = ObjectRef("omnia.altairalabs.ai", "Provider", "omnia", "claude")
API_VERSION = "omnia.altairalabs.ai/v1alpha1"
UID = "11111111-1111-1111-1111-111111111111"


def fields(*paths: str) -> JsonObject:
    """FieldsV1 of dotted paths: `spec.model` -> {"f:spec": {"f:model": {}}}."""
    root: JsonObject = {}
    for path in paths:
        node = root
        for step in path.split("."):
            node = node.setdefault(f"f:{step}", {})
    return root


def owner(
    manager: str, *paths: str, operation: str = "Apply", time: str = "2026-07-30T02:14:00Z"
) -> JsonObject:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": API_VERSION,
        "time": time,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields(*paths),
    }


def stored(spec: JsonObject, *owners: JsonObject, **metadata: Any) -> Document:
    """A live (or predicted) object."""
    meta = {
        "name": REF.name,
        "namespace": REF.namespace,
        "uid": UID,
        "resourceVersion": "7",
        "generation": 1,
        "managedFields": list(owners),
    }
    return Document.of(
        {
            "apiVersion": API_VERSION,
            "kind": "Provider",
            "metadata": meta | metadata,
            "spec": spec,
        }
    )


def manifest(spec: JsonObject) -> Manifest:
    document = Document.of(
        {
            "apiVersion": API_VERSION,
            "kind": "Provider",
            "metadata": {"name": REF.name, "namespace": REF.namespace},
            "spec": spec,
        }
    )
    template = Location("templates/omnia/claude.yaml.j2", 1, 1)
    origins = {(): Origin(template)}
    for line, key in enumerate(spec, start=6):
        origins["spec", key] = Origin(
            Location("templates/omnia/claude.yaml.j2", line, 3),
            (Location("environments/prod/values.yaml", line + 10, 5),),
        )
    return Manifest(REF, API_VERSION, document, origins)


def observation(
    spec: JsonObject,
    live: Document | None,
    predicted: Document | None,
    *conflicts: Cause,
) -> Observation:
    made = manifest(spec)
    return Observation(made, made.document, live, predicted, conflicts)


def conflict(field: str, manager: str) -> Cause:
    return Cause(field, "FieldManagerConflict", f'conflict with "{manager}"', manager, "Update")


def record(*paths: str, uid: str = UID) -> Record:
    """A record of one object, of which we owned these fields."""
    entry = RecordedObject(uid, "a" * 40, "", Document.of(fields(*paths)), "2026-07-30T00:00:00Z")
    return Record("prod", objects={REF: entry})


def given(known: Record | None = None, **policy: Any) -> PlanInput:
    return PlanInput(KINDS, Policy(**policy), US, SET_ID, known)
