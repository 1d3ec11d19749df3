"""The connection pool and the credentials of one account, and new ones after a 401."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

import urllib3
from kubernetes.client import ApiClient, Configuration

from reconciler.adapters.kubernetes import credentials
from reconciler.adapters.kubernetes.kubeconfig import Account
from reconciler.errors import UsageError
from reconciler.http import proxy
from reconciler.http.wire import Session
from reconciler.ports import Redactor

_TRUST = "the kubeconfig's certificate-authority must be the cluster's"


class Login:
    """Thread-safe; credentials are read at the first request, and again when a server refuses them."""

    def __init__(
        self,
        account: Account,
        redactor: Redactor,
        connections: int,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._account = account
        self._redactor = redactor
        self._connections = connections
        self._environ = environ
        self._lock = threading.Lock()
        self._number = 0
        self._known = ""  # the Authorization that the redactor knows
        self._configuration: Configuration | None = None
        self._client: ApiClient | None = None

    def session(self, refused: int = 0) -> Session:
        """The current credentials; newer ones than those that were `refused`.

        Raises:
            UsageError, Unauthenticated: there are none.
        """
        with self._lock:
            if self._configuration is None or self._client is None or refused == self._number:
                self._renew()
            assert self._configuration is not None  # noqa: S101 -- for mypy
            assert self._client is not None  # noqa: S101 -- for mypy
            value = credentials.authorization(self._configuration)
            headers = self._account.headers
            if value:
                self._tell(value)
                headers = (("Authorization", value), *headers)
            pool: urllib3.PoolManager = self._client.rest_client.pool_manager
            url = self._configuration.host.rstrip("/")
            return Session(self._number, url, pool, headers, "the API server", _TRUST)

    def _tell(self, value: str) -> None:
        if value != self._known:
            self._redactor.register(value.partition(" ")[2].encode())
            self._known = value

    def _renew(self) -> None:
        configuration = self._account.load()
        configuration.connection_pool_maxsize = self._connections
        chosen = self._account.proxy or proxy.proxy_for(configuration.host, self._environ)
        configuration.proxy = chosen or None
        configuration.no_proxy = None  # already decided
        configuration.proxy_headers = proxy.headers_for(chosen)
        if not configuration.verify_ssl:
            # Said once, by `Account.warnings`, and not for each connection.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        try:
            self._client = ApiClient(configuration)
        except Exception:  # noqa: BLE001 -- a proxy's URL that urllib3 cannot use, SOCKS without PySocks
            raise UsageError("no connection can be made with this proxy") from None
        self._configuration = configuration
        self._number += 1
