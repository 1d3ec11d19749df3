"""A running control plane, as tests see it."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from tests.controlplane import config, crds
from tests.controlplane.audit import Audit
from tests.controlplane.crds import Served


class ControlPlane:
    """Everything is done as the admin unless a `user` of `users` is named."""

    def __init__(self, description: Path) -> None:
        facts = json.loads(description.read_text())
        self.url: str = facts["url"]
        self.ca_file = Path(facts["ca_file"])
        self.users: tuple[str, ...] = tuple(facts["tokens"])
        self.pids: list[int] = facts["pids"]
        self._home = Path(facts["home"])
        self._kubectl = Path(facts["kubectl"])
        self._tokens: dict[str, str] = facts["tokens"]
        tls = ssl.create_default_context(cafile=str(self.ca_file))
        # trust_env: no proxy of the environment stands between a test and the loopback.
        self._http = httpx.Client(base_url=self.url, verify=tls, trust_env=False, timeout=600)
        self.audit = Audit(self._home / config.AUDIT_LOG, lambda path: self.request("GET", path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    @property
    def admin_token(self) -> str:
        return self._tokens[config.ADMIN]

    @property
    def kubeconfig(self) -> Path:
        return self.kubeconfig_for(config.ADMIN)

    def token_for(self, user: str) -> str:
        return self._tokens[user]

    def kubeconfig_for(self, user: str) -> Path:
        if user not in self._tokens:
            raise KeyError(f"{user}: the users are {', '.join(self.users)}")
        return config.kubeconfig_path(self._home, user)

    def request(
        self,
        method: str,
        path: str,
        *,
        user: str = config.ADMIN,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> httpx.Response:
        """One raw request, without retries; `options` are those of httpx (json, params, ...)."""
        bearer = {"Authorization": f"Bearer {self._tokens[user]}"}
        return self._http.request(method, path, headers=bearer | (headers or {}), **options)

    def create(self, path: str, body: Mapping[str, Any]) -> None:
        """POST an object of the core API, `namespaces/llm/secrets` say."""
        self.request("POST", f"/api/v1/{path}", json=dict(body)).raise_for_status()

    def kubectl(
        self,
        *args: str,
        input: str | None = None,  # noqa: A002 - as in subprocess.run
        user: str = config.ADMIN,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [
                str(self._kubectl),
                f"--kubeconfig={self.kubeconfig_for(user)}",
                f"--cache-dir={self._home / 'kubectl-cache' / user}",
                *args,
            ],
            input=input,
            # A user's own kuberc could change what the commands mean.
            env=os.environ | {"KUBECTL_KUBERC": "false", "KUBECTL_APPLYSET": "true"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if check and done.returncode != 0:
            error = subprocess.CalledProcessError(
                done.returncode, ["kubectl", *args], done.stdout, done.stderr
            )
            error.add_note(done.stderr)
            raise error
        return done

    def apply(
        self, manifests: str, *args: str, user: str = config.ADMIN
    ) -> subprocess.CompletedProcess[str]:
        """Server-side apply; more arguments (-n, --field-manager, ...) go to kubectl."""
        return self.kubectl("apply", "--server-side", "-f", "-", *args, input=manifests, user=user)

    def install_crds(self, paths: Iterable[Path]) -> list[Served]:
        """Install or replace; returns when each can be listed, applied strictly and looked up."""
        return crds.install(self.request, [crds.load(path) for path in paths])

    def serve_era(self, path: Path, group: str) -> Served:
        """This CRD beside the others of its kind, under a group of its own; about a second."""
        return self.serve_eras({group: path})[group]

    def serve_eras(self, paths: Mapping[str, Path]) -> dict[str, Served]:
        """CRDs by group, in the time of one."""
        renamed = [crds.regrouped(crds.load(path), group) for group, path in paths.items()]
        return dict(zip(paths, crds.install(self.request, renamed), strict=True))
