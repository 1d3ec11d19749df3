"""The pytest plugin: `node`. Nothing starts unless a test asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.controlplane import run
from tests.controlplane.fixtures import available, mark, run_directory, tell_absence
from tests.controlplane.locks import until
from tests.node.build import parts
from tests.node.node import Node

_FIXTURE = "node"
_ABSENT = "no node: "


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, _FIXTURE)


@pytest.fixture(scope="session")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """A real node and its control plane, shared by all workers of this run."""
    with available(request.config, _ABSENT):
        parts()
    home = run_directory(request.config) / "node"
    with Node(run.started(home, "tests.node.supervise", prepare)) as shared:
        yield shared


def prepare(description: Path) -> None:
    run.install_crds(description)
    with Node(description) as started:
        until(lambda: started.is_ready, "the node takes pods")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tell_absence(terminalreporter, _ABSENT)
