"""The options of `hold` and `release`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import click

from reconciler.cli.cluster_options import connection
from reconciler.cli.options import environment_and_addresses, named, option, split
from reconciler.errors import UsageError

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d{1,6})([mhd])")


def _duration(ctx: click.Context, param: click.Parameter, value: str) -> timedelta:
    match = _DURATION.fullmatch(value.strip())
    if match is None or int(match[1]) == 0:
        raise click.BadParameter("write it like 30m, 4h or 2d", ctx, param)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


@click.command(
    short_help="Keep objects as they are for a while.",
    epilog="\b\nExample:\n"
    '  reconciler hold prod provider/omnia/claude --for 4h --reason "vendor outage"',
)
@option(
    "--for",
    "duration",
    required=True,
    callback=_duration,
    metavar="DURATION",
    help="How long: 30m, 4h, 2d; at most 31 days.",
)
@option(
    "--reason", required=True, metavar="TEXT", callback=named, help="Why; every report shows it."
)
@connection
@environment_and_addresses
def hold(names: tuple[str, ...], duration: timedelta, reason: str, **options: Any) -> int:
    """Keep objects of an environment as they are in the cluster: apply leaves them alone until the hold ends.

    An ADDRESS is KIND[.GROUP]/NAMESPACE/NAME.
    """
    from reconciler.cli.holds.printed import hold_objects

    inputs, _ = split(options)
    return hold_objects(inputs, *_addressed("hold", names), duration, reason)


@click.command(
    short_help="End a hold early.",
    epilog="\b\nExample:\n  reconciler release prod provider/omnia/claude",
)
@connection
@environment_and_addresses
def release(names: tuple[str, ...], **options: Any) -> int:
    """End the hold of objects early, whoever set it."""
    from reconciler.cli.holds.printed import release_objects

    inputs, _ = split(options)
    return release_objects(inputs, *_addressed("release", names))


def _addressed(command: str, names: tuple[str, ...]) -> tuple[str, frozenset[str]]:
    environment, *addresses = names or ("",)
    if not addresses or "/" in environment or not all("/" in each for each in addresses):
        raise UsageError(
            f"{command} takes an environment and addresses of its objects",
            hint=f"reconciler {command} prod provider/omnia/claude",
        )
    return environment, frozenset(address.lower() for address in addresses)
