"""The options of `status` and `acknowledge`."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.options import (
    connection,
    environment_and_secrets,
    named,
    option,
    sources,
    split,
)
from reconciler.errors import UsageError


@click.command(
    short_help="Show the record: open rotations and their history.",
    epilog="\b\nExamples:\n  reconciler status\n  reconciler status prod -o json",
)
@sources
@connection
@option(
    "-o",
    "--output",
    default="text",
    metavar="FORMAT[=PATH]",
    help="text or json; to stdout or a file.",
)
@option("-v", "--verbose", is_flag=True, help="Show every closed rotation, not only the last.")
def status(names: tuple[str, ...], output: str, verbose: bool, **options: Any) -> int:
    """Show what the record says: the last apply and watch, open rotations, and how others were closed.

    Reads neither objects nor Secrets: one request for each environment.
    """
    from reconciler.cli.record.printed import print_status

    inputs, _ = split(options)
    return print_status(inputs, names, output, verbose=verbose)


@click.command(
    short_help="Close rotations that somebody has dealt with.",
    epilog="\b\nExamples:\n"
    '  reconciler acknowledge prod omnia/anthropic --reason "agents restarted"\n'
    '  reconciler acknowledge prod --all --until 2026-12-24 --reason "weekly, by the vault"',
)
@environment_and_secrets
@connection
@option("--all", "everything", is_flag=True, help="Every Secret on record.")
@option(
    "--reason", required=True, metavar="TEXT", callback=named, help="For the history in the record."
)
@option(
    "--until",
    default="",
    metavar="DATE",
    callback=named,
    help="Also rotations that are noticed until then: 2026-12-24, or 2026-12-24T06:00:00Z.",
)
def acknowledge(
    names: tuple[str, ...], everything: bool, reason: str, until: str, **options: Any
) -> int:
    """Close the open rotations of Secrets in the record of an environment.

    A SECRET is NAMESPACE/NAME, or NAMESPACE/NAME/KEY for one of its keys.
    """
    from reconciler.cli.record.printed import acknowledge_secrets

    inputs, _ = split(options)
    if not names:
        raise UsageError("acknowledge takes an environment", hint="reconciler status lists them")
    environment, *secrets = names
    if bool(secrets) == everything:
        raise UsageError(
            "acknowledge takes Secrets or --all, not both"
            if secrets
            else "acknowledge takes Secrets, or --all",
            hint=f"reconciler status {environment} lists them",
        )
    return acknowledge_secrets(inputs, environment, tuple(secrets), reason, until)
