from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.node.installation import Installation
from tests.node.node import Node
from tests.world import World


@pytest.fixture
def installation(node: Node, tmp_path: Path) -> Installation:
    """prod, in a namespace that does not exist yet."""
    home = f"t-{secrets.token_hex(5)}"
    return Installation.make(node, World.make(tmp_path / "config", {"prod": home}, node.kubeconfig))
