"""Seal: what binds a plan to what was reviewed, without its content. Pure; `model/sealed.py` says why it is enough.

moves.py   how a plan differs from the one that was reviewed
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from reconciler.frozen import dataclass
from reconciler.model.change import Change, Plan
from reconciler.model.difference import FieldDifference, Writer
from reconciler.model.document import Document, Json, JsonObject, canonical, dig, dig_map
from reconciler.model.environment import Environment
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.marks import BOOKKEEPING
from reconciler.model.observation import Observed
from reconciler.model.path import show
from reconciler.model.revision import Revision
from reconciler.model.run import ClusterIdentity
from reconciler.model.sealed import SealedObject, SealedOptions, SealedPlan, SealedSchema, digest_of
from reconciler.model.secret import Keyring
from reconciler.semantics.schema.crd import Crd
from reconciler.text.foreign import masked_text

_MARKS: Final = ("labels", "annotations")
_NO_OPTIONS: Final = SealedOptions(())


@dataclass(frozen=True, slots=True)
class SealInput:
    """What a plan depends on, besides the objects.

    Attributes:
        crds: the live CRD of each kind.
        selected: the objects that `--only` selects; () without it.
        options: what the command line says about the plan.
        keyring: None without the fingerprint key.
    """

    version: str
    revision: Revision
    environment: Environment
    cluster: ClusterIdentity
    crds: Mapping[GroupKind, Crd]
    selected: tuple[ObjectRef, ...] = ()
    keyring: Keyring | None = None
    options: SealedOptions = _NO_OPTIONS


def seal(inputs: SealInput, plan: Plan, observed: Observed) -> SealedPlan:
    """The sealed plan; equal for equal inputs."""
    live = live_objects(observed)
    predicted = {each.manifest.ref: each.predicted for each in observed.objects}
    return SealedPlan(
        version=inputs.version,
        commit=inputs.revision.commit,
        dirty=inputs.revision.dirty,
        environment=inputs.environment.name,
        cluster=inputs.cluster.name,
        cluster_uid=inputs.cluster.uid,
        settings=_settings(inputs.environment),
        schemas=tuple(_schemas(inputs.crds, plan.changes)),
        only=tuple(sorted(ref.address for ref in inputs.selected)),
        options=inputs.options,
        key_id=inputs.keyring.key_id if inputs.keyring else "",
        objects=tuple(
            _sealed(change, live.get(change.ref), predicted.get(change.ref), inputs.keyring)
            for change in sorted(plan.changes, key=lambda change: change.ref)
        ),
    )


def live_objects(observed: Observed) -> dict[ObjectRef, JsonObject]:
    """The live objects of a plan: those of git, and those that are kept."""
    live = {each.manifest.ref: each.live.body() for each in observed.objects if each.live}
    return live | {orphan.ref: orphan.live.body() for orphan in observed.orphans}


def writers(live: JsonObject) -> tuple[Writer, ...]:
    """Who wrote the spec, the labels and the annotations of an object, and when; the last one first."""
    entries = dig(live, "metadata", "managedFields")
    weighed = (entry for entry in entries if _is_weighed(entry)) if entries else ()
    by = [
        Writer(*(str(dig(entry, key) or "") for key in ("manager", "operation", "time")))
        for entry in weighed
    ]
    return tuple(sorted(by, key=lambda w: (w.time, w.manager, w.operation), reverse=True))


def _is_weighed(entry: Json) -> bool:
    """Whether an entry of managedFields has more than the status, finalizers and bookkeeping."""
    owned = dig_map(entry, "fieldsV1")
    marks = (dig_map(owned, "f:metadata", f"f:{kind}") for kind in _MARKS)
    names = {name.removeprefix("f:") for mark in marks for name in mark if name != "."}
    return "f:spec" in owned or bool(names - set(BOOKKEEPING))


def _sealed(
    change: Change, live: JsonObject | None, predicted: Document | None, keyring: Keyring | None
) -> SealedObject:
    sealed = SealedObject(
        ref=change.ref,
        state=change.state,
        action=change.action,
        fields=tuple(map(_field, change.differences)),
        force=change.force,
        remove=tuple(masked_text(show(path)) for path in change.remove),
        uid=change.uid,
        generation=int(dig(live, "metadata", "generation") or 0),
        writers=digest_of([[w.manager, w.operation, w.time] for w in writers(live)])
        if live
        else "",
    )
    if keyring is None:
        return sealed
    return _with_digests(sealed, change, live, predicted, keyring)


def _with_digests(
    sealed: SealedObject,
    change: Change,
    live: JsonObject | None,
    predicted: Document | None,
    keyring: Keyring,
) -> SealedObject:
    sealed = replace(sealed, content=change.content)
    if not sealed.writes:
        return sealed

    def digest(side: str, body: JsonObject | None) -> str:
        return keyring.digest(canonical([side, change.ref.address, _weighed(body)])) if body else ""

    return replace(
        sealed,
        stored=digest("stored", predicted.body() if predicted else None),
        live=digest("live", live),
    )


def _weighed(body: JsonObject) -> JsonObject:
    """The part of an object that decides what an apply does."""
    metadata = dig_map(body, "metadata")
    marks = {
        kind: {k: v for k, v in dig_map(metadata, kind).items() if k not in BOOKKEEPING}
        for kind in _MARKS
    }
    return {"spec": body.get("spec"), **marks}


def _field(difference: FieldDifference) -> str:
    absent = difference.live.text is None, difference.predicted.text is None
    sign = {(True, False): "+", (False, True): "-"}.get(absent, "~")
    return f"{sign} {masked_text(difference.shown_path)}"


def _schemas(crds: Mapping[GroupKind, Crd], changes: Iterable[Change]) -> Iterator[SealedSchema]:
    used = {(change.ref.group_kind, change.endpoint.version) for change in changes}
    for kind, name in sorted(used):
        version = crds[kind].version(name) if kind in crds else None
        if version:
            yield SealedSchema(crds[kind].name, name, digest_of(version.facts_text))


def _settings(environment: Environment) -> str:
    """A digest of the policy and of where the environment may write; it has no values of manifests."""
    settings: dict[str, Any] = asdict(environment.policy)
    settings["fail_on"] = sorted(environment.policy.fail_on)
    return digest_of([settings, environment.home, sorted(environment.namespaces)])
