"""The options of `notify`."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.cluster_options import connection
from reconciler.cli.forge.options import forge
from reconciler.cli.options import named, option, repository, split, trust


@click.command(
    short_help="Send what is new, changed or resolved.",
    epilog="\b\nExamples:\n  reconciler drift -o json=drift.json\n"
    "  RECONCILER_WEBHOOK=https://... reconciler notify drift.json --state news.json\n"
    "  GITHUB_TOKEN=... reconciler notify drift.json --issue\n"
    "  reconciler notify drift.json --state news.json -C ../my-config",
)
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...")
@option(
    "--state",
    default="",
    metavar="FILE",
    callback=named,
    help="Remembers deliveries to webhooks; created if it does not exist. Keep it between runs.",
)
@option(
    "--webhook",
    default="",
    metavar="URL",
    help="The URL of the webhook; better set as a variable, since it may be a secret.",
)
@option("--webhook-file", default="", metavar="FILE", help="A file that holds the URL.")
@option(
    "--body",
    default="json",
    type=click.Choice(["json", "slack", "teams"]),
    show_default=True,
    help="The format for that webhook.",
)
@option("--issue", is_flag=True, help="Keep an issue for each environment up to date on a forge.")
@option("--events", is_flag=True, help="Write Events for the objects.")
@option("--allow-none", is_flag=True, help="Do not fail if no destination is named.")
@forge
@trust
@connection
@repository
def notify(reports: tuple[str, ...], forge_repository: str, **options: Any) -> int:
    """Send what is new, changed or resolved since the last notification; without news, nothing.

    A REPORT is a file that `-o json=FILE` wrote. The news goes to the webhook and the forge of the options, or else to
    the destinations that `notify` in each environment.yaml names. If a delivery fails, the next run sends
    the news again.
    """
    from reconciler.cli.notify.notify import NotifyInput, send_news

    inputs, _ = split(options)
    names = (
        "state",
        "webhook",
        "webhook_file",
        "body",
        "issue",
        "events",
        "allow_none",
        "forge",
        "api_url",
        "author",
    )
    own = {name: options[name] for name in names}
    return send_news(NotifyInput(reports, repository=forge_repository, **own), inputs)
