from __future__ import annotations

from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane
from tests.world import World, secret

CLAUDE_KEY = "sk-ant-canary-7d2f8a51c9e04b36"
GATEWAY_KEY = "gw-canary-19c7e5a2f06b4d83"


@pytest.fixture
def world(tmp_path: Path, control_plane: ControlPlane, namespace: str) -> World:
    """prod on the real API server, with its Secrets, and nothing applied yet."""
    secrets = {
        "claude": {"ANTHROPIC_API_KEY": CLAUDE_KEY},
        "gateway": {"api-key": GATEWAY_KEY},
    }
    for name, values in secrets.items():
        control_plane.create(f"namespaces/{namespace}/secrets", secret(name, **values))
    return World.make(tmp_path / "config", {"prod": namespace}, control_plane.kubeconfig)


@pytest.fixture
def applied(world: World) -> World:
    """The same, applied once."""
    assert world.run("apply", "prod").code == 0
    return world
