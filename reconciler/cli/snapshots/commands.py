"""The options of `snapshot`."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.cluster_options import connection
from reconciler.cli.options import complete, repository, split


@click.command(
    short_help="Write the live state of an environment to a folder, without secrets.",
    epilog="\b\nExamples:\n  reconciler snapshot prod snapshots/prod\n"
    "  reconciler diff prod --against snapshots/prod",
)
@click.argument("name", metavar="ENVIRONMENT", shell_complete=complete)
@click.argument("folder", metavar="DIR", type=click.Path())
@connection
@repository
def snapshot(name: str, folder: str, **options: Any) -> int:
    """Write the live state of an environment to a folder, for `diff --against`, which then needs no cluster.

    The snapshot has no value of a header, an annotation or anything that looks like a key, and no digest of one.
    """
    from reconciler.cli.snapshots.taken import write_snapshot

    inputs, _ = split(options)
    return write_snapshot(inputs, name, folder)
