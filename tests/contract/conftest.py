"""The fixture `world`, with which a test runs on the directory cluster and on a real API server."""

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
    crd_folder = Path(str(reconciler.crds.__file__)).parent
    redactor = SecretRedactor()
    cluster = DirectoryCluster.open(
        tmp_path / "cluster",
        redactor=redactor,
        clock=SystemClock(),
        crds=[path.read_text() for path in newest(crd_folder)],
        namespaces=["llm"],
    )
    return World(cluster, "llm", DirectoryOthers(cluster, "llm"), redactor)


# Only the tests on the real API server get the marker.
@pytest.fixture(params=["directory", pytest.param("kubernetes", marks=pytest.mark.control_plane)])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "directory":
        directory_world: World = request.getfixturevalue("directory_world")
        return directory_world
    control_plane = request.getfixturevalue("control_plane")
    return kubernetes_world(control_plane, request.getfixturevalue("namespace"))
