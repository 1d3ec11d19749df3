"""The command line: turns options into adapters, writes reports, and returns one exit code.

root          the command `reconciler`
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

options       options that commands share        dependencies  options to adapters
inputs        where a command reads from         output        reports to files and stdout
names         environments and files by name     redaction     a run without secrets
pod           whether this is a pod               push, otlp    metrics to a Pushgateway, a collector
crds          CRDs of --crds                     streams       stdout and stderr, escaped
termination   for `kubectl describe`             delivery      reports to where people look
report_branch reports on a branch of git         report_options  what a run shows, and where
guard         errors to a message and exit code  stop          signals
progress      what a long run is doing           links         no writing through links of the repository
"""

from __future__ import annotations

from reconciler.cli.guard import guarded


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code (README lists them)."""

    def start() -> int:
        from reconciler.cli.root import root

        return int(root.main(args=argv, prog_name="reconciler", standalone_mode=False) or 0)

    return guarded(start)
