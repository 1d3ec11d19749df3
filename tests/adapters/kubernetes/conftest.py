"""A cluster on a server that each test scripts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.kubernetes import KubernetesCluster, Pace
from reconciler.adapters.redactor import SecretRedactor
from tests.adapters.kubernetes.hostile import Hostile, hostile

TOKEN = "token-canary-8c1f0e77"

Connect = Callable[..., KubernetesCluster]


@pytest.fixture
def server() -> Iterator[Hostile]:
    with hostile() as running:
        yield running


@pytest.fixture
def redactor() -> SecretRedactor:
    return SecretRedactor()


@pytest.fixture
def slept() -> list[float]:
    """The waits between attempts: asked for, and not waited."""
    return []


def kubeconfig(path: Path, server: str, user: dict[str, Any] | None = None, **cluster: Any) -> Path:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "u", "user": {"token": TOKEN} if user is None else user}],
        "contexts": [
            {"name": "prod-eu", "context": {"cluster": "c", "user": "u"}},
            {"name": "prod-us", "context": {"cluster": "c", "user": "u"}},
        ],
        "current-context": "prod-eu",
    }
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    return path


@pytest.fixture
def connect(
    tmp_path: Path, server: Hostile, redactor: SecretRedactor, slept: list[float]
) -> Connect:
    def connect(
        user: dict[str, Any] | None = None,
        *,
        timeout: float = 60.0,
        environ: dict[str, str] | None = None,
        **cluster: Any,
    ) -> KubernetesCluster:
        file = kubeconfig(tmp_path / "kubeconfig", server.url, user, **cluster)
        return KubernetesCluster.connect(
            kubeconfig=str(file),
            redactor=redactor,
            environ=environ or {},
            pace=Pace(timeout, slept.append),
        )

    return connect


@pytest.fixture
def cluster(connect: Connect) -> KubernetesCluster:
    return connect()
