"""Observe: reads everything that the plan needs from a cluster, and writes nothing.

It sends one LIST for each kind in each namespace of the environment, one GET for each namespace of an object, one dry
run for each object that is not provably unchanged, and one GET for each Secret. A refusal for one object (no namespace,
no permission) is a part of its observation, and the others are observed nevertheless.

    inputs.py    what to observe, and how
    cluster.py   the uid and the CRDs of the cluster, the fingerprint key
    secrets.py   what the Secret references resolve to
    external_secrets.py  the ExternalSecrets that write them
    predict.py   what the server would store
    namespaces.py  those that are being deleted
    others.py    objects that another tool applies
    adoption.py  what an apply removes once the fields of others are ours
    ignored.py   fields that are left to others
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import count

from reconciler.errors import ClusterError, Interrupted, RefusalReason, Refused
from reconciler.frozen import dataclass
from reconciler.model.applyset import PART_OF
from reconciler.model.document import Document, dig, dig_map
from reconciler.model.identity import Names, ObjectRef
from reconciler.model.manifest import Manifest
from reconciler.model.observation import Observation, Observed, Orphan, Refusal
from reconciler.model.unchecked import NO_PERMISSION, OBJECT, OBJECTS, UNREADABLE, Unchecked
from reconciler.ports import Cluster, Stop
from reconciler.semantics.ownership.queries import applied_by
from reconciler.stages.observe.ignored import IgnoreInput, with_ignored
from reconciler.stages.observe.inputs import ObserveInput, Place
from reconciler.stages.observe.namespaces import observe_namespaces
from reconciler.stages.observe.others import as_applied, predicted
from reconciler.stages.observe.predict import (
    is_unchanged,
    predict,
    predict_without_request,
    version_of,
)


@dataclass(frozen=True, slots=True)
class _Listing:
    """One LIST: the objects by name, and those that exist but cannot be read."""

    objects: Mapping[str, Document]
    unreadable: Mapping[str, Refusal]


Listings = Mapping[Place, _Listing | Refusal]


def observe(
    inputs: ObserveInput,
    cluster: Cluster,
    stop: Stop,
    progress: Callable[[int], None] = lambda _: None,
) -> Observed:
    """Read live objects and the server's predictions.

    Args:
        progress: called after each object of git, with how many are compared.

    Raises:
        Interrupted: a signal ended the run.
        ClusterError: the cluster cannot be reached; a refusal about one object or kind is a `Refusal` value.
    """
    with ThreadPoolExecutor(max_workers=cluster.connections) as pool:
        places = sorted(inputs.all_places)
        listed = pool.map(partial(_list, inputs, cluster), places)
        names = {ref.namespace for ref in inputs.desired}
        leaving, unread = observe_namespaces(names, cluster, pool)
        listings = dict(zip(places, listed, strict=True))
        compared: list[Observation] = []
        numbers = count(1)

        def undecided() -> Iterator[Observation]:
            """Those that need a request, which begins while the next objects are compared."""
            for manifest in inputs.manifests:
                compared.append(_compared(inputs, stop, listings, leaving, manifest))
                if _needs_request(compared[-1]):
                    yield compared[-1]
                else:
                    progress(next(numbers))

        # `map` takes all of them at once, so that `compared` is complete when it returns.
        answered = pool.map(partial(_answered, inputs, cluster, stop), undecided())
        objects = tuple(_merged(compared, _counted(answered, numbers, progress)))
    others = tuple(_not_in_git(inputs, listings))
    return Observed(
        objects,
        orphans=tuple(each for each in others if _is_ours(inputs, each.ref, each.live)),
        gone=frozenset(_gone(inputs, listings)),
        # Those of another ApplySet may be managed there.
        unmanaged=tuple(each for each in others if not _is_ours(inputs, each.ref, each.live)),
        unseen=any(map(_is_unseen, (listings[place] for place in inputs.places))),
        unchecked=(*unread, *_unchecked(inputs, listings)),
        notes=tuple(_notes(objects)),
    )


def _counted(
    answered: Iterable[Observation], numbers: Iterator[int], progress: Callable[[int], None]
) -> Iterator[Observation]:
    for observation in answered:
        progress(next(numbers))
        yield observation


def body_to_send(manifest: Manifest, set_id: str) -> Document:
    """What a server-side apply of a manifest sends: the manifest with the label of the ApplySet."""
    body = manifest.document.body()
    metadata = dig_map(body, "metadata")
    labels = dig_map(metadata, "labels") | {PART_OF: set_id}
    return Document.of(body | {"metadata": metadata | {"labels": labels}})


def _is_unseen(listing: _Listing | Refusal) -> bool:
    return isinstance(listing, Refusal) or bool(listing.unreadable)


def _notes(objects: tuple[Observation, ...]) -> Iterable[str]:
    if any(observation.offline for observation in objects):
        yield "the effect of webhooks: without permission for a dry run, the prediction was computed here"


def _unchecked(inputs: ObserveInput, listings: Listings) -> Iterable[Unchecked]:
    """The kinds that cannot be listed, in git or not, and objects that nobody can read and git does not have.

    A LIST of a place in git that fails for another reason than a permission is a part of its observations instead.
    """
    names, ours = Names.among(inputs.kinds), inputs.places
    in_git = {(ref.group_kind, ref.namespace) for ref in inputs.desired}
    for (kind, namespace), listing in listings.items():
        place, elsewhere = f"{names.kind(kind)} in {namespace}", (kind, namespace) not in ours
        if isinstance(listing, Refusal) and listing.reason is RefusalReason.FORBIDDEN:
            hint = f"allow list on {inputs.kinds[kind].endpoint.crd_name} in {namespace}"
            yield Unchecked(OBJECTS, place, NO_PERMISSION, hint, elsewhere)
        elif isinstance(listing, Refusal) and (kind, namespace) not in in_git:
            yield Unchecked(OBJECTS, place, UNREADABLE, listing.message, elsewhere)
        for name, why in ({} if isinstance(listing, Refusal) else listing.unreadable).items():
            ref = ObjectRef(kind.group, kind.kind, namespace, name)
            if ref not in inputs.desired:
                yield Unchecked(OBJECT, names.object(ref), UNREADABLE, why.message, elsewhere)


def _list(inputs: ObserveInput, cluster: Cluster, place: Place) -> _Listing | Refusal:
    """One LIST. Any failure is a refusal where nothing is ours, so that objects of others stop no run."""
    kind, namespace = place
    endpoint = inputs.kinds[kind].endpoint
    try:
        documents = cluster.list(endpoint, namespace)
    except Refused as refused:
        return Refusal.of(refused)
    except ClusterError as error:
        if place in inputs.places:
            raise
        return Refusal(RefusalReason.FAILED, error.message, hint=error.hint)
    return _Listing(
        {str(dig(document.body(), "metadata", "name")): document for document in documents},
        {
            broken.name: Refusal(RefusalReason.FAILED, f"{broken.where}: {broken.message}")
            for broken in cluster.unreadable(endpoint, namespace)
        },
    )


def _compared(
    inputs: ObserveInput,
    stop: Stop,
    listings: Listings,
    leaving: Mapping[str, Refusal],
    manifest: Manifest,
) -> Observation:
    """An object as far as the LIST shows it: without a prediction or a refusal, if that needs a request of its own."""
    _unless_stopped(stop)
    ref = manifest.ref
    sent = manifest.document if inputs.observes else body_to_send(manifest, inputs.set_id)
    observation = Observation(manifest, sent, live=None)
    listing = _listing(inputs, listings, ref)
    if isinstance(listing, Refusal):
        return replace(observation, refusal=listing)
    observation = replace(observation, live=listing.objects.get(ref.name))
    if ref.namespace in leaving:
        return replace(observation, refusal=leaving[ref.namespace])
    kind, version = inputs.kinds[ref.group_kind], version_of(inputs, manifest)
    ignoring = IgnoreInput(inputs.ignore, kind, version, inputs.manager)
    if not inputs.observes:
        return predict_without_request(inputs, with_ignored(ignoring, observation))
    observation = with_ignored(ignoring, as_applied(observation, inputs.manager))
    if is_unchanged(inputs, observation):
        return replace(observation, predicted=observation.live)
    return predicted(inputs.crds[ref.group_kind], inputs.manager, observation)


def _answered(
    inputs: ObserveInput, cluster: Cluster, stop: Stop, observation: Observation
) -> Observation:
    _unless_stopped(stop)
    return predict(inputs, cluster, observation)


def _unless_stopped(stop: Stop) -> None:
    if stop.requested:
        raise Interrupted("interrupted; nothing was written")


def _merged(
    compared: Iterable[Observation], answered: Iterator[Observation]
) -> Iterator[Observation]:
    """All observations, in the order of git."""
    for observation in compared:
        yield next(answered) if _needs_request(observation) else observation


def _needs_request(observation: Observation) -> bool:
    return observation.refusal is None and observation.predicted is None


def _listing(inputs: ObserveInput, listings: Listings, ref: ObjectRef) -> _Listing | Refusal:
    """The LIST that shows whether an object exists, or why none does."""
    listing = listings.get((ref.group_kind, ref.namespace))
    if listing is None:
        crd = inputs.kinds[ref.group_kind].endpoint.crd_name
        return Refusal(RefusalReason.NO_KIND, f"CRD {crd} is not installed")
    if isinstance(listing, Refusal):
        return listing
    return listing.unreadable.get(ref.name, listing)


def _not_in_git(inputs: ObserveInput, listings: Listings) -> Iterable[Orphan]:
    desired = inputs.desired
    for (kind, namespace), listing in listings.items():
        for name, live in ({} if isinstance(listing, Refusal) else listing.objects).items():
            ref = ObjectRef(kind.group, kind.kind, namespace, name)
            if ref not in desired:
                yield Orphan(ref, live)


def _is_ours(inputs: ObserveInput, ref: ObjectRef, live: Document) -> bool:
    """Whether we applied an object, as the record says, and nobody handed it over to another set.

    Anybody can write our label and use the name of our manager, which say so only where the record may lack an object.
    """
    body = live.body()
    metadata = dig_map(body, "metadata")
    part_of = dig(metadata, "labels", PART_OF)
    recorded = ref in inputs.known and inputs.known[ref] == metadata.get("uid")
    if part_of is None:
        return recorded
    unrecorded = inputs.may_be_ours(ref, leaving="deletionTimestamp" in metadata)
    marked = unrecorded and applied_by(body, inputs.manager) is not None
    return bool(part_of == inputs.set_id) and (recorded or marked)


def _gone(inputs: ObserveInput, listings: Listings) -> Iterable[ObjectRef]:
    """Recorded objects that are not in git, and that no longer exist or are no longer ours."""
    for ref in inputs.known.keys() - inputs.desired:
        listing = listings.get((ref.group_kind, ref.namespace))
        if isinstance(listing, _Listing) and ref.name not in listing.unreadable:
            live = listing.objects.get(ref.name)
            if live is None or not _is_ours(inputs, ref, live):
                yield ref
