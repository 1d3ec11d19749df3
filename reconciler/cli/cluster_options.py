"""The options of commands that connect to a cluster: which one, how, and which environments and objects of it."""

from __future__ import annotations

import math
import os
import re
from typing import Any

import click

from reconciler.cli.options import option, together
from reconciler.model.shard import UNDIVIDED, Shard


class Seconds(click.FloatRange):
    """A number in a range. NaN is refused, which no comparison with the limits would do."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return number


# Which cluster a command reads, and how.
connection = together(
    option("--kubeconfig", default="", metavar="FILE", help="Your kubeconfig."),
    option("--context", default="", metavar="NAME", help="A context of your kubeconfig."),
    option(
        "--cluster",
        default="",
        metavar="directory:PATH",
        help="Use another cluster than the environment's.",
    ),
    option(
        "--timeout",
        default=60.0,
        type=Seconds(1, 3600),
        metavar="SECONDS",
        show_default=True,
        help="Time limit for one request with all its retries.",
    ),
    option(
        "--requests-per-second",
        type=click.IntRange(1, 100_000),
        metavar="NUMBER",
        help="At most this many requests to one API server, from all shards together; by default no limit.",
    ),
    option(
        "--insecure-skip-tls-verify",
        is_flag=True,
        help="Do not check the API server's certificate.",
    ),
)


def _shard(ctx: click.Context, param: click.Parameter, value: str) -> Shard:
    """`2/8`; in an Indexed Job of Kubernetes its own index."""
    index, completions = os.environ.get("JOB_COMPLETION_INDEX"), os.environ.get("JOB_COMPLETIONS")
    if not value and index and completions:
        value = f"{index}/{completions}"
    if not value:
        return UNDIVIDED
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", value)
    if not match or int(match[1]) >= int(match[2]):
        raise click.BadParameter(f"{value!r} is not I/N, with I from 0 to N - 1", ctx, param)
    return Shard(int(match[1]), int(match[2]))


# Environments, objects in them, and their cluster.
selection = together(
    option(
        "--only",
        multiple=True,
        metavar="KIND[.GROUP]/NAMESPACE/NAME",
        help="Only this object; repeatable.",
    ),
    option(
        "--shard",
        default="",
        metavar="I/N",
        callback=_shard,
        help="Run share I (from 0) of N of the environments; in an Indexed Job with JOB_COMPLETIONS, that of the pod.",
    ),
    connection,
)

# Of a command that compares a cluster with git.
cluster = together(
    selection,
    option(
        "--full",
        is_flag=True,
        help="Dry-run every object on the server, even if it is provably unchanged.",
    ),
)
