"""The destinations that environments name, by the revision that may decide them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.dependencies import Dependencies
from reconciler.errors import SafetyStop
from reconciler.model.notify import NOWHERE, Notify
from reconciler.ports import Redactor
from reconciler.stages.load import environments, load
from reconciler.stages.load.findings import UnusableEnvironment

# What a job of a pull request has in its environment. It checks out what the pull request says.
_PULL_REQUEST: Final = {
    "GITHUB_EVENT_NAME": re.compile("pull_request"),  # Gitea and Forgejo, too
    "GITHUB_REF": re.compile("refs/pull/"),
    "CI_MERGE_REQUEST_IID": re.compile("[0-9]"),
}


def trusted_dependencies(inputs: Inputs, redactor: Redactor) -> Dependencies:
    """The repository and the clusters, as a revision says that may decide them.

    Raises:
        SafetyStop: a pull request would decide them.
    """
    deps = build_dependencies(inputs, redactor)
    if deps.trusted:
        return deps
    revision, hint = deps.repository.revision, "--trust BASE takes them from BASE"
    if not revision.merged:
        raise SafetyStop(
            f"{revision.short} is not in the history of the checked-out branch: its destinations are ignored",
            hint=hint,
        )
    if any(form.match(os.environ.get(name, "")) for name, form in _PULL_REQUEST.items()):
        raise SafetyStop(
            "this is the job of a pull request: its destinations are ignored", hint=hint
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
                places[name] = load(
                    deps.repository, deps.root, name, deps.kinds, deps.trusted
                ).notify
            except UnusableEnvironment:
                continue
    return places
