"""Which API server, and as whom: by the user's own kubeconfig, else by the service account of the pod.

No message of the kubernetes client about a kubeconfig is passed on: such messages quote entries, tokens included.
"""

from __future__ import annotations

import difflib
import os
import stat
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from kubernetes.client import Configuration
from kubernetes.config import load_incluster_config
from kubernetes.config.kube_config import KubeConfigMerger

from reconciler.adapters.kubernetes import credentials, servers
from reconciler.errors import EnvironmentFileError, UsageError
from reconciler.frozen import dataclass
from reconciler.http import proxy
from reconciler.model.command import IN_CLUSTER
from reconciler.ports import Redactor


@dataclass(frozen=True, slots=True)
class KubeconfigChoice:
    """What the command line and the environment say."""

    kubeconfig: str | None = None  # None: KUBECONFIG, the home folder, the pod
    context: str = ""
    insecure_skip_tls_verify: bool = False
    in_cluster: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """One API server and one identity on it.

    Attributes:
        server: the URL of the API server, the same for every way to write it.
        load: reads server, trust and credentials anew; an exec plugin runs.
        headers: sent with each request: impersonation, as the kubeconfig says.
        proxy: of the kubeconfig; it wins over the proxy of the environment variables.
    """

    name: str
    server: str
    load: Callable[[], Configuration]
    headers: tuple[tuple[str, str], ...] = ()
    proxy: str = ""
    warnings: tuple[str, ...] = ()


def find(choice: KubeconfigChoice, redactor: Redactor, environ: Mapping[str, str]) -> Account:
    """Choose an account and check it; no plugin runs and nothing is sent yet.

    Raises:
        UsageError, EnvironmentFileError: see `KubernetesCluster.connect`.
    """
    files = _files(choice, environ)
    if files:
        return _from_files(files, choice, redactor)
    if choice.in_cluster and environ.get("KUBERNETES_SERVICE_HOST"):
        return _in_cluster(choice, environ)
    if named := environ.get("KUBECONFIG", ""):
        raise UsageError(f"the kubeconfig {named} does not exist", hint="check KUBECONFIG")
    raise UsageError(
        "there is no kubeconfig",
        hint="name one with --kubeconfig or KUBECONFIG; to try it without a cluster, --cluster directory:FOLDER",
    )


def servers_of(
    kubeconfig: str | None, contexts: Iterable[str], environ: Mapping[str, str]
) -> dict[str, str]:
    """`Account.server` by context, "" for the current one or the pod; without contexts that no account has.

    Raises:
        UsageError: the kubeconfig is not there, or cannot be read.
    """
    files = _files(KubeconfigChoice(kubeconfig), environ)
    if files:
        return servers.of_contexts(_read(files), contexts)
    return {"": servers.of_pod(environ)} if environ.get("KUBERNETES_SERVICE_HOST") else {}


def _files(choice: KubeconfigChoice, environ: Mapping[str, str]) -> list[Path]:
    if choice.kubeconfig is not None:
        path = Path(choice.kubeconfig).expanduser()
        if not path.is_file():
            raise UsageError(
                f"the kubeconfig {choice.kubeconfig} does not exist", hint="check --kubeconfig"
            )
        return [path]
    named = environ.get("KUBECONFIG", "")
    paths = named.split(os.pathsep) if named else ["~/.kube/config"]
    candidates = [Path(path).expanduser() for path in paths if path]
    return [path for path in candidates if path.is_file()]


def _in_cluster(choice: KubeconfigChoice, environ: Mapping[str, str]) -> Account:
    if choice.context:
        raise EnvironmentFileError(
            f"the context {choice.context} is not known: there is no kubeconfig",
            hint="without --context, the service account of the pod is used",
        )

    def load() -> Configuration:
        configuration = Configuration()
        try:
            load_incluster_config(  # type: ignore[no-untyped-call]  # the client has no types
                client_configuration=configuration
            )
        except Exception as error:
            raise UsageError("the pod's service account cannot be used") from error
        configuration.verify_ssl = not choice.insecure_skip_tls_verify
        return configuration

    return Account(IN_CLUSTER, servers.of_pod(environ), load, warnings=_tls_warning(choice))


def _from_files(files: list[Path], choice: KubeconfigChoice, redactor: Redactor) -> Account:
    joined = os.pathsep.join(str(path) for path in files)
    content = _read(files)
    context = _context(content, choice, joined)
    cluster = _entry(content, "clusters", str(context["context"].get("cluster")), "cluster", joined)
    user_name = context["context"].get("user")
    user = _entry(content, "users", str(user_name), "user", joined) if user_name else {}
    credentials.check(user, joined)
    credentials.register(user, redactor)
    _check_server(cluster, choice, joined)
    name = str(context["name"])

    def load() -> Configuration:
        configuration = credentials.load(joined, name, user, redactor)
        configuration.verify_ssl = not choice.insecure_skip_tls_verify
        return configuration

    return Account(
        name,
        servers.canonical(str(cluster["server"])),
        load,
        credentials.impersonation(user),
        str(cluster.get("proxy-url") or ""),
        (*_readable_by_others(files), *_tls_warning(choice)),
    )


def _read(files: list[Path]) -> dict[str, list[dict[str, Any]]]:
    """Contexts, clusters and users, merged as kubectl does: the first of a name counts."""
    joined = os.pathsep.join(str(path) for path in files)
    try:
        merged = KubeConfigMerger(joined).config.value  # type: ignore[no-untyped-call]  # the client has no types
        content = {
            part: [entry for entry in map(_plain, merged[part]) if isinstance(entry, dict)]
            for part in ("contexts", "clusters", "users")
        }
        current = merged.get("current-context") or ""
    except Exception as error:  # noqa: BLE001 -- whatever YAML and the client make of a broken file
        _unusable(joined, error)
    content["current"] = [{"name": str(current)}]
    return content


def _plain(entry: Any) -> Any:
    """An entry without the client's wrapper."""
    return getattr(entry, "value", entry)


def _unusable(path: str, error: Exception) -> NoReturn:
    mark = getattr(error, "problem_mark", None)  # of a YAML error, whose text quotes the line
    line = f":{mark.line + 1}" if mark is not None else ""
    # `from None`: the cause quotes the file.
    raise UsageError(f"{path}{line}: not a kubeconfig that can be read") from None


def _context(
    content: dict[str, list[dict[str, Any]]], choice: KubeconfigChoice, path: str
) -> dict[str, Any]:
    names = [str(entry.get("name")) for entry in content["contexts"]]
    name = choice.context or content["current"][0]["name"]
    listed = f"contexts of {path}: {', '.join(names) or 'none'}"
    if not name:
        raise UsageError(
            f"{path}: no current context, and the environment names none",
            hint=f"set `cluster.context`; {listed}",
        )
    for entry in content["contexts"]:
        if entry.get("name") == name and isinstance(entry.get("context"), dict):
            return entry
    near = difflib.get_close_matches(name, names, 1)
    suggestion = f"did you mean {near[0]}? " if near else ""
    raise EnvironmentFileError(
        f"the kubeconfig has no context {name}", hint=f"{suggestion}{listed}", where=path
    )


def _entry(
    content: dict[str, list[dict[str, Any]]], part: str, name: str, inner: str, path: str
) -> dict[str, Any]:
    for entry in content[part]:
        if entry.get("name") == name and isinstance(entry.get(inner), dict):
            body: dict[str, Any] = entry[inner]
            return body
    raise UsageError(f"{path}: the context names the {inner} {name}, which it does not define")


def _check_server(cluster: dict[str, Any], choice: KubeconfigChoice, path: str) -> None:
    try:
        url = urllib.parse.urlsplit(str(cluster.get("server") or ""))
    except ValueError:  # half of an IPv6 address
        url = urllib.parse.urlsplit("")
    if not url.hostname or url.username or url.scheme not in ("http", "https"):
        raise UsageError(f"{path}: the cluster's server is not an https URL")
    if url.scheme == "http" and not proxy.is_loopback(url.hostname):
        raise UsageError(
            f"{path}: the server {url.hostname} is addressed over plain http",
            hint="plain http is for loopback only; use https",
        )
    if cluster.get("insecure-skip-tls-verify") and not choice.insecure_skip_tls_verify:
        raise UsageError(
            f"{path}: the kubeconfig turns off the verification of {url.hostname}'s certificate",
            hint="add the cluster's CA to the kubeconfig, or pass --insecure-skip-tls-verify",
        )


def _tls_warning(choice: KubeconfigChoice) -> tuple[str, ...]:
    if not choice.insecure_skip_tls_verify:
        return ()
    return ("the API server's certificate is not verified (--insecure-skip-tls-verify)",)


def _readable_by_others(files: list[Path]) -> tuple[str, ...]:
    return tuple(
        f"{path} can be read by others (mode {stat.S_IMODE(mode):04o}): chmod 600 {path}"
        for path in files
        if (mode := path.stat().st_mode) & (stat.S_IRGRP | stat.S_IROTH)
    )
