"""The options of `report`."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.options import differences, option, split
from reconciler.cli.report_options import reports


@click.command(
    short_help="Render saved JSON reports in any format.",
    epilog="\b\nExamples:\n  reconciler report prod.json staging.json -o markdown=summary.md\n"
    "  reconciler report reports --expect 3 -o json=all.json",
)
@click.argument("files", nargs=-1, required=True, metavar="FILE|DIR...")
@option(
    "--expect",
    multiple=True,
    metavar="ENVIRONMENT|NUMBER",
    help="An environment that must be present, or the number of environments; repeatable.",
)
@differences
@reports
def report(
    files: tuple[str, ...], expect: tuple[str, ...], diff_exit_code: int, **options: Any
) -> int:
    """Render the reports that `-o json=FILE` wrote for one command as one report.

    A folder stands for its files `*.json`. If several files have the same environment, the newest report counts. The
    exit code is the worst of all environments.
    """
    from reconciler.cli.saved.report import render_saved

    _, reporting = split(options)
    return render_saved(files, expect, reporting, differences=diff_exit_code)
