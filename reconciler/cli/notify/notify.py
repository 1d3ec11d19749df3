"""`notify`: compares reports with what was delivered, and delivers the news."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.delivery.links import refuse_links
from reconciler.cli.delivery.redaction import cleaned
from reconciler.cli.execution.guard import raise_any
from reconciler.cli.execution.streams import write_out
from reconciler.cli.forge.comment import forge_of
from reconciler.cli.notify.destinations import Remembered, alone, keep_issue, tell_webhook
from reconciler.cli.saved.files import read_report, read_text
from reconciler.cli.wiring.inputs import Inputs
from reconciler.dependencies import Dependencies
from reconciler.errors import ExitCode, ReconcilerError, UsageError
from reconciler.frozen import dataclass
from reconciler.model.combined import combined
from reconciler.model.notify import IssueTarget, Notify, UrlSource
from reconciler.model.run import Run

_BODIES = {"webhook": "json", "slack": "slack", "teams": "teams"}


@dataclass(frozen=True, slots=True)
class NotifyInput:
    """The options of `notify`; without a webhook and an issue, the environments name their destinations.

    Attributes:
        state: the file that remembers what was delivered to webhooks, and as Events.
        body: the format for the webhook.
        issue: keep an issue for each environment, in `repository` on `forge`.
        events: write Events in the cluster of each environment.
        allow_none: it is no error if no environment names a destination.
    """

    reports: tuple[str, ...]
    state: str = ""
    webhook: str = ""
    webhook_file: str = ""
    body: str = "json"
    issue: bool = False
    events: bool = False
    allow_none: bool = False
    forge: str = ""
    repository: str = ""
    api_url: str = ""
    author: str = ""


def send_news(chosen: NotifyInput, inputs: Inputs) -> int:
    """Deliver the news to every destination. If one fails, the others get theirs all the same.

    Raises:
        UsageError: there is no destination, or one is unusable.
        RepositoryError: the state is a link in the repository.
        DeliveryError: one did not take its news, which the next run sends again.
    """
    refuse_links(Path(chosen.state), Path(inputs.folder))
    by_options = bool(chosen.webhook or chosen.webhook_file or chosen.issue or chosen.events)
    run = cleaned(combined([read_report(file) for file in chosen.reports]), SecretRedactor())
    tasks = list(
        _of_options(chosen, run, inputs) if by_options else _of_environments(chosen, run, inputs)
    )
    failures = [failure for subject, task in tasks if (failure := _attempt(subject, task))]
    raise_any(failures)
    return ExitCode.OK


Task = Callable[[], str]  # returns what it did


def _attempt(subject: str, task: Task) -> ReconcilerError | None:
    try:
        done = task()
    except ReconcilerError as error:
        error.message = f"{subject.rstrip(': ')}: {error.message}" if subject else error.message
        return error
    write_out(f"{subject}{done}\n")
    return None


def _of_options(chosen: NotifyInput, run: Run, inputs: Inputs) -> Iterator[tuple[str, Task]]:
    if chosen.webhook or chosen.webhook_file:
        url = _url(chosen.webhook, chosen.webhook_file)
        remembered = Remembered(_state_file(chosen))
        yield "", lambda: tell_webhook(run, url, chosen.body, remembered)
    if chosen.issue:
        target = IssueTarget(
            chosen.forge or forge_of(os.environ), chosen.repository, chosen.api_url
        )
        for single in alone(run):
            yield f"{single.environments[0].name}: ", _issue_task(single, target, chosen.author)
    if chosen.events:
        from reconciler.cli.notify.environments import trusted_dependencies

        deps = trusted_dependencies(inputs, SecretRedactor())
        for single in alone(run):
            yield f"{single.environments[0].name}: ", _events_task(single, deps, chosen)


def _of_environments(chosen: NotifyInput, run: Run, inputs: Inputs) -> Iterator[tuple[str, Task]]:
    """The destinations of the key `notify` of each environment in the reports."""
    from reconciler.cli.notify.environments import destinations, trusted_dependencies

    deps = trusted_dependencies(inputs, SecretRedactor())
    places = destinations(deps, [environment.name for environment in run.environments])
    if not any(places.values()):
        if chosen.allow_none:
            write_out("nobody to notify: no environment.yaml has the key notify\n")
            return
        raise UsageError(
            "there is nobody to notify",
            hint="set RECONCILER_WEBHOOK, use --webhook-file, --issue or --events, or write `notify` "
            "into environment.yaml",
        )
    for single in alone(run):
        (environment,) = single.environments
        yield from _of_environment(chosen, single, environment.name, places[environment.name])
        if places[environment.name].events:
            yield f"{environment.name}: ", _events_task(single, deps, chosen)


def _of_environment(
    chosen: NotifyInput, run: Run, name: str, notify: Notify
) -> Iterator[tuple[str, Task]]:
    for hook, source in notify.hooks:
        remembered = Remembered(_state_file(chosen), hook)
        yield f"{name}: {hook} ", _hook_task(run, hook, source, remembered)
    if notify.issue:
        at_ci = chosen.api_url if notify.issue.forge == forge_of(os.environ) else ""
        target = replace(notify.issue, api_url=notify.issue.api_url or at_ci)
        yield f"{name}: ", _issue_task(run, target, chosen.author)


def _events_task(run: Run, deps: Dependencies, chosen: NotifyInput) -> Task:
    from reconciler.cli.notify.events import tell_events

    remembered = Remembered(_state_file(chosen), "events")
    return lambda: tell_events(run, deps, remembered)


def _issue_task(run: Run, target: IssueTarget, author: str) -> Task:
    return lambda: keep_issue(run, target, author)


def _hook_task(run: Run, hook: str, source: UrlSource, remembered: Remembered) -> Task:
    return lambda: tell_webhook(run, url_in(source, hook), _BODIES[hook], remembered)


def url_in(source: UrlSource, hook: str) -> str:
    """The URL of a webhook, from the variable or the file that an environment names.

    Raises:
        UsageError: it is not set, or there is no such file.
    """
    if source.file:
        return read_text(source.file).strip()
    if url := os.environ.get(source.variable, "").strip():
        return url
    raise UsageError(f"{source.variable} is not set: it holds the URL of notify.{hook}")


def _state_file(chosen: NotifyInput) -> str:
    if not chosen.state:
        hint = "name a file that is kept between runs; it is created if it does not exist"
        raise UsageError(
            "this destination takes --state FILE, which remembers what was delivered", hint=hint
        )
    return chosen.state


def _url(url: str, file: str) -> str:
    if bool(url) == bool(file):
        raise UsageError(
            "notify takes the URL of a webhook, or a file with it",
            hint="set RECONCILER_WEBHOOK, or use --webhook-file",
        )
    return url or read_text(file).strip()
