"""The options of `comment`."""

from __future__ import annotations

import click

from reconciler.cli.forge.options import forge
from reconciler.cli.options import named, option


@click.command(
    short_help="Post a report on a pull request.",
    epilog="\b\nExamples:\n  reconciler diff prod -o json=report.json\n"
    "  GITHUB_TOKEN=... reconciler comment report.json --number 42\n"
    "  GITLAB_TOKEN=... reconciler comment prod.json staging.json --forge gitlab",
)
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...")
@option("--number", default="", callback=named, help="Number of the pull request.")
@click.option(
    "--commit",
    default="",
    envvar=["GITHUB_SHA", "CI_COMMIT_SHA"],
    help="Without --number: comment on the pull request that merged this commit.",
)
@option(
    "--per-environment",
    is_flag=True,
    help="A comment for each environment instead of one for all of them.",
)
@forge
def comment(
    reports: tuple[str, ...],
    per_environment: bool,
    number: str,
    commit: str,
    forge_repository: str,
    **options: str,
) -> int:
    """Post a report as a comment on a pull request, or update that comment.

    A REPORT is a file that `-o json=FILE` wrote, or `-o markdown=FILE` for one environment. The reports of several jobs
    become one comment.
    """
    from reconciler.cli.forge.comment import Target, bodies, post_comments

    target = Target(number=number, commit=commit, repository=forge_repository, **options)
    return post_comments(bodies(reports, per_environment=per_environment), target)
