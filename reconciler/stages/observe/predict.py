"""What the server would store: by a dry run, by the no-op proof, or without permission by `semantics`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reconciler.errors import RefusalReason, Refused
from reconciler.model.change import guarded
from reconciler.model.document import Document
from reconciler.model.manifest import Manifest
from reconciler.model.observation import Observation, Refusal
from reconciler.ports import Applied, Cluster
from reconciler.semantics import server
from reconciler.semantics.ownership.noop import proves_noop
from reconciler.semantics.schema.crd import CrdVersion
from reconciler.semantics.validation.objectmeta import uid_and_resource_version
from reconciler.stages.observe.adoption import adopted, mover, restored
from reconciler.stages.observe.inputs import ObserveInput


def version_of(inputs: ObserveInput, manifest: Manifest) -> CrdVersion | None:
    """The version of the CRD that a manifest names; None if the cluster does not serve it."""
    crd = inputs.crds.get(manifest.ref.group_kind)
    return crd.version(manifest.api_version.rpartition("/")[2]) if crd else None


def predict_without_request(inputs: ObserveInput, observation: Observation) -> Observation:
    """Predict what the server would store where that needs no request: for an object that is provably unchanged."""
    if observation.live is None and not inputs.dry_run_new:
        return replace(observation, predicted=observation.sent)
    moves = mover(observation, inputs.adopt_from, inputs.manager)
    adopts = bool(inputs.adopt_from) and observation.live and moves.gives(observation.live.body())
    if not (inputs.full or adopts) and is_unchanged(inputs, observation):
        return replace(observation, predicted=observation.live)
    return observation


def predict(inputs: ObserveInput, cluster: Cluster, observation: Observation) -> Observation:
    """Predict what the server would store, by a dry run; after a conflict, by a second one with force."""
    live = observation.live.body() if observation.live else {}
    moves = mover(observation, inputs.adopt_from, inputs.manager)
    adopts = bool(moves.gives(live))
    kind = observation.manifest.ref.group_kind
    endpoint = inputs.kinds[kind].endpoint
    uid, version = uid_and_resource_version(live)

    def dry_run(*, force: bool) -> Applied:
        body = guarded(observation.sent, uid, version, force=force)
        return cluster.apply(endpoint, body, manager=inputs.manager, force=force, dry_run=True)

    answered = _with_answer(inputs, observation, dry_run)
    return adopted(inputs.crds[kind], moves, answered) if adopts else restored(inputs, answered)


def is_unchanged(inputs: ObserveInput, observation: Observation) -> bool:
    """The no-op proof, which ignores admission webhooks; `--full` sends a dry run instead."""
    version = version_of(inputs, observation.manifest)
    if version is None or observation.live is None:
        return False
    return proves_noop(version, observation.live.body(), observation.sent.body(), inputs.manager)


def _with_answer(
    inputs: ObserveInput, observation: Observation, dry_run: Callable[..., Applied]
) -> Observation:
    try:
        return _predicted(observation, dry_run(force=False))
    except Refused as refused:
        if refused.reason is RefusalReason.FORBIDDEN and not observation.offline:
            return _predict_offline(inputs, observation, refused)
        if refused.reason is not RefusalReason.FIELD_CONFLICT:
            return replace(observation, refusal=Refusal.of(refused))
        observation = replace(observation, conflicts=refused.causes)
    try:
        return _predicted(observation, dry_run(force=True))
    except Refused as refused:
        return replace(observation, refusal=Refusal.of(refused))


def _predicted(observation: Observation, answer: Applied) -> Observation:
    return replace(observation, predicted=answer.document, warnings=answer.warnings)


def _predict_offline(inputs: ObserveInput, observation: Observation, why: Refused) -> Observation:
    """Without the permission to patch, `semantics` computes what the server would store."""
    ref = observation.manifest.ref
    crd = inputs.crds.get(ref.group_kind)
    if crd is None:
        return replace(observation, refusal=Refusal.of(why))
    live = observation.live.body() if observation.live else None
    context = server.WriteContext.for_prediction(inputs.manager)

    def dry_run(*, force: bool) -> Applied:
        stored = server.apply(crd, ref, live, observation.sent.body(), context, force=force)
        return Applied(Document.of(stored.object), stored.not_provable)

    return _with_answer(inputs, replace(observation, offline=True), dry_run)
