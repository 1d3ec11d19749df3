"""The options of `status`, `history`, `acknowledge` and `key`."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.cluster_options import connection
from reconciler.cli.options import (
    complete,
    environment_and_secrets,
    named,
    option,
    repository,
    sources,
    split,
    text_or_json,
)
from reconciler.cli.runs.options import report_repository
from reconciler.errors import UsageError


@click.command(
    short_help="Show the record: open rotations and their history.",
    epilog="\b\nExamples:\n  reconciler status\n  reconciler status prod -o json",
)
@text_or_json
@option("-v", "--verbose", is_flag=True, help="Show every closed rotation, not only the last.")
@connection
@sources
def status(names: tuple[str, ...], output: str, verbose: bool, **options: Any) -> int:
    """Show what the record says: the last apply and watch, open rotations, and how earlier ones were closed.

    Reads neither objects nor Secrets: one request for each environment.
    """
    from reconciler.cli.record.printed import print_status

    inputs, _ = split(options)
    return print_status(inputs, names, output, verbose=verbose)


@click.command(
    short_help="List what happened to an environment, and when.",
    epilog="\b\nExamples:\n  reconciler history prod\n"
    "  reconciler history prod --branch reports --report-repository https://... -o json",
)
@click.argument("name", metavar="ENVIRONMENT", shell_complete=complete)
@option(
    "--branch",
    default="",
    metavar="BRANCH",
    callback=named,
    help="Read the reports that --commit-report pushed to this branch, in place of the record.",
)
@report_repository
@option(
    "--limit",
    default=20,
    type=click.IntRange(1, 500),
    metavar="NUMBER",
    show_default=True,
    help="The maximum number of events.",
)
@text_or_json
@option("-v", "--verbose", is_flag=True, help="Show every line of each event.")
@connection
@repository
def history(
    name: str,
    branch: str,
    report_repository: str,
    limit: int,
    output: str,
    verbose: bool,
    **options: Any,
) -> int:
    """List what changed, when and by which commit, and what drifted in between; newest first.

    Reads the record with one request, or the reports on a branch without a cluster.
    """
    from reconciler.cli.record.history import HistoryInput, print_history

    inputs, _ = split(options)
    return print_history(
        inputs, HistoryInput(name, branch, report_repository, limit, output, verbose)
    )


@click.command(
    short_help="Close rotations that somebody has dealt with.",
    epilog="\b\nExamples:\n"
    '  reconciler acknowledge prod omnia/anthropic --reason "agents restarted"\n'
    '  reconciler acknowledge prod --all --until 2026-12-24 --reason "weekly, by the vault"',
)
@option("--all", "everything", is_flag=True, help="Every Secret on record.")
@option("--reason", required=True, metavar="TEXT", callback=named, help="Why; the record keeps it.")
@option(
    "--until",
    default="",
    metavar="DATE",
    callback=named,
    help="Also close rotations that runs notice until then: 2026-12-24, or 2026-12-24T06:00:00Z.",
)
@connection
@environment_and_secrets
def acknowledge(
    names: tuple[str, ...], everything: bool, reason: str, until: str, **options: Any
) -> int:
    """Close the open rotations of Secrets in the record of an environment.

    A SECRET is NAMESPACE/NAME, or NAMESPACE/NAME/KEY for one of its keys.
    """
    from reconciler.cli.record.printed import acknowledge_secrets

    inputs, _ = split(options)
    if not names:
        hint = f"{inputs.invocation().command('status')} lists them"
        raise UsageError("acknowledge takes an environment", hint=hint)
    environment, *secrets = names
    if bool(secrets) == everything:
        raise UsageError(
            "acknowledge takes Secrets or --all, not both"
            if secrets
            else "acknowledge takes Secrets, or --all",
            hint=f"{inputs.invocation().command('status', environment)} lists them",
        )
    return acknowledge_secrets(inputs, environment, tuple(secrets), reason, until)


@click.command(
    short_help="Create the fingerprint key.", epilog="\b\nExample:\n  reconciler key prod"
)
@click.argument("name", metavar="ENVIRONMENT", shell_complete=complete)
@option(
    "--replace-lost",
    is_flag=True,
    help="Create it even if the record has fingerprints of a lost key: earlier rotations are then not detected.",
)
@connection
@repository
def key(name: str, replace_lost: bool, **options: Any) -> int:
    """Create the fingerprint key if it does not exist.

    The first apply creates it too. If a person creates it before, no scheduled role needs permission to create Secrets.
    """
    from reconciler.cli.record.printed import make_key

    inputs, _ = split(options)
    return make_key(inputs, name, replace_lost=replace_lost)
