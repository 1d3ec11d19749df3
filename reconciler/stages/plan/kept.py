"""The plan for an object of ours that is no longer in git."""

from __future__ import annotations

from reconciler.kind import Kind
from reconciler.model.change import Action, Change, State
from reconciler.model.command import shell
from reconciler.model.document import dig
from reconciler.model.hold import ANNOTATION, Hold
from reconciler.model.identity import ObjectRef
from reconciler.model.observation import Orphan
from reconciler.model.run import ClusterIdentity
from reconciler.semantics.ownership.atoms import root_atom
from reconciler.stages.plan.extra_fields import of_kept
from reconciler.stages.plan.holds import hold_on
from reconciler.stages.plan.inputs import PlanInput
from reconciler.stages.plan.ownership import Ownership, OwnershipInput


def kept(inputs: PlanInput, orphan: Orphan) -> Change:
    """The change for an object that stays in the cluster, with the command that deletes it."""
    live = orphan.live.body()
    kind = inputs.kind(orphan.ref.group_kind)
    known, crd = inputs.recorded(orphan.ref), inputs.crds.get(orphan.ref.group_kind)
    version = crd.version(kind.endpoint.version) if crd else None
    atom = root_atom(version.schema) if version else None
    ownership = Ownership.of(OwnershipInput(inputs.manager, known, (), live, live, atom=atom))
    hold = hold_on(inputs, live)
    return Change(
        ref=orphan.ref,
        endpoint=kind.endpoint,
        state=State.KEPT,
        action=Action.SKIP,
        reason=f"no longer in git; {_why(hold)}, so it stays in the cluster",
        hint="" if hold else _deletion(inputs.cluster or ClusterIdentity(""), kind, orphan.ref),
        foreign=of_kept(kind, inputs.policy, live, ownership, version) if known else (),
        readiness=kind.readiness(live),
        uid=str(dig(live, "metadata", "uid") or ""),
        resource_version=str(dig(live, "metadata", "resourceVersion") or ""),
        hold=hold,
    )


def _why(hold: Hold | None) -> str:
    """Why the object is kept. The stage `prune` decides later about objects that are not on hold."""
    if hold is None:
        return "this run does not prune"
    if hold.problem:
        return f"its annotation {ANNOTATION} cannot be used: {hold.problem}"
    return "it is held"


def _deletion(cluster: ClusterIdentity, kind: Kind, ref: ObjectRef) -> str:
    """The command that deletes an object."""
    if file := cluster.file(kind.endpoint, ref):
        return shell("rm", file)
    return cluster.kubectl("delete", kind.endpoint.crd_name, "-n", ref.namespace, ref.name)
