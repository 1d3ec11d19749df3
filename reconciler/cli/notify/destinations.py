"""The destinations of news: webhooks, whose deliveries a file remembers, and issues, which remember them themselves."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from reconciler.adapters.webhook import AUTHORIZATION, Webhook
from reconciler.cli.delivery.output import write_file
from reconciler.cli.execution.streams import write_error
from reconciler.cli.forge.comment import api_url, token_of
from reconciler.cli.saved.files import read_text
from reconciler.cli.wiring.dependencies import SystemClock
from reconciler.errors import RepositoryError, UsageError
from reconciler.frozen import dataclass
from reconciler.model.notify import IssueTarget
from reconciler.model.run import Run
from reconciler.reports._chat import BODIES
from reconciler.reports._forge_issue import has_later, issue_marker, issue_of
from reconciler.reports._news import News, State, news, state_from, state_text
from reconciler.text.foreign import masked_name

# Nothing is written through a link, and a pipe in place of the file blocks nobody.
_LOCK = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Remembered:
    """A file that remembers what was delivered, and the destination that it is about; "" for the one of the command."""

    file: str
    destination: str = ""

    def known(self, state: State) -> State:
        """What was delivered to this destination."""
        prefix = f"{self.destination}: " if self.destination else ""
        return {
            topic.removeprefix(prefix): issues
            for topic, issues in state.items()
            if topic.startswith(prefix)
        }

    def after(self, state: State, fresh: News) -> State:
        """The whole state, once the news is delivered."""
        prefix = f"{self.destination}: " if self.destination else ""
        return {**state, **{f"{prefix}{topic}": each for topic, each in fresh.state.items()}}


def tell_webhook(run: Run, url: str, body: str, remembered: Remembered) -> str:
    """Deliver what is new since the state, then remember it; what was done.

    Args:
        body: a format of `BODIES`.

    Raises:
        DeliveryError: the webhook did not take it; the state is as before.
    """
    own = {k: v for k, v in os.environ.items() if k != AUTHORIZATION or body == "json"}
    webhook = Webhook(url, environ=own)  # no chat gets the header that is for another webhook
    path = Path(remembered.file)
    with closing(webhook), locked(path):
        state = state_in(path)
        fresh = news(run, remembered.known(state), now=_now())
        if fresh:
            webhook.deliver(BODIES[body](run, fresh))
        remember(path, remembered, state, fresh)
    say_overtaken(fresh.overtaken)
    return counted(fresh)


def keep_issue(run: Run, target: IssueTarget, author: str = "") -> str:
    """Bring the issue of a run over one environment up to date; what was done.

    Raises:
        ForgeError: the forge refuses, or does not answer.
    """
    from reconciler.adapters.forge import FORGES
    from reconciler.adapters.forge.issues import Draft, Issues

    (environment,) = run.environments
    overtaken: set[str] = set()  # each attempt decides

    def decide(before: str, is_open: bool) -> Draft | None:
        now = _now()
        if has_later(before, run, now):
            overtaken.add(environment.name)
        issue = issue_of(run, before, is_open=is_open, now=now)
        return Draft(*issue) if issue else None

    dialect = FORGES[target.forge]
    token = token_of(dialect, os.environ)
    with closing(
        Issues(dialect, api_url(target.api_url, dialect), target.repository, token)
    ) as forge:
        done = forge.keep(issue_marker(run), decide, author=author)
    say_overtaken(overtaken)
    return f"issue {done}"


def remember(path: Path, remembered: Remembered, state: State, fresh: News) -> None:
    """Write down what is delivered now."""
    write_file(path, state_text(remembered.after(state, fresh)))


def say_overtaken(environments: Iterable[str]) -> None:
    """Say on stderr that a report is no news, since it is older than the one told last."""
    for name in environments:
        write_error(masked_name(f"{name}: a later report has already been sent\n"))


def _now() -> str:
    return SystemClock().now().isoformat()


def counted(fresh: News) -> str:
    numbers = {"new": fresh.began, "changed": fresh.changed, "resolved": fresh.ended}
    words = ", ".join(f"{len(each):,} {word}" for word, each in numbers.items() if each)
    return f"delivered: {words}" if words else "no news"


def alone(run: Run) -> Iterator[Run]:
    """A run for each environment."""
    return (replace(run, environments=(each,)) for each in run.environments)


def state_in(path: Path) -> State:
    """What was delivered.

    Raises:
        UsageError, RepositoryError: the file is no state, or cannot be read.
    """
    try:
        return state_from(read_text(str(path)) if path.exists() else "")
    except UsageError as error:
        raise UsageError(error.message, hint=error.hint, where=str(path)) from None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Runs that overlap wait for each other, so that each piece of news is sent by one of them.

    Whoever has the lock removes its file before others get it. Who waited for that one begins again.
    """
    name = path.with_name(f".{path.name}.lock")
    while not _is_current(lock := _locked_file(path, name), name, path):
        os.close(lock)
    try:
        yield
    finally:
        with suppress(OSError):
            name.unlink()
        os.close(lock)


def _locked_file(path: Path, name: Path) -> int:
    try:
        lock = os.open(name, _LOCK, 0o666)
    except OSError as error:
        raise RepositoryError(f"cannot be written: {error.strerror}", where=str(path)) from None
    if not stat.S_ISREG(os.fstat(lock).st_mode):
        os.close(lock)
        raise RepositoryError("its lock is not a regular file", where=str(path))
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _is_current(lock: int, name: Path, path: Path) -> bool:
    """Whether an open file still has this name."""
    try:
        return os.path.samestat(os.fstat(lock), name.lstat())
    except FileNotFoundError:
        return False
    except OSError as error:
        os.close(lock)
        raise RepositoryError(f"cannot be locked: {error.strerror}", where=str(path)) from None
