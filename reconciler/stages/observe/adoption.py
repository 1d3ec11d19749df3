"""Predicts an apply that adopts fields: those of the managers in `policy.adoptFrom` become ours before it.

Those of an object that lost its managedFields become ours again, as the record has them. Otherwise the apply would
share them with `before-first-apply`, under which the server keeps what has no owner, even once git removes it.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import Refused
from reconciler.model import hold, stamp
from reconciler.model.document import Document, JsonObject, dig
from reconciler.model.observation import Observation, Refusal
from reconciler.semantics import server
from reconciler.semantics.ownership.adoption import Mover
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.managed_fields import APPLY, FIELDS_V1
from reconciler.semantics.ownership.queries import element_path
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.observe.inputs import ObserveInput

# Annotations of this program that belong to a field manager of their own, or to a person.
_STAYS = FieldSet.of_paths(
    element_path(("metadata", "annotations", name)) for name in (stamp.ANNOTATION, hold.ANNOTATION)
)


def mover(observation: Observation, managers: frozenset[str], applier: str) -> Mover:
    """How an adoption of the object moves ownership."""
    ignored = FieldSet.of_paths(element_path(field.path) for field in observation.left_alone)
    return Mover(managers, applier, observation.manifest.api_version, _STAYS | ignored)


def adopted(crd: Crd, moves: Mover, observation: Observation) -> Observation:
    """The observation of an object whose fields move before the apply.

    The server predicts an apply without the move, so what remains is computed here: which fields the apply removes
    because git lacks them.
    """
    if observation.live is None or observation.predicted is None:
        return observation
    live, predicted = observation.live.body(), observation.predicted.body()
    names = moves.gives(live)
    moved = server.json_merge_patch(predicted, moves.patch(predicted))
    after = _applied(crd, moves.applier, moved, observation)
    return replace(
        after,
        conflicts=tuple(c for c in observation.conflicts if c.manager not in names),
        adopted_from=names,
        adoption=Document.of(moves.patch(live)),
    )


def restored(inputs: ObserveInput, observation: Observation) -> Observation:
    """The observation of an object whose managedFields somebody removed, once our fields are ours again."""
    manifest, live = observation.manifest, observation.live.body() if observation.live else {}
    known = (inputs.recorded or {}).get(manifest.ref)
    has_owners = live.get("metadata", {}).get("managedFields")
    crd = inputs.crds.get(manifest.ref.group_kind)
    ours = known is not None and known.uid == dig(live, "metadata", "uid") and known.owned.body()
    if has_owners or not ours or crd is None or observation.predicted is None:
        return observation
    entry = {
        "manager": inputs.manager,
        "operation": APPLY,
        "apiVersion": manifest.api_version,
        "fieldsType": FIELDS_V1,
        "fieldsV1": ours,
    }
    patch: JsonObject = {"metadata": {"managedFields": [entry]}}
    after = _applied(crd, inputs.manager, server.json_merge_patch(live, patch), observation)
    return replace(after, conflicts=(), adoption=Document.of(patch))


def _applied(crd: Crd, manager: str, live: JsonObject, observation: Observation) -> Observation:
    """The observation with what a forced apply to this live object would store."""
    ref, sent = observation.manifest.ref, observation.sent.body()
    context = server.WriteContext.for_prediction(manager)
    try:
        stored = server.apply(crd, ref, live, sent, context, force=True)
    except Refused as error:
        refusal = Refusal(error.reason, error.message, error.causes, error.hint)
        return replace(observation, predicted=None, refusal=refusal)
    warnings = (*observation.warnings, *stored.not_provable)
    return replace(observation, predicted=Document.of(stored.object), warnings=warnings)
