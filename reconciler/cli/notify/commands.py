"""The options of `notify`."""

from __future__ import annotations

import click

from reconciler.cli.options import option


@click.command(
    short_help="Tell a webhook what is new.",
    epilog="\b\nExample:\n  reconciler drift -o json=drift.json\n"
    "  RECONCILER_WEBHOOK=https://... reconciler notify drift.json --state news.json",
)
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...")
@option(
    "--state",
    required=True,
    metavar="FILE",
    help="What was delivered; made if it does not exist. Keep it between runs.",
)
@option(
    "--webhook", default="", metavar="URL", help="Better as a variable: the URL may be a secret."
)
@option("--webhook-file", default="", metavar="FILE", help="A file that holds the URL.")
def notify(reports: tuple[str, ...], state: str, webhook: str, webhook_file: str) -> int:
    """Send what is new, changed or resolved since the last notification to a webhook, as JSON; nothing without news.

    A REPORT is a file that `-o json=FILE` wrote. If a delivery fails, the next run sends the news again.
    """
    from reconciler.cli.notify.notify import send_news

    return send_news(reports, state, webhook, webhook_file)
