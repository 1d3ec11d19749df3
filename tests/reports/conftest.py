"""`pytest tests/reports --update-golden` writes what the formats print now; read the diff before committing it."""

from __future__ import annotations

import pytest

from tests.node.programs import program


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture(scope="session")
def promtool(pytestconfig: pytest.Config) -> str:
    """The program that checks what Prometheus reads."""
    return program(pytestconfig, "promtool", "prometheus")
