"""Programs for single tests: installed ones, or those of Debian's packages, unpacked into the cache."""

from __future__ import annotations

import shutil

import pytest

from tests.controlplane.fixtures import available
from tests.node.build import made
from tests.node.debian import unpack


def program(config: pytest.Config, name: str, package: str) -> str:
    """The path of a program; without it the test is skipped, and fails in CI."""
    if installed := shutil.which(name):
        return installed
    with available(config, f"no {name}: "):
        folder = made(
            package,
            "whole package",
            lambda folder: unpack((package,), folder, with_dependencies=False),
        )
    return str(folder / "usr/bin" / name)
