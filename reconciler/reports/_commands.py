"""Commands to copy from a report."""

from __future__ import annotations

from reconciler.model.run import EnvironmentRun
from reconciler.report import Style
from reconciler.reports._words import literal


def command_line(style: Style, command: str, *words: str) -> str:
    """A command to copy."""
    return literal(style.invocation.command(command, *words))


def apply_command(style: Style, environment: EnvironmentRun, *words: str) -> str:
    """The command that applies what the report shows; "" if no command does.

    An apply reads its own settings, and refuses what another tool applies or earlier environments have not proven.
    """
    if (
        environment.observed
        or environment.unproven
        or environment.newer
        or (environment.trust and environment.trust.ignored)
    ):
        return ""
    allowed = ("--allow-dirty",) if environment.uncommitted else ()
    if style.plan_file and environment.sealed and environment.sealed.is_bound and not words:
        options = environment.sealed.options.words()
        return literal(style.invocation.following(style.plan_file, *options, *allowed))
    return command_line(style, "apply", environment.name, *words, *allowed)
