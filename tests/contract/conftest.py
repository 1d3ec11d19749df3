"""`world`: each test that asks for it runs on the directory cluster and on a real API server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import reconciler.crds
from reconciler.adapters.directory import DirectoryCluster
from reconciler.adapters.redactor import SecretRedactor
from tests.contract.world import DirectoryOthers, World, kubernetes_world
from tests.controlplane.crds import newest


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def directory_world(tmp_path: Path) -> World:
    data = Path(str(reconciler.crds.__file__)).parent
    redactor = SecretRedactor()
    cluster = DirectoryCluster.open(
        tmp_path / "cluster",
        redactor=redactor,
        clock=SystemClock(),
        crds=[path.read_text() for path in newest(data)],
        namespaces=["llm"],
    )
    return World(cluster, "llm", DirectoryOthers(cluster, "llm"), redactor)


# The marker is set here and not by the fixture's name: the directory's half needs no server.
@pytest.fixture(params=["directory", pytest.param("kubernetes", marks=pytest.mark.control_plane)])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "directory":
        found: World = request.getfixturevalue("directory_world")
        return found
    control_plane = request.getfixturevalue("control_plane")
    return kubernetes_world(control_plane, request.getfixturevalue("namespace"))
