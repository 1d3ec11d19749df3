"""Predicts the adoption of an object: the fields of the managers that the policy names become ours, then we apply."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import Refused
from reconciler.model import stamp
from reconciler.model.document import Document
from reconciler.model.observation import Observation, Refusal
from reconciler.semantics import server
from reconciler.semantics.ownership.adoption import Mover
from reconciler.semantics.ownership.fieldset import FieldSet
from reconciler.semantics.ownership.queries import element_path
from reconciler.semantics.schema.crd import Crd

# Annotations of this program that belong to a field manager of their own, or to a person.
_STAYS = FieldSet.of_paths([element_path(stamp.PATH)])


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
    context = server.WriteContext.for_prediction(moves.applier)
    ref, sent = observation.manifest.ref, observation.sent.body()
    try:
        stored = server.apply(crd, ref, moved, sent, context, force=True)
    except Refused as error:
        refusal = Refusal(error.reason, error.message, error.causes, error.hint)
        return replace(observation, predicted=None, refusal=refusal)
    return replace(
        observation,
        predicted=Document.of(stored.object),
        conflicts=tuple(c for c in observation.conflicts if c.manager not in names),
        adopted_from=names,
        adoption=Document.of(moves.patch(live)),
        warnings=(*observation.warnings, *stored.not_provable),
    )
