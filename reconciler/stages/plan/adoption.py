"""Names in `policy.adoptFrom` that match no live object."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.marks import field_managers, tool_of
from reconciler.model.observation import Observed
from reconciler.semantics.ownership.managed_fields import entries
from reconciler.text.suggest import suggest


def unmatched_names(adopt_from: tuple[str, ...], observed: Observed, applier: str) -> Iterator[str]:
    """A note on each name from which nothing can be adopted: misspelled, or its adoption has ended."""
    if not adopt_from:
        return
    lives = [each.live.body() for each in observed.objects if each.live]
    present = {entry.owner.manager for live in lives for entry in entries(live)} - {applier}
    tools = {tool_of(live)[0] for live in lives}
    for name in adopt_from if lives else ():
        if name not in tools and not field_managers([name]) & present:
            nearest = _nearest(name, present - field_managers(adopt_from))
            ending = f"; did you mean {nearest}?" if nearest else ", so nothing is left to adopt"
            yield f"policy.adoptFrom: {name} owns no field of a live object{ending}"


def _nearest(name: str, managers: set[str]) -> str:
    """The most similar manager, or one of the same program: kubectl has a name for each of its commands."""
    longer = sorted(each for each in managers if each.startswith(f"{name}-"))
    return longer[0] if longer else suggest(name, managers)
