"""What every test may use."""

import os

import pytest

pytest_plugins = [
    "tests.controlplane.fixtures",
    "tests.node.fixtures",
    "tests.faults.fixtures",
    "tests.seeds",
]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for a while, for a server or for a time to pass."""
    return (os.cpu_count() or 1) + 1
