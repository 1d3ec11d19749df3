"""A service to which reports are sent: its credentials do not change during a run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from reconciler.frozen import dataclass
from reconciler.http.deadline import Deadline
from reconciler.http.pool import open_pool
from reconciler.http.proxy import is_loopback
from reconciler.http.retry import Exchange
from reconciler.http.wire import Answer, Request, Session

_BACK_OFF: Final = 1.0  # seconds
_TRUST: Final = "SSL_CERT_FILE names the certificates to trust"


@dataclass(frozen=True, slots=True)
class _OneLogin:
    """The same credentials all the time."""

    only: Session

    def session(self, refused: int = 0) -> Session:  # noqa: ARG002 -- as `retry.Login` has it
        return self.only


class Service:
    """A service with a name for messages: `the forge`. Every request ends within `timeout` seconds, with all retries.

    Raises:
        UsageError: the proxy of `HTTPS_PROXY` cannot be used.
    """

    def __init__(
        self,
        url: str,
        name: str,
        headers: tuple[tuple[str, str], ...] = (),
        *,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._pool = open_pool(url, environ)
        session = Session(1, url, self._pool, headers, name, _TRUST)
        self._exchange = Exchange(_OneLogin(session), sleep, _BACK_OFF)
        self._timeout = timeout

    def close(self) -> None:
        self._pool.clear()

    def send(self, request: Request) -> Answer:
        """The last answer, with any status.

        Raises:
            Unreachable: there is no answer.
            BadAnswer: a success without the JSON that the request expects.
        """
        return self._exchange.send(request, Deadline(self._timeout))


def is_private(url: str) -> bool:
    """Whether nobody on the way can read what is sent to a URL: https, or this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")
