"""Step 4: read everything that the plan needs. All reading of the cluster stands here; nothing is written.

One LIST per kind and namespace that git or the record names, one dry-run per object that does not provably stay as it
is, one GET per Secret. What concerns one object (no namespace, no permission, a refusal) is noted at that object; the
others go on.

    cluster.py   which cluster this is, its schemas, the fingerprint key
    secrets.py   what the Secret references resolve to
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

from reconciler.errors import Interrupted, RefusalReason, Refused
from reconciler.kind import Kind
from reconciler.model.applyset import PART_OF
from reconciler.model.change import guarded
from reconciler.model.document import Document, dig, dig_map
from reconciler.model.identity import GroupKind, ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.observation import Observation, Observed, Orphan, Refusal
from reconciler.ports import Applied, Cluster, Stop
from reconciler.semantics import server
from reconciler.semantics.ownership.noop import stays
from reconciler.semantics.schema.crd import Crd
from reconciler.semantics.validation.objectmeta import identity_of

Kinds = Mapping[GroupKind, Kind]
Place = tuple[GroupKind, str]  # a kind in a namespace: what one LIST covers


@dataclass(frozen=True, slots=True)
class _Listing:
    """One LIST: objects by name, and those that are there but cannot be read."""

    objects: Mapping[str, Document]
    broken: Mapping[str, Refusal]


Listed = Mapping[Place, _Listing | Refusal]


@dataclass(frozen=True, slots=True)
class Question:
    """What to look at.

    Attributes:
        set_id: ApplySet id of the environment: the label on every object of ours.
        known: objects of the record, with their uid: their places are listed too, so that what git lost is found.
        more: further places where objects of ours may be: of an apply that did not end.
        crds: the live CRD by kind; a kind that is not in it has none.
        full: ask the server about every object, also where the no-op proof holds.
    """

    manifests: tuple[Manifest, ...]
    kinds: Kinds
    set_id: str
    manager: str
    known: Mapping[ObjectRef, str] = field(default_factory=dict)
    more: frozenset[Place] = frozenset()
    crds: Mapping[GroupKind, Crd] = field(default_factory=dict)
    full: bool = False


def observe(question: Question, cluster: Cluster, stop: Stop) -> Observed:
    """Read live objects and the server's predictions.

    Raises:
        Interrupted: asked to stop.
        ClusterError: the cluster cannot be asked at all; a refusal about one object or kind is a `Refusal`.
    """
    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        places = sorted(_places(question))
        listed = dict(zip(places, pool.map(partial(_list, question, cluster), places), strict=True))
        look = partial(_look, question, cluster, stop, listed)
        objects = tuple(pool.map(look, question.manifests))
    notes = [
        f"{kind.kind} in {namespace}: {found.message}"
        for (kind, namespace), found in listed.items()
        if isinstance(found, Refusal) and not _wanted(question, kind, namespace)
    ]
    if any(o.offline for o in objects):
        notes.append(
            "predicted without the server, which refuses dry-runs to this user: webhooks are not counted"
        )
    return Observed(
        objects,
        orphans=tuple(_orphans(question, listed)),
        gone=frozenset(_gone(question, listed)),
        unseen=any(isinstance(found, Refusal) for found in listed.values()),
        notes=tuple(notes),
    )


def body_to_send(manifest: Manifest, set_id: str) -> Document:
    """What a server-side apply of a manifest sends: itself, with the ApplySet's label."""
    body = manifest.document.body()
    metadata = dig_map(body, "metadata")
    labels = dig_map(metadata, "labels") | {PART_OF: set_id}
    return Document.of(body | {"metadata": metadata | {"labels": labels}})


def _places(question: Question) -> set[Place]:
    refs = {m.ref for m in question.manifests} | question.known.keys()
    places = {(ref.group_kind, ref.namespace) for ref in refs} | question.more
    return {p for p in places if p[0] in question.kinds and p[0] in question.crds}


def _wanted(question: Question, kind: GroupKind, namespace: str) -> bool:
    return any(
        m.ref.group_kind == kind and m.ref.namespace == namespace for m in question.manifests
    )


def _list(question: Question, cluster: Cluster, place: Place) -> _Listing | Refusal:
    kind, namespace = place
    endpoint = question.kinds[kind].endpoint
    try:
        found = cluster.list(endpoint, namespace)
    except Refused as refused:
        return _refusal(refused)
    broken = cluster.unreadable(endpoint, namespace)
    return _Listing(
        {str(dig(document.body(), "metadata", "name")): document for document in found},
        {b.name: Refusal(RefusalReason.FAILED, f"{b.where}: {b.message}") for b in broken},
    )


def _look(
    question: Question,
    cluster: Cluster,
    stop: Stop,
    listed: Listed,
    manifest: Manifest,
) -> Observation:
    if stop.asked:
        raise Interrupted("interrupted; nothing was written")
    ref = manifest.ref
    sent = body_to_send(manifest, question.set_id)
    listing = listed.get((ref.group_kind, ref.namespace))
    if listing is None:
        crd = question.kinds[ref.group_kind].endpoint.crd_name
        return Observation(
            manifest,
            sent,
            None,
            refusal=Refusal(RefusalReason.NO_KIND, f"CRD {crd} is not installed"),
        )
    refusal = listing if isinstance(listing, Refusal) else listing.broken.get(ref.name)
    if refusal or isinstance(listing, Refusal):
        return Observation(manifest, sent, None, refusal=refusal)
    live = listing.objects.get(ref.name)
    return _predict(question, cluster, Observation(manifest, sent, live))


def _predict(question: Question, cluster: Cluster, seen: Observation) -> Observation:
    """Ask the server what it would store; on a conflict once more with force, so that there is always an answer.

    An object that provably stays as it is costs no request.
    """
    if not question.full and _stays(question, seen):
        return replace(seen, predicted=seen.live)
    endpoint = question.kinds[seen.manifest.ref.group_kind].endpoint
    uid, version = identity_of(seen.live.body() if seen.live else {})

    def ask(*, force: bool) -> Applied:
        body = guarded(seen.sent, uid, version, force=force)
        return cluster.apply(endpoint, body, manager=question.manager, force=force, dry_run=True)

    return _answer(question, seen, ask)


def _stays(question: Question, seen: Observation) -> bool:
    """The no-op proof. Admission webhooks are not counted in it; `--full` asks the server."""
    crd = question.crds.get(seen.manifest.ref.group_kind)
    version = crd.version(seen.manifest.api_version.rpartition("/")[2]) if crd else None
    if version is None or seen.live is None:
        return False
    return stays(version, seen.live.body(), seen.sent.body(), question.manager)


def _answer(question: Question, seen: Observation, ask: Callable[..., Applied]) -> Observation:
    try:
        return _answered(seen, ask(force=False))
    except Refused as refused:
        if refused.reason is RefusalReason.FORBIDDEN and not seen.offline:
            return _predict_offline(question, seen, refused)
        if refused.reason is not RefusalReason.FIELD_CONFLICT:
            return replace(seen, refusal=_refusal(refused))
        seen = replace(seen, conflicts=refused.causes)
    try:
        return _answered(seen, ask(force=True))
    except Refused as refused:
        return replace(seen, refusal=_refusal(refused))


def _answered(seen: Observation, answer: Applied) -> Observation:
    return replace(seen, predicted=answer.document, warnings=answer.warnings)


def _predict_offline(question: Question, seen: Observation, why: Refused) -> Observation:
    """Without the permission to patch, `semantics` says what the server would store."""
    ref = seen.manifest.ref
    crd = question.crds.get(ref.group_kind)
    if crd is None:
        return replace(seen, refusal=_refusal(why))
    live = seen.live.body() if seen.live else None
    by = server.WriteContext.dry(question.manager)

    def ask(*, force: bool) -> Applied:
        stored = server.apply(crd, ref, live, seen.sent.body(), by, force=force)
        return Applied(Document.of(stored.object), stored.not_provable)

    return _answer(question, replace(seen, offline=True), ask)


def _refusal(refused: Refused) -> Refusal:
    return Refusal(refused.reason, refused.message, refused.causes, refused.hint)


def _orphans(question: Question, listed: Listed) -> Iterable[Orphan]:
    """Ours, and not in git."""
    desired = {m.ref for m in question.manifests}
    for (kind, namespace), listing in listed.items():
        for name, document in ({} if isinstance(listing, Refusal) else listing.objects).items():
            ref = ObjectRef(kind.group, kind.kind, namespace, name)
            if ref not in desired and _ours(question, ref, document):
                yield Orphan(ref, document)


def _ours(question: Question, ref: ObjectRef, live: Document) -> bool:
    """By the label, or by the record where someone took the label off the object that we applied."""
    metadata = dig_map(live.body(), "metadata")
    part_of = dig(metadata, "labels", PART_OF)
    if part_of is not None:
        return bool(part_of == question.set_id)  # another set: it was handed over
    return ref in question.known and question.known[ref] == metadata.get("uid")


def _gone(question: Question, listed: Listed) -> Iterable[ObjectRef]:
    """Of the record and not in git: not there any more, or not ours any more."""
    desired = {m.ref for m in question.manifests}
    for ref in question.known.keys() - desired:
        listing = listed.get((ref.group_kind, ref.namespace))
        if isinstance(listing, _Listing) and ref.name not in listing.broken:
            live = listing.objects.get(ref.name)
            if live is None or not _ours(question, ref, live):
                yield ref
