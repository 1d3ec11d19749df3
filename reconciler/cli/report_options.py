"""The options that say what a run shows, and where."""

from __future__ import annotations

import click

from reconciler.cli.execution.streams import LOG
from reconciler.cli.options import named, option, together


def _log_format(_ctx: click.Context, _param: click.Parameter, value: str) -> None:
    LOG.json = value == "json"


reports = together(
    option(
        "-o",
        "--output",
        multiple=True,
        metavar="FORMAT[=PATH]",
        help="text, json, markdown, html, github, gitlab, junit, prometheus, sarif, line; to a file, or stdout.",
    ),
    option(
        "-v", "--verbose", is_flag=True, help="Also list unchanged objects and Secrets that are ok."
    ),
    option("--summary", is_flag=True, help="Print one line for all environments, like `-o line`."),
    option(
        "-q",
        "--quiet",
        is_flag=True,
        help="Print errors only: no report on stdout, no progress.",
    ),
    option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colour the text; `auto`: on a terminal.",
    ),
    option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        expose_value=False,
        is_eager=True,
        callback=_log_format,
        help="Format of progress and errors on stderr.",
    ),
    option(
        "--push",
        default="",
        metavar="URL",
        callback=named,
        help="Push the metrics to this Prometheus Pushgateway.",
    ),
    option(
        "--otlp",
        default="",
        metavar="URL",
        callback=named,
        help="Send the metrics to this OpenTelemetry collector (OTLP over HTTP).",
    ),
)
