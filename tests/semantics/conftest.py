"""Fixtures of the tests against a real API server."""

from __future__ import annotations

import pytest

from reconciler.semantics.schema.crd import Crd
from tests.controlplane.plane import ControlPlane
from tests.semantics import sources
from tests.semantics.twin import Twin


@pytest.fixture(scope="module")
def sink(control_plane: ControlPlane) -> Crd:
    control_plane.install_crds([sources.SINK])
    return sources.crd(sources.SINK)


@pytest.fixture
def twin(control_plane: ControlPlane, sink: Crd, namespace: str) -> Twin:
    return Twin(control_plane, sink, namespace, "one")
