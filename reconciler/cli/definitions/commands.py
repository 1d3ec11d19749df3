"""The options of `render`, `environments` and `rbac`."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.options import complete, option, repository, sources, split, text_or_json


@click.command(
    epilog="\b\nExamples:\n  reconciler render dev\n  reconciler render prod --out manifests/"
)
@option(
    "--out",
    default="",
    metavar="DIR",
    help="Write one file per object into this folder instead of stdout.",
)
@sources
def render(names: tuple[str, ...], out: str, **options: Any) -> int:
    """Print the manifests that git describes. Reads no cluster."""
    from reconciler.cli.definitions.rendered import render_environments

    inputs, _ = split(options)
    return render_environments(inputs, names, out)


@click.command(
    short_help="List the environments.",
    epilog="\b\nExamples:\n  reconciler environments\n  reconciler environments -o json",
)
@text_or_json
@sources
def environments(names: tuple[str, ...], output: str, **options: Any) -> int:
    """List the environments: cluster, namespaces, and how many objects each has in git."""
    from reconciler.cli.definitions.listed import list_environments

    inputs, _ = split(options)
    return list_environments(inputs, names, output)


@click.command(
    short_help="Print the Roles that a flow needs.",
    epilog="\b\nExamples:\n  reconciler rbac prod | kubectl apply -f -\n"
    "  reconciler rbac prod --flow change --subject group:deployers",
)
@click.argument("name", metavar="ENVIRONMENT", shell_complete=complete)
@option(
    "--flow",
    type=click.Choice(["review", "change", "watch", "stamp"]),
    default="watch",
    show_default=True,
    help="What the account runs: diff, apply, drift --record, or stamp.",
)
@option(
    "--subject",
    default="",
    metavar="KIND:NAME",
    help="user:NAME, group:NAME, or serviceaccount:NAMESPACE/NAME; by default reconciler-FLOW in the home namespace.",
)
@option(
    "--first-apply",
    is_flag=True,
    help="Also create what the first apply needs: the record, the lock, the fingerprint key.",
)
@option("--pods", is_flag=True, help="Also list pods, to learn who has picked up a rotated key.")
@option(
    "--consumers",
    multiple=True,
    metavar="NAMESPACE",
    help="Also read the copies of the Secrets in this namespace, for consumers there; repeatable.",
)
@option(
    "--external-secrets",
    is_flag=True,
    help="Also read the ExternalSecrets that write the Secrets, for their readiness and last refresh.",
)
@option(
    "--namespaced",
    is_flag=True,
    help="Roles only, no ClusterRole: consumers of other namespaces are then not checked.",
)
@repository
def rbac(name: str, flow: str, subject: str, **options: Any) -> int:
    """Print the Roles that an account needs to run a flow on an environment, and no more. Reads no cluster."""
    from reconciler.cli.definitions.roles import print_roles
    from reconciler.stages.permissions import Scope

    inputs, _ = split(options)
    scope = Scope(**{field: options[field] for field in Scope.__dataclass_fields__})
    return print_roles(inputs, name, flow, scope, subject)
