"""`notify`: compares reports with what was delivered, and delivers the news."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from reconciler.adapters.redactor import SecretRedactor
from reconciler.adapters.webhook import Webhook
from reconciler.cli.output import write_file
from reconciler.cli.redaction import cleaned
from reconciler.cli.saved.files import read_report, read_text
from reconciler.cli.streams import write_out
from reconciler.errors import ExitCode, RepositoryError, UsageError
from reconciler.model.combined import combined
from reconciler.reports._news import News, State, body_of, news, state_from, state_text


def send_news(files: tuple[str, ...], state: str, url: str, url_file: str) -> int:
    """Deliver what is new since the state, then remember it.

    Raises:
        DeliveryError: the webhook did not take it; the state is as before.
    """
    webhook = Webhook(_url(url, url_file))
    run = cleaned(combined([read_report(file) for file in files]), SecretRedactor())
    path = Path(state)
    with closing(webhook), _locked(path):
        fresh = news(run, _state(path))
        if fresh:
            webhook.deliver(body_of(run, fresh))
        write_file(path, state_text(fresh.state))
    write_out(f"{_counted(fresh)}\n")
    return ExitCode.OK


def _counted(fresh: News) -> str:
    numbers = {"new": fresh.began, "changed": fresh.changed, "resolved": fresh.ended}
    counted = ", ".join(f"{len(each):,} {word}" for word, each in numbers.items() if each)
    return f"delivered: {counted}" if counted else "no news"


def _url(url: str, file: str) -> str:
    if bool(url) == bool(file):
        raise UsageError(
            "notify takes the URL of a webhook, or a file with it",
            hint="set RECONCILER_WEBHOOK, or use --webhook-file",
        )
    return url or read_text(file).strip()


def _state(path: Path) -> State:
    try:
        return state_from(path.read_text(encoding="utf-8") if path.exists() else "")
    except UsageError as error:
        raise UsageError(error.message, hint=error.hint, where=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RepositoryError("the state cannot be read", where=str(path)) from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Runs that overlap wait for each other, so that each piece of news is sent by one of them."""
    try:
        with path.with_name(f".{path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise RepositoryError(f"cannot be written: {error.strerror}", where=str(path)) from None
