"""`pytest tests/reports --update-golden` writes what the formats print now; read the diff before committing it."""

from __future__ import annotations

import shutil

import pytest

from tests.controlplane.fixtures import available
from tests.node.build import made
from tests.node.debian import unpack


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture(scope="session")
def promtool(pytestconfig: pytest.Config) -> str:
    """The program that checks what Prometheus reads: installed, or from Debian's package in the cache."""
    if installed := shutil.which("promtool"):
        return installed
    with available(pytestconfig, "no promtool: "):
        package = made(
            "prometheus",
            "whole package",
            lambda folder: unpack(("prometheus",), folder, with_dependencies=False),
        )
    return str(package / "usr/bin/promtool")
