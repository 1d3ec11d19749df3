"""The pytest plugin: `proxy` before the shared control plane, and `client`, the oldest and the newest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.controlplane.plane import ControlPlane
from tests.faults.proxy import Proxy
from tests.interpreters import clients
from tests.interpreters.clients import Client, NoClientError


@pytest.fixture
def proxy(control_plane: ControlPlane, tmp_path: Path) -> Iterator[Proxy]:
    with Proxy(control_plane.url, control_plane.ca_file, tmp_path).running() as running:
        yield running


@pytest.fixture(scope="session", params=clients.NAMES)
def client(request: pytest.FixtureRequest) -> Client:
    """Each test that asks for it runs with the newest and with the oldest kubernetes client."""
    try:
        return clients.client(request.param)

    except NoClientError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))
