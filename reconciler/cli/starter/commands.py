"""The options of `init`."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.options import named, option


@click.command(
    short_help="Create a configuration repository.",
    epilog="\b\nExamples:\n  reconciler init my-config --system omnia --vendor openai\n"
    "  reconciler init my-config --system flokoa --vendor anthropic --vendor gateway \\\n"
    "    --environment staging --environment prod --forge gitlab --image registry.example.com/reconciler:1",
)
@click.argument("folder", default=".", metavar="[DIR]")
@option(
    "--system",
    "systems",
    required=True,
    multiple=True,
    metavar="NAME",
    help="omnia or flokoa; repeatable.",
)
@option(
    "--vendor",
    "vendors",
    required=True,
    multiple=True,
    metavar="NAME",
    help="openai, anthropic, google, bedrock, gateway ...; repeatable. Each system gets the vendors that it supports.",
)
@option(
    "--environment",
    "environments",
    multiple=True,
    default=("prod",),
    show_default="prod",
    metavar="NAME",
    help="Name of an environment; repeatable. The flow `change` applies them in this order.",
)
@option(
    "--namespace",
    default="",
    callback=named,
    metavar="NAME",
    help="Namespace of the objects; by default the name of each system.",
)
@option(
    "--context",
    default="",
    callback=named,
    metavar="NAME",
    help="Context of the kubeconfig, if there is one environment; by default the name of each environment.",
)
@option(
    "--forge",
    type=click.Choice(["none", "github", "gitlab", "tekton"]),
    default="none",
    show_default=True,
    help="Also write the flows: review, preview, change, watch.",
)
@option("--branch", default="main", callback=named, show_default=True, help="The default branch.")
@option(
    "--action",
    default="",
    callback=named,
    metavar="OWNER/NAME@COMMIT",
    help="The action of this program, for GitHub.",
)
@option(
    "--image",
    default="",
    callback=named,
    metavar="IMAGE",
    help="The image of this program, for GitLab and Tekton; best with a digest.",
)
def init(folder: str, **options: Any) -> int:
    """Create a configuration repository in a folder: environments, values, templates, and the flows of a forge.

    If one of the files exists, it writes nothing.
    """
    from reconciler.cli.starter.init import write_starter
    from reconciler.cli.starter.texts import Choice

    return write_starter(folder, Choice(**options))
