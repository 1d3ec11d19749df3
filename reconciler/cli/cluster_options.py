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


_INDEX, _COMPLETIONS = "JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"


def _shard(ctx: click.Context, param: click.Parameter, value: str) -> Shard:
    """`2/8`; in an Indexed Job of Kubernetes its own index."""
    if value:
        shard = _shard_of(value)
        if shard is None:
            raise click.BadParameter(f"{value!r} is not I/N, with I from 0 to N - 1", ctx, param)
        return shard
    index, completions = os.environ.get(_INDEX), os.environ.get(_COMPLETIONS)
    if not completions:
        return UNDIVIDED
    if not index:  # each pod would run all environments
        raise click.UsageError(
            f"{_COMPLETIONS} is set, but {_INDEX} is not: set completionMode: Indexed in the Job",
            ctx,
        )
    shard = _shard_of(f"{index}/{completions}")
    if shard is None:
        message = f"{_INDEX} is {index!r}, and {_COMPLETIONS} {completions!r}"
        raise click.UsageError(f"{message}: set it to the number of completions of the Job", ctx)
    return shard


def _shard_of(text: str) -> Shard | None:
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if not match or int(match[1]) >= int(match[2]):
        return None
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
