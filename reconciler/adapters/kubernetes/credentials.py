"""Credentials of a kubeconfig: checked, loaded by the kubernetes client, and never in a message."""

from __future__ import annotations

import base64
import binascii
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kubernetes.client import Configuration
from kubernetes.config import ConfigException, load_kube_config

from reconciler.adapters.kubernetes.sentences import sentence
from reconciler.errors import Unauthenticated, UsageError
from reconciler.model.command import kubectl
from reconciler.ports import Redactor

_CLIENT = threading.Lock()


def check(user: Mapping[str, Any], path: str) -> None:
    """`auth-provider` is refused: kubectl dropped it but for oidc, which the client refreshes over unverified TLS.

    Raises:
        UsageError: the user of the kubeconfig cannot be used.
    """
    if "auth-provider" in user:
        raise UsageError(
            f"{path}: `auth-provider` is not supported",
            hint="use an exec plugin (aws, gke-gcloud-auth-plugin, kubelogin, oidc-login)",
        )
    if "exec" in user and not (isinstance(user["exec"], dict) and user["exec"].get("command")):
        raise UsageError(f"{path}: the exec plugin names no command")
    groups, extra = user.get("as-groups") or [], user.get("as-user-extra") or {}
    lists = [groups, *extra.values()] if isinstance(extra, dict) else []
    if not lists or not all(isinstance(values, list) for values in lists):
        raise UsageError(f"{path}: as-groups and the values of as-user-extra are lists")


def register(user: Mapping[str, Any], redactor: Redactor) -> None:
    for name in ("token", "password"):
        if isinstance(user.get(name), str):
            redactor.register(user[name].encode())
    if isinstance(user.get("client-key-data"), str):
        try:
            redactor.register(base64.b64decode(user["client-key-data"]))
        except binascii.Error:
            redactor.register(user["client-key-data"].encode())


def impersonation(user: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The headers of `as`, `as-groups`, `as-uid` and `as-user-extra`: the kubernetes client forgets them."""
    headers = [("Impersonate-User", user.get("as")), ("Impersonate-Uid", user.get("as-uid"))]
    headers += [("Impersonate-Group", group) for group in user.get("as-groups") or ()]
    for key, values in (user.get("as-user-extra") or {}).items():
        headers += [(f"Impersonate-Extra-{key}", value) for value in values]
    return tuple((name, str(value)) for name, value in headers if value)


def load(path: str, context: str, user: Mapping[str, Any], redactor: Redactor) -> Configuration:
    """Let the client read the kubeconfig; its exec plugin runs.

    Raises:
        UsageError: the client cannot make anything of it.
        Unauthenticated: the exec plugin failed.
    """
    configuration = Configuration()
    with _client_alone() as log:
        try:
            load_kube_config(  # type: ignore[no-untyped-call]  # the client has no types
                path, context, configuration, persist_config=False
            )
        except Exception as error:  # noqa: BLE001 -- the client and its YAML raise many kinds
            # `from None`, and no text: the client's messages quote entries, tokens included.
            missing = isinstance(error, ConfigException) and str(error).startswith("File does not")
            text = f": {sentence(str(error), redactor)}" if missing else ""
            raise UsageError(f"{path}: the context {context} cannot be used{text}") from None
    if "exec" in user and not configuration.api_key and not configuration.cert_file:
        said = sentence("; ".join(log), redactor)
        raise Unauthenticated(
            f"the exec plugin {user['exec']['command']} gave no credentials"
            + (f": {said}" if said else ""),
            hint=f"`{_try(path, context)}` uses the same plugin",
        )
    return configuration


def _try(path: str, context: str) -> str:
    return kubectl(("--kubeconfig", path, "--context", context), "get", "namespaces")


def authorization(configuration: Configuration) -> str:
    """The Authorization header's value, renewed by the client if it knows it to be old; "" for none.

    Read here and not by the client's own way: releases differ in the name of the key, and 36.0.0 forgot one.

    Raises:
        Unauthenticated: it cannot be renewed, or cannot be sent (http.client would print it).
    """
    renew: Callable[[Configuration], object] | None = configuration.refresh_api_key_hook
    if renew is not None:
        with _client_alone():
            try:
                renew(configuration)
            except Exception:  # noqa: BLE001 -- as in `load`
                raise Unauthenticated("the credentials cannot be renewed") from None
    keys = configuration.api_key
    value = str(keys.get("BearerToken") or keys.get("authorization") or "").strip()
    if not (value.isascii() and value.isprintable()):
        raise Unauthenticated("the token holds a line break or another character that no token has")
    return value


@contextmanager
def _client_alone() -> Iterator[list[str]]:
    """The client as one thread at a time may use it; what it says comes back.

    It remembers the temporary file of an inline certificate before it has filled it, so that another thread would
    trust an empty one; and it reports a failed exec plugin on the root logger only.
    """
    said: list[str] = []

    def keep(record: logging.LogRecord) -> bool:
        if record.module != "kube_config":
            return True
        said.append(record.getMessage())
        return False

    root = logging.getLogger()
    silent = logging.NullHandler()  # without any handler `logging.error` would install one
    with _CLIENT:
        root.addHandler(silent)
        root.addFilter(keep)
        try:
            yield said
        finally:
            root.removeFilter(keep)
            root.removeHandler(silent)
