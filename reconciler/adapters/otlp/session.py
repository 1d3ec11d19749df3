"""How the library of OpenTelemetry sends: to nobody else, without other credentials, and without reading the answer.

The library would keep and unpack a body of any size, and its messages quote what the collector says. Only the status
of an answer decides.
"""

from __future__ import annotations

from typing import Any

import requests
from requests import exceptions

_OUTCOMES = {
    exceptions.TooManyRedirects: "it redirects, and redirects are not followed",
    exceptions.SSLError: "its certificate is not trusted, or TLS fails",
    exceptions.ProxyError: "the proxy does not answer",
    exceptions.Timeout: "no answer in time",
    exceptions.ConnectionError: "no answer",
}


class StatusSession(requests.Session):
    """A session whose answers are a status and headers.

    Attributes:
        outcome: of the last request, in a few words of our own.
    """

    def __init__(self) -> None:
        super().__init__()
        self.outcome = "no answer in time"
        self.max_redirects = 0
        self.auth = lambda request: request  # else ~/.netrc has a say

    def request(self, *words: Any, **options: Any) -> requests.Response:
        answer = requests.Response()
        try:
            with super().request(*words, **(options | {"stream": True})) as response:
                answer.status_code, answer.headers = response.status_code, response.headers
        except Exception as error:
            self.outcome = next(
                (text for kind, text in _OUTCOMES.items() if isinstance(error, kind)),
                "the request cannot be sent",
            )
            raise
        self.outcome = f"status {answer.status_code}"
        return answer
