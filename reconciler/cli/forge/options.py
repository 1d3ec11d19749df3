"""The options that say which forge, and as whom."""

from __future__ import annotations

import click

from reconciler.cli.options import F, option


def forge(command: F) -> F:
    """The parameters `forge`, `forge_repository`, `api_url`, `author`; by default those of the CI job."""
    for decorate in (
        option("--author", default="", help="Login of the author; by default that of the token."),
        click.option(
            "--api-url",
            default="",
            envvar=["GITHUB_API_URL", "CI_API_V4_URL"],
            metavar="URL",
            help="Of the forge; by default that of the CI job, or https://api.github.com.",
        ),
        click.option(
            "--forge-repository",
            default="",
            envvar=["GITHUB_REPOSITORY", "CI_PROJECT_PATH"],
            metavar="OWNER/NAME",
        ),
        option(
            "--forge",
            default="",
            type=click.Choice(["", "github", "gitlab", "gitea", "forgejo"]),
            metavar="NAME",
            help="github, gitlab, gitea or forgejo; by default that of the CI job.",
        ),
    ):
        command = decorate(command)
    return command
