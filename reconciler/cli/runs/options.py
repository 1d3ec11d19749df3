"""The options of `apply` that no other command has."""

from __future__ import annotations

from reconciler.cli.options import F, Seconds, option


def applying(command: F) -> F:
    """What a command that applies refuses, and for how long it waits."""
    for decorate in (
        option(
            "--lock-wait",
            default=90.0,
            type=Seconds(0, 86_400),
            metavar="SECONDS",
            help="Wait for another apply of the environment to end.",
            show_default=True,
        ),
        option(
            "--wait",
            "ready_wait",
            default=0.0,
            type=Seconds(0, 86_400),
            metavar="SECONDS",
            help="Wait until what was applied is ready, at most so long.",
        ),
        option(
            "--promote-anyway",
            is_flag=True,
            help="Apply a revision that the environments before (`after`) have not proven.",
        ),
        option(
            "--allow-dirty",
            is_flag=True,
            help="Apply to an API server what is not committed.",
        ),
    ):
        command = decorate(command)
    return command
