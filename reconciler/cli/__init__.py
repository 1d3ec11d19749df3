"""The command line: turns options into adapters, writes reports, and returns one exit code.

runs/         validate, diff, apply, drift, stamp, impact, unlock
record/       status, history, acknowledge, key
holds/        hold, release
plans/        show
snapshots/    snapshot
definitions/  render, environments, rbac
reference/    explain, schema
saved/        report
forge/        comment
notify/       notify
starter/      init

root             the command that has them all
options          the options that commands share
cluster_options  which cluster, how, and what of it
report_options   what a run shows, and where
wiring/          from options to adapters
delivery/        what leaves the program: without secrets, to files, stdout and services
execution/       signals, streams, progress, and errors to exit codes
"""

from __future__ import annotations

from reconciler.cli.execution.guard import guarded


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code (README lists them)."""

    def start() -> int:
        from reconciler.cli.root import root

        return int(root.main(args=argv, prog_name="reconciler", standalone_mode=False) or 0)

    return guarded(start)
