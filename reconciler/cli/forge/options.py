"""The options that say which forge, and as whom; by default those of the CI job."""

from __future__ import annotations

import click

from reconciler.cli.options import option, together

# The parameters `forge`, `forge_repository`, `api_url` and `author`.
forge = together(
    option(
        "--forge",
        default="",
        type=click.Choice(["", "github", "gitlab", "gitea", "forgejo"]),
        metavar="NAME",
        help="github, gitlab, gitea or forgejo; by default that of the CI job.",
    ),
    click.option(
        "--forge-repository",
        default="",
        envvar=["GITHUB_REPOSITORY", "CI_PROJECT_PATH"],
        metavar="OWNER/NAME",
        help="The repository there; by default that of the CI job.",
    ),
    click.option(
        "--api-url",
        default="",
        envvar=["GITHUB_API_URL", "CI_API_V4_URL"],
        metavar="URL",
        help="API of the forge; by default that of the CI job, or https://api.github.com.",
    ),
    option(
        "--author",
        default="",
        metavar="LOGIN",
        help="Author of the existing comment or issue; by default the owner of the token.",
    ),
)
