"""When a verb needs a step."""

from __future__ import annotations

from reconciler.model.environment import OnRotation
from reconciler.model.verbs import Flow, Stamps, Verb
from reconciler.reconciliation import Reconciliation


def always(_: Verb, __: Reconciliation) -> bool:
    """Every verb that has the step runs it."""
    return True


def connects(_: Verb, state: Reconciliation) -> bool:
    """The sources can be read."""
    return not state.unreadable


def locks(verb: Verb, state: Reconciliation) -> bool:
    """The verb locks the environment, and the desired state is valid."""
    return verb.takes_lock and not state.invalid


def compares(_: Verb, state: Reconciliation) -> bool:
    """The desired state is valid."""
    return not state.invalid


def applies(verb: Verb, state: Reconciliation) -> bool:
    """The verb applies objects or says what an apply would do, and the sources can be read."""
    return verb.is_about_apply and connects(verb, state)


def proposes_apply(verb: Verb, state: Reconciliation) -> bool:
    """The verb applies objects, or prints commands that do, and the sources can be read."""
    return connects(verb, state) and (verb.flow is Flow.WATCH or applies(verb, state))


def compares_objects(verb: Verb, state: Reconciliation) -> bool:
    """The verb compares the live objects with git, and the desired state is valid."""
    return verb.compares_objects and compares(verb, state)


def stamps(verb: Verb, state: Reconciliation) -> bool:
    """The verb stamps providers with a rotated key, and the desired state is valid."""
    by_policy = state.environment.policy.on_rotation is OnRotation.STAMP
    chosen = verb.stamps is Stamps.ALWAYS or (verb.stamps is Stamps.BY_POLICY and by_policy)
    return chosen and not state.invalid


def reads_consumers(verb: Verb, state: Reconciliation) -> bool:
    """The verb names who is affected, and the desired state is valid."""
    return verb.reads_consumers and compares(verb, state)


def traces_reported(verb: Verb, state: Reconciliation) -> bool:
    """The verb names the consumers of what it reports, and the desired state is valid."""
    return reads_consumers(verb, state) and verb.compares_objects


def traces_addresses(verb: Verb, state: Reconciliation) -> bool:
    """The verb names the consumers of chosen objects, and the desired state is valid."""
    return reads_consumers(verb, state) and not verb.compares_objects


def seals_plan(verb: Verb, state: Reconciliation) -> bool:
    """The verb seals its plan, and the desired state is valid."""
    return verb.seals_plan and compares(verb, state)


def follows_plan(verb: Verb, state: Reconciliation) -> bool:
    """The verb is held to a plan that was reviewed, and the desired state is valid."""
    return verb.follows_plan and compares(verb, state)


def makes_key(verb: Verb, state: Reconciliation) -> bool:
    """The verb creates a missing fingerprint key, and the desired state is valid."""
    return verb.makes_key and compares(verb, state)


def writes(verb: Verb, state: Reconciliation) -> bool:
    """The verb writes objects or the record, and the desired state is valid."""
    return verb.writes and compares(verb, state)


def waits(verb: Verb, state: Reconciliation) -> bool:
    """The verb waits until objects are ready, and the desired state is valid."""
    return verb.waits and compares(verb, state)


def writes_objects(verb: Verb, state: Reconciliation) -> bool:
    """The verb writes objects, and the desired state is valid."""
    return verb.writes_objects and compares(verb, state)


def promotes(verb: Verb, state: Reconciliation) -> bool:
    """The verb applies objects or says what an apply would do, others come before the environment, and it is valid."""
    return bool(state.environment.after) and replaces_revision(verb, state)


def replaces_revision(verb: Verb, state: Reconciliation) -> bool:
    """The verb applies objects or says what an apply would do, and the desired state is valid."""
    return applies(verb, state) and compares(verb, state)
