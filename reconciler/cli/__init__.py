"""The command line: arguments and environment variables to options, adapters opened, reports written, one exit code.

root          the command and its families
runs/         validate, diff, apply, drift
definitions/  render, environments
reference/    explain, schema
forge/        comment

options   the options that commands share           inputs   where a command reads from
names     which environments, or files, are named   crds     CRDs that the command line names
deps     options to adapters                       output   text to files and stdout, through the redactor
guard     errors to a line on stderr and an exit code        stop     signals
"""

from __future__ import annotations

from reconciler.cli.guard import guarded


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code (README lists them)."""

    def start() -> int:
        from reconciler.cli.root import root

        return int(root.main(args=argv, prog_name="reconciler", standalone_mode=False) or 0)

    return guarded(start)
