"""The destinations that environments name, by the revision that may decide them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.dependencies import Dependencies
from reconciler.errors import SafetyStop
from reconciler.model.notify import NOWHERE, Notify
from reconciler.ports import Redactor
from reconciler.stages.load import environments
from reconciler.stages.load.findings import UnusableEnvironment
from reconciler.steps import sources


def trusted_dependencies(inputs: Inputs, redactor: Redactor) -> Dependencies:
    """The repository and the clusters, as a revision says that may decide them.

    Raises:
        SafetyStop: a pull request would decide them.
    """
    deps = build_dependencies(inputs, redactor)
    revision = deps.repository.revision
    if not (revision.merged or deps.trusted):
        raise SafetyStop(
            f"{revision.short} is not in the history of the checked-out branch: it decides no destination",
            hint="--trust BASE takes them from BASE",
        )
    return deps


def destinations(deps: Dependencies, names: Iterable[str]) -> Mapping[str, Notify]:
    """The destinations of each environment. One that the repository no longer has, or cannot use, has none."""
    known = environments(deps.trusted or deps.repository)
    places = {}
    for name in names:
        places[name] = NOWHERE
        if name in known:
            try:
                places[name] = sources.load(deps, name).environment.notify
            except UnusableEnvironment:
                continue
    return places
