"""The options of `comment`."""

from __future__ import annotations

import click

from reconciler.cli.options import option


@click.command(
    short_help="Post a report on a pull request.",
    epilog="\b\nExample:\n  reconciler diff prod -o json=report.json\n"
    "  GITHUB_TOKEN=... reconciler comment report.json --number 42",
)
@click.argument("report", metavar="REPORT")
@option("--number", default="", help="Number of the pull request.")
@click.option(
    "--commit",
    default="",
    envvar="GITHUB_SHA",
    help="Without --number: comment on the pull request that merged this commit.",
)
@click.option(
    "--forge-repository", "repository", default="", envvar="GITHUB_REPOSITORY", metavar="OWNER/NAME"
)
@click.option(
    "--api-url", default="https://api.github.com", envvar="GITHUB_API_URL", show_default=True
)
@option("--author", default="", help="Login of the author; by default that of the token.")
def comment(report: str, **post: str) -> int:
    """Create or update the comment of an environment on a pull request.

    REPORT is a file that `-o json=FILE` or `-o markdown=FILE` wrote for one environment.
    """
    from reconciler.cli.forge.comment import Post, post_comment

    return post_comment(Post(file=report, **post))
