"""A Prometheus Pushgateway: the metrics of a run, one group for each environment and command.

A push replaces its group, so metrics of objects that are gone disappear, and those of other environments stay.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from reconciler.errors import BadAnswer, DeliveryError, Unreachable, UsageError
from reconciler.http.service import Service, is_private
from reconciler.http.service_url import service_url
from reconciler.http.wire import Request

AUTHORIZATION: Final = "RECONCILER_PUSH_AUTHORIZATION"  # a variable: `Bearer TOKEN`, `Basic ...`
_JOB: Final = "provider-reconciler"
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


class Pushgateway:
    """The Pushgateway at a URL such as `http://pushgateway.monitoring:9091`.

    Raises:
        UsageError: it is not a URL, or the credentials would be readable on the way.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        parts = _parts(url)
        authorization = environ.get(AUTHORIZATION, "")
        if not authorization.isprintable():
            raise UsageError(f"{AUTHORIZATION} contains characters that no header can have")
        if authorization and not is_private(url):
            raise UsageError(
                "--push: credentials are only sent to https", hint=f"unset {AUTHORIZATION}"
            )
        headers = (("Authorization", authorization),) if authorization else ()
        self._where = f"{parts[0]}://{parts[1]}"
        self._service = Service(
            url.rstrip("/"),
            "the Pushgateway",
            headers,
            timeout=timeout,
            sleep=sleep,
            environ=environ,
        )

    def close(self) -> None:
        self._service.close()

    def push(self, command: str, environment: str, metrics: str) -> None:
        """Replace the metrics of an environment and a command.

        Raises:
            DeliveryError: the Pushgateway refuses them, or does not answer.
        """
        path = (
            f"/metrics/job/{_JOB}{_label('command', command)}{_label('environment', environment)}"
        )
        request = Request(
            *("PUT", path, "push the metrics"),
            content=metrics.encode(),
            content_type=_TEXT,
            expects_json=False,
        )
        try:
            answer = self._service.send(request)
        except (Unreachable, BadAnswer) as error:
            raise DeliveryError(error.message, hint=error.hint, where=self._where) from None
        if answer.status not in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
            raise DeliveryError(
                f"the Pushgateway refuses the metrics ({answer.status})",
                hint=_HINTS.get(answer.status, ""),
                where=self._where,
            )


_HINTS: Final = {
    400: "its log says why; did another job push metrics of the same names with another type?",
    401: f"{AUTHORIZATION} has its credentials",
    403: f"{AUTHORIZATION} has its credentials",
    404: "is it the URL of a Pushgateway, without /metrics?",
}


def _parts(url: str) -> tuple[str, str]:
    """The scheme and the host of the URL, without credentials."""
    example = "http://pushgateway.monitoring:9091"
    parts = service_url("--push", url, example=example, credentials=AUTHORIZATION)
    return parts.scheme, parts.netloc


def _label(name: str, text: str) -> str:
    """A part of the grouping key; base64 for a value that would be several parts of a path."""
    if "/" not in text and text:
        return f"/{name}/{quote(text, safe='')}"
    encoded = base64.urlsafe_b64encode(text.encode(errors="replace")).decode() or "="
    return f"/{name}@base64/{encoded}"
