"""What every test may use."""

import gc
import os

import pytest

pytest_plugins = [
    "tests.controlplane.fixtures",
    "tests.node.fixtures",
    "tests.faults.fixtures",
    "tests.seeds",
]


@pytest.fixture(autouse=True)
def no_garbage_without_stack(request: pytest.FixtureRequest) -> None:
    """For input so deep that a parser has no stack left: a collection there cannot end what earlier tests left.

    The finalizer of a connection pool would fail, and its sockets would stay open, which is an error of this test.
    """
    if request.node.get_closest_marker("exhausts_stack"):
        gc.collect()


def pytest_collection() -> None:
    """Nothing that is collected is garbage, and the garbage collector took a sixth of the time to find that."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What was collected stays until the end, so the garbage collector need not look at it, nor look as often.

    It took a fifth of the processor time of tests that make many objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()


@pytest.hookimpl(trylast=True)  # once the other plugins have set their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long starts first, so that no worker is alone with it at the end.

    Most of it waits, and all of it is the share of one worker until the others are out of work: they compute meanwhile.
    """
    marks = ("node", "slow")
    items.sort(key=lambda item: not any(map(item.get_closest_marker, marks)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for a while, for a server or for a time to pass."""
    return (os.cpu_count() or 1) + 1
