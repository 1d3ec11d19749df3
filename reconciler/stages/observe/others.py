"""Objects that another tool applies (`mode: observe`): what it owns is compared with git, and nothing is sent.

Argo CD, Flux or kubectl own their fields by an Apply or by an Update entry. Here both count as what the tool applied,
but for labels and annotations that git does not have: with them a tool marks what it manages.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import RefusalReason, Refused
from reconciler.model.document import Document, JsonObject, dig_map
from reconciler.model.observation import Observation, Refusal
from reconciler.ports import Applied
from reconciler.semantics import server
from reconciler.semantics.ownership.adoption import Mover
from reconciler.semantics.schema.crd import Crd

_MARKS = ("labels", "annotations")


def as_applied(observation: Observation, applier: str) -> Observation:
    """The observation with a live object whose fields of this tool are those of an apply."""
    if observation.live is None:
        return observation
    live, git = observation.live.body(), observation.manifest.document.body()
    mover = Mover(frozenset({applier}), applier, observation.manifest.api_version)
    if mover.gives(live):
        live = server.json_merge_patch(live, mover.patch(live))
    for entry in dig_map(live, "metadata").get("managedFields") or ():
        if entry.get("manager") == applier and entry.get("operation") == "Apply":
            _forget_marks(entry, git)
    return replace(observation, live=Document.of(live))


def _forget_marks(entry: JsonObject, git: JsonObject) -> None:
    owned = dig_map(entry, "fieldsV1", "f:metadata")
    for marks in _MARKS:
        ours = {f"f:{key}" for key in dig_map(git, "metadata", marks)}
        if kept := {
            key: below for key, below in dig_map(owned, f"f:{marks}").items() if key in ours
        }:
            owned[f"f:{marks}"] = kept
        else:
            owned.pop(f"f:{marks}", None)
    if not owned:
        dig_map(entry, "fieldsV1").pop("f:metadata", None)


def predicted(crd: Crd, applier: str, observation: Observation) -> Observation:
    """What the tool's next apply of git would store, computed here: another tool's name is never used in a request."""
    live = observation.live.body() if observation.live else None
    ref, sent = observation.manifest.ref, observation.sent.body()
    context = server.WriteContext.for_prediction(applier)

    def apply(*, force: bool) -> Applied:
        stored = server.apply(crd, ref, live, sent, context, force=force)
        return Applied(Document.of(stored.object), stored.not_provable)

    try:
        try:
            answer = apply(force=False)
        except Refused as refused:
            if refused.reason is not RefusalReason.FIELD_CONFLICT:
                raise
            observation = replace(observation, conflicts=refused.causes)
            answer = apply(force=True)
    except Refused as refused:
        return replace(observation, refusal=Refusal.of(refused))
    return replace(observation, predicted=answer.document, warnings=answer.warnings)
