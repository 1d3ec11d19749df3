"""The key `notify` of environment.yaml."""

from __future__ import annotations

from typing import Final

from reconciler.model.notify import IssueTarget, Notify, UrlSource
from reconciler.stages.load.file import EnvironmentFile
from reconciler.stages.load.findings import LoadFindings

_HOOKS: Final = ("webhook", "slack", "teams")


def read_notify(file: EnvironmentFile, findings: LoadFindings) -> Notify:
    """Where the news of an environment goes. Each webhook names either a variable or a file with its URL."""
    form = file.form.notify
    issue = None
    if form.issue:
        issue = IssueTarget(form.issue.forge, form.issue.repository, form.issue.api_url or "")
    hooks = []
    for name in _HOOKS:
        url = getattr(form, name)
        if url is None:
            continue
        if bool(url.variable) == bool(url.file):
            message = f"`notify.{name}` takes either a variable or a file that holds the URL"
            hint = "such as {variable: RECONCILER_OPS}"
            findings.add("E003", message, file.location("notify", name), hint)
        hooks.append((name, UrlSource(url.variable or "", url.file or "")))
    return Notify(issue, tuple(hooks), form.events)
