"""The pytest plugin: `control_plane` and `namespace`. No server starts unless a test asks."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.controlplane import run
from tests.controlplane.build import UnavailableError, binaries
from tests.controlplane.plane import ControlPlane

_FIXTURE = "control_plane"
_ABSENT = "no control plane: "
_RUN = pytest.StashKey[run.Run]()
_WORKER_INPUT = "control_plane_run"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[_RUN] = run.Run()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist is about to start a worker: tell it whose control plane it shares."""
    node.workerinput[_WORKER_INPUT] = str(node.config.stash[_RUN].directory)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _RUN in config.stash:
        config.stash[_RUN].close()


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, _FIXTURE)


def mark(items: list[pytest.Item], fixture: str) -> None:
    """Every test that uses a fixture, with the marker of that name."""
    for item in items:
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(fixture)


@pytest.fixture(scope="session")
def control_plane(request: pytest.FixtureRequest) -> Iterator[ControlPlane]:
    """A real kube-apiserver and etcd, shared by all workers of this run."""
    with available(request.config, _ABSENT):
        binaries()
    with ControlPlane(run.description(run_directory(request.config))) as plane:
        yield plane


@contextlib.contextmanager
def available(config: pytest.Config, absent: str) -> Iterator[None]:
    """Build what the tests need, or skip them for the reason, after the words `absent`; in CI fail them."""
    try:
        with _uncaptured(config):  # a build takes minutes: its progress is to be seen
            yield
    except UnavailableError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{absent}{error}", pytrace=False)
        pytest.skip(f"{absent}{error}")


@pytest.fixture
def namespace(control_plane: ControlPlane) -> str:
    """A new namespace. It stays: without controllers none ever finishes deleting."""
    name = f"t-{secrets.token_hex(5)}"
    control_plane.create("namespaces", {"metadata": {"name": name}})
    return name


def run_directory(config: pytest.Config) -> Path:
    if _RUN in config.stash:
        return config.stash[_RUN].directory
    return Path(getattr(config, "workerinput")[_WORKER_INPUT])  # noqa: B009 - made by pytest-xdist


def _uncaptured(config: pytest.Config) -> contextlib.AbstractContextManager[None]:
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    return capture.global_and_fixture_disabled() if capture else contextlib.nullcontext()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tell_absence(terminalreporter, _ABSENT)


def tell_absence(terminalreporter: pytest.TerminalReporter, absent: str) -> None:
    """One loud line about the tests that were skipped with the words `absent`."""
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and absent in report.longrepr[2]
    ]
    if not skipped:
        return
    for report in skipped:  # from one place, so that pytest's own summary makes one line of them
        report.longrepr = (__file__, None, report.longrepr[2])
    reason = skipped[0].longrepr[2].removeprefix("Skipped: ").removeprefix(absent)
    title = absent.removesuffix(": ").upper()
    line = f"{title}: {len(skipped)} tests skipped: {reason}"
    terminalreporter.write_line(line, red=True, bold=True)
