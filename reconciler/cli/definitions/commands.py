"""The options of `render` and `environments`."""

from __future__ import annotations

import click

from reconciler.cli.inputs import Inputs
from reconciler.cli.options import option, sources


@click.command(
    epilog="\b\nExamples:\n  reconciler render dev\n  reconciler render prod --out manifests/"
)
@sources
@option(
    "--out",
    default="",
    metavar="DIR",
    help="Write one file per object into this folder instead of stdout.",
)
def render(names: tuple[str, ...], repository: str, revision: str, out: str) -> int:
    """Print the manifests that git describes. Reads no cluster."""
    from reconciler.cli.definitions.rendered import render_environments

    inputs = Inputs(repository=repository, revision=revision)
    return render_environments(inputs, names, out)


@click.command(short_help="List the environments.")
@sources
def environments(names: tuple[str, ...], repository: str, revision: str) -> int:
    """List the environments: cluster, namespaces, and how many objects each has in git."""
    from reconciler.cli.definitions.rendered import list_environments

    return list_environments(Inputs(repository=repository, revision=revision), names)
