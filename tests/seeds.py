"""The pytest plugin that decides which examples the property tests draw: the same in every run, unless a seed is given.

`--fresh-seed` makes up a seed and prints it; `--hypothesis-seed=SEED` draws the examples of that run again.
"""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

_WORKER_INPUT = "hypothesis_seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fresh-seed", action="store_true", help="draw examples that no run drew")


@pytest.hookimpl(tryfirst=True)  # before hypothesis reads its option
def pytest_configure(config: pytest.Config) -> None:
    if config.option.fresh_seed and config.option.hypothesis_seed is None:
        shared = getattr(config, "workerinput", {}).get(_WORKER_INPUT)
        config.option.hypothesis_seed = shared or str(secrets.randbits(32))
    settings.register_profile(
        "tests",
        derandomize=config.option.hypothesis_seed is None,  # it would win over the seed
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("tests")
    # For mutants: that a test fails is all that counts.
    phases = [Phase.explicit, Phase.generate]
    settings.register_profile("unshrunk", settings.get_profile("tests"), phases=phases)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist is about to start a worker, which gets the command line and would make up its own seed."""
    node.workerinput[_WORKER_INPUT] = node.config.option.hypothesis_seed


def pytest_report_header(config: pytest.Config) -> list[str]:
    return _replay(config)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Beside the failures too: with `-q` there is no header."""
    for line in _replay(config):
        terminalreporter.write_line(line)


def _replay(config: pytest.Config) -> list[str]:
    seed = config.option.hypothesis_seed
    return [] if seed is None else [f"examples drawn with --hypothesis-seed={seed}"]
