"""`--take`: for one run, apply takes over fields that others hold and the policy leaves to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.errors import UsageError
from reconciler.model.change import Change
from reconciler.model.difference import FieldDifference, Why
from reconciler.model.environment import OnDrift, Policy
from reconciler.model.observation import Observed
from reconciler.semantics.ownership.path_elements import printed
from reconciler.semantics.ownership.queries import element_path
from reconciler.text.suggest import did_you_mean, one_of


def field_name(text: str) -> str:
    """A field as the server prints it in a conflict: `spec.headers[X-Team]` is `.spec.headers.X-Team`."""
    return "." + re.sub(r"\[([^\]=]*)\]", r".\1", text.strip()).lstrip(".")


def reclaiming(policy: Policy, take: frozenset[str], fields: Iterable[FieldDifference]) -> Policy:
    """The policy for an object: if every field that drifted is taken, they are reclaimed."""
    drifted = {_name(each) for each in fields if each.why is Why.DRIFT}
    return replace(policy, on_drift=OnDrift.RECLAIM) if drifted and drifted <= take else policy


def refuse_unheld(take: frozenset[str], observed: Observed, changes: Iterable[Change]) -> None:
    """Check that others own every field to take; otherwise a misspelled field would go unnoticed.

    Raises:
        UsageError: nobody else does.
    """
    held = {cause.field for each in observed.objects for cause in each.conflicts}
    held |= {_name(each) for each in _held_by_others(changes)}
    for field in sorted(take - held):
        names = [name.lstrip(".") for name in held]
        near = did_you_mean(field.lstrip("."), names)
        raise UsageError(
            f"--take {field.lstrip('.')}: no other field manager owns this field with another value than git",
            hint=near or (f"it can take {one_of(names)}" if names else "apply without --take"),
        )


def _held_by_others(changes: Iterable[Change]) -> Iterator[FieldDifference]:
    for change in changes:
        yield from (each for each in change.differences if each.why is not Why.CHANGE)


def _name(difference: FieldDifference) -> str:
    return printed(element_path(difference.path))
