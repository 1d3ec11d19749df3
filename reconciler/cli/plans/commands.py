"""The options of `show`."""

from __future__ import annotations

import click

from reconciler.cli.options import option, text_or_json


@click.command(
    short_help="Print the plan that diff --out wrote.",
    epilog="\b\nExamples:\n  reconciler show plan.json\n  reconciler show plan.json -o json",
)
@click.argument("file", type=click.Path())
@text_or_json
@option("-v", "--verbose", is_flag=True, help="Also list unchanged objects, and every field.")
def show(file: str, output: str, verbose: bool) -> int:
    """Print the plan in a file: what it does with each object, and which state it is bound to. Reads no cluster."""
    from reconciler.cli.plans.printed import print_plan

    return print_plan(file, output, verbose=verbose)
