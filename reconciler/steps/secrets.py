"""The steps about Secrets: read them, make the fingerprint key, compare, stamp."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.impact import ConsumerRead
from reconciler.model.refused_secrets import OWN_KEY
from reconciler.model.unchecked import FINGERPRINT_KEY, Unchecked
from reconciler.reconciliation import Reconciliation
from reconciler.stages.impact import Graph, consumer_reads
from reconciler.stages.observe.cluster import find_keyring, make_keyring
from reconciler.stages.observe.secrets import SecretsInput, observe_secrets
from reconciler.stages.resolution import certificates, compare_consumers, read_elsewhere
from reconciler.stages.secrets import compare_secrets as compare_with_record
from reconciler.stages.stamp import StampInput
from reconciler.stages.stamp import stamp as stamp_providers


def read_secrets(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Read the Secrets before the objects, so that the redactor knows their values.

    If the fingerprint key does not exist and the verb creates one, the fingerprints are made with the one that
    `make_key` will store, so that each Secret is read once.
    """
    deps.progress(state.name, "reading Secrets")
    key = find_keyring(
        state.environment,
        state.connection,
        needed=options.verb.needs_fingerprints,
        recorded=state.stored_record.has_fingerprints,
    )
    make = options.verb.makes_key and key.missing and not state.stored_record.homeless
    draft = state.connection.draft_keyring() if make else None
    inputs = _inputs(deps, state)
    read = observe_secrets(inputs, state.connection, key.keyring or draft, deps.stop)
    never_made = key.missing and draft is None and options.verb.needs_fingerprints and read.resolved
    return replace(
        state,
        keyring=key.keyring,
        draft_keyring=draft,
        read=read,
        key_notes=key.notes,
        key_hidden=key.hidden,
        key_unchecked=key.unchecked or (_never_made(state) if never_made else ()),
    )


def _never_made(state: Reconciliation) -> tuple[Unchecked, ...]:
    """An apply left no fingerprint key, so no rotation since then can be detected."""
    stored, home = state.stored_record, state.environment.home
    if stored.record is None or not stored.record.applied or stored.has_fingerprints:
        return ()
    hint = (
        f"allow create on secrets in {home} and run apply: without it, rotations cannot be detected"
    )
    return (Unchecked(FINGERPRINT_KEY, f"{home}/{OWN_KEY}", "it does not exist", hint),)


def make_key(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Store a missing fingerprint key, now that everything else has been read."""
    draft = state.draft_keyring
    if draft is None:
        return state
    made = make_keyring(state.environment, state.connection, needed=options.verb.needs_fingerprints)
    read = state.secrets_read
    if made.keyring is None:
        read = read.without_fingerprints()
    elif made.keyring.key_id != draft.key_id:  # another run was first
        inputs = _inputs(deps, state)
        read = observe_secrets(inputs, state.connection, made.keyring, deps.stop)
    return replace(
        state,
        keyring=made.keyring,
        draft_keyring=None,
        read=read,
        key_notes=made.notes,
        key_unchecked=made.unchecked,
    )


def _inputs(deps: Dependencies, state: Reconciliation) -> SecretsInput:
    providers = {manifest.ref: manifest.document for manifest in state.selected}
    reads: tuple[ConsumerRead, ...] = ()
    if state.consumed.objects:
        reads = consumer_reads(Graph.of(state.consumed, deps.consumers), providers)
    return SecretsInput(state.environment.name, state.selected, deps.kinds, reads)


def compare_secrets(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """Compare the Secrets with the stored record, and what consumers read with what operators do."""
    record = state.stored_record.record
    resolved, consumed = state.secrets_read.resolved, state.secrets_read.consumed
    every = (*resolved, *read_elsewhere(consumed, resolved))
    rows = compare_with_record(every, record, state.selected, deps.moment)
    consumers = compare_consumers(consumed, resolved, state.selected)
    return replace(
        state,
        secrets=rows,
        consumer_secrets=consumers,
        certificates=certificates((row for row in rows if not row.readers), deps.now()),
    )


def stamp(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Make the operators of providers with a rotated key reconcile."""
    inputs = StampInput(
        tuple(row for row in state.secrets if not row.readers),
        deps.kinds,
        state.stored_record.set_id,
        _live_provider(deps, state),
        state.keyring,
        deps.clock.now(),
        dry_run=options.verb.dry_run,
    )
    stamps = stamp_providers(inputs, state.connection, deps.stop, state.lock_lost)
    # Without a plan, nobody has looked whether there are objects of ours; without a record, nothing is rotated.
    lost = state.record_lost or (state.plan is None and state.stored_record.record is None)
    return replace(state, stamps=stamps, record_lost=lost)


def _live_provider(
    deps: Dependencies, state: Reconciliation
) -> Callable[[ObjectRef], Document | None]:
    """How to read a provider: as `observe` read it or, for a verb without that step, by one GET."""
    if state.plan is not None:
        return {each.manifest.ref: each.live for each in state.observation.objects}.get

    def get(ref: ObjectRef) -> Document | None:
        endpoint = deps.kinds[ref.group_kind].endpoint
        return state.connection.get(endpoint, ref.namespace, ref.name)

    return get
