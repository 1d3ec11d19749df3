"""The options of `comment`."""

from __future__ import annotations

import click

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
@option(
    "--forge",
    default="",
    type=click.Choice(["", "github", "gitlab", "gitea", "forgejo"]),
    metavar="NAME",
    help="github, gitlab, gitea or forgejo; by default that of the CI job.",
)
@click.option(
    "--forge-repository",
    "repository",
    default="",
    envvar=["GITHUB_REPOSITORY", "CI_PROJECT_PATH"],
    metavar="OWNER/NAME",
)
@click.option(
    "--api-url",
    default="",
    envvar=["GITHUB_API_URL", "CI_API_V4_URL"],
    metavar="URL",
    help="Of the forge; by default that of the CI job, or https://api.github.com.",
)
@option("--author", default="", help="Login of the author; by default that of the token.")
def comment(
    reports: tuple[str, ...], per_environment: bool, number: str, commit: str, **forge: str
) -> int:
    """Create or update the comment of a report on a pull request.

    A REPORT is a file that `-o json=FILE` wrote, or `-o markdown=FILE` for one environment. The reports of several jobs
    become one comment.
    """
    from reconciler.cli.forge.comment import Target, bodies, post_comments

    target = Target(number=number, commit=commit, **forge)
    return post_comments(bodies(reports, per_environment=per_environment), target)
