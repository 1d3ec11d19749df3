"""A webhook that takes JSON. Its URL may be a secret, so no message has more of it than the host."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from reconciler.errors import BadAnswer, DeliveryError, Unreachable, UsageError
from reconciler.http.service import Service, is_private
from reconciler.http.wire import Request

AUTHORIZATION: Final = "RECONCILER_WEBHOOK_AUTHORIZATION"  # a variable: `Bearer TOKEN`
_IN_CLUSTER: Final = (".svc", ".svc.cluster.local")


class Webhook:
    """A webhook at a URL.

    Raises:
        UsageError: it is not a URL, or others could read what is sent.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        server, self._path, host = _parts(url)
        authorization = environ.get(AUTHORIZATION, "")
        if not authorization.isprintable():
            raise UsageError(f"{AUTHORIZATION} contains characters that no header can have")
        if not is_private(url) and not host.endswith(_IN_CLUSTER):
            raise UsageError(
                "the webhook is not https", hint="http is for hosts in the cluster, *.svc"
            )
        headers = (("Authorization", authorization),) if authorization else ()
        self._host = host
        self._service = Service(
            server, "the webhook", headers, timeout=timeout, sleep=sleep, environ=environ
        )

    def close(self) -> None:
        self._service.close()

    def deliver(self, body: str) -> None:
        """Send a notification.

        Raises:
            DeliveryError: the webhook refuses it, or does not answer; it may have arrived.
        """
        request = Request(
            *("POST", self._path, "deliver the notification"),
            content=body.encode(),
            content_type="application/json",
            expects_json=False,
        )
        try:
            answer = self._service.send(request)
        except (Unreachable, BadAnswer) as error:
            raise DeliveryError(error.message, hint=error.hint, where=self._host) from None
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            raise DeliveryError(
                f"the webhook refuses the notification ({answer.status})", where=self._host
            )


def _parts(url: str) -> tuple[str, str, str]:
    """The server, the path with its query, and the host."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url:
        raise UsageError("the webhook is not a URL", hint="RECONCILER_WEBHOOK, or --webhook-file")
    if parts.username or parts.password:
        raise UsageError("the URL of the webhook holds credentials", hint=f"use {AUTHORIZATION}")
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}", f"{parts.path or '/'}{query}", host
