"""The command line: argv and environment variables to options, adapters opened, reports printed, one exit code.

commands   the verbs and their options
doors      options to adapters
output     reports to sinks, through the redactor
guard      one place where errors become a line on stderr and an exit code
"""

from __future__ import annotations

from reconciler.cli.guard import guarded


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code (README lists them)."""

    def start() -> int:
        from reconciler.cli.commands import root

        return int(root.main(args=argv, prog_name="reconciler", standalone_mode=False) or 0)

    return guarded(start)
