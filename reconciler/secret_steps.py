"""The steps of the pipeline that concern Secrets; `steps.py` has the others."""

from __future__ import annotations

from dataclasses import replace

from reconciler.dependencies import Dependencies, Options
from reconciler.reconciliation import Reconciliation
from reconciler.stages.observe.secrets import SecretsInput, fingerprint
from reconciler.stages.secrets import compare_secrets as compare_with_record


def read_secrets(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Read the Secrets before the objects, so that the redactor knows their values."""
    return _fingerprinted(deps, options, state, make=False)


def make_key(deps: Dependencies, options: Options, state: Reconciliation) -> Reconciliation:
    """Create a missing fingerprint key, now that everything else has been read."""
    return state if state.keyring else _fingerprinted(deps, options, state, make=True)


def _fingerprinted(
    deps: Dependencies, options: Options, state: Reconciliation, *, make: bool
) -> Reconciliation:
    inputs = SecretsInput(
        state.environment,
        state.selected,
        deps.kinds,
        needed=options.verb.needs_fingerprints,
        recorded=state.stored_record.has_fingerprints,
    )
    key, resolved = fingerprint(inputs, state.connection, make=make)
    return replace(
        state,
        keyring=key.keyring,
        resolved=resolved,
        key_notes=key.notes,
        key_unchecked=key.unchecked,
    )


def compare_secrets(deps: Dependencies, _: Options, state: Reconciliation) -> Reconciliation:
    """Compare the Secrets with the stored record."""
    record = state.stored_record.record
    rows = compare_with_record(state.resolved, record, state.selected, deps.moment)
    return replace(state, secrets=rows)
