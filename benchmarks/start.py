"""What it takes to start: `--help`, and `validate` of one file, beside an interpreter that does nothing."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cost import COMMAND
from benchmarks.measure import run
from benchmarks.validate import write


def fastest(commands: dict[str, Sequence[str | Path]], rounds: int) -> dict[str, float]:
    """The least processor time of each command in seconds, for other load only adds to it. The commands take turns."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            times[name].append(run(command, None).processor)
    return {name: min(seconds) for name, seconds in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        manifests = write(Path(home) / "manifests", 1)
        commands: dict[str, Sequence[str | Path]] = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "python -c 'import click'": [sys.executable, "-c", "import click"],
            "reconciler --help": [COMMAND, "--help"],
            "reconciler validate FILE": [COMMAND, "validate", manifests],
        }
        seconds = fastest(commands, options.rounds)
    bare = seconds["python -c pass"]
    for name, took in seconds.items():
        print(f"{name:<26} {took:7.3f} s {took / bare:6.1f}x")


if __name__ == "__main__":
    main()
