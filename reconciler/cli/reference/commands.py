"""The options of `explain` and `schema`."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.options import crds, option


@click.command(
    short_help="Explain the code of a finding.",
    epilog="\b\nExamples:\n  reconciler explain K8S002\n  reconciler explain",
)
@click.argument("code", required=False, default="", metavar="[CODE]")
def explain(code: str) -> int:
    """Print a rule, why it exists, and a corrected example; without a code, all of them."""
    from reconciler.cli.reference.explain import explain_code

    return explain_code(code)


@click.command(
    short_help="Print JSON Schemas for editors.",
    epilog="\b\nExamples:\n  reconciler schema > environments/environment.schema.json\n"
    "  reconciler schema provider --era 2026-04-19\n  reconciler schema --out schemas/",
)
@click.argument("name", required=False, default="", metavar="[environment|KIND]")
@option("--era", default="", metavar="DATE", help="Era of the CRD; the newest by default.")
@crds
@option(
    "--out",
    default="",
    metavar="DIR",
    help="Write files to this folder; without a name, all schemas.",
)
def schema(name: str, **options: Any) -> int:
    """Print the JSON Schema of environment.yaml, or of the manifests of a kind."""
    from reconciler.cli.reference.schema import SchemaRequest, print_schemas
    from reconciler.kinds import KINDS

    return print_schemas(SchemaRequest(name, **options), KINDS)
