"""The options that only some verbs have: how `apply` goes on, and a branch for reports."""

from __future__ import annotations

from reconciler.cli.cluster_options import Seconds
from reconciler.cli.options import named, option, together

# What a command that applies refuses, and for how long it waits.
applying = together(
    option(
        "--allow-dirty",
        is_flag=True,
        help="Apply to an API server what is not committed.",
    ),
    option(
        "--promote-anyway",
        is_flag=True,
        help="Apply a revision that the environments before (`after`) have not proven.",
    ),
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
)

report_repository = option(
    "--report-repository",
    default="",
    metavar="URL",
    callback=named,
    help="The git repository of that branch; by default -C, if that is a URL.",
)

# Of a command whose reports a branch may keep.
report_branch = together(
    option(
        "--commit-report",
        default="",
        metavar="BRANCH",
        callback=named,
        help="Also commit the reports to this branch, and push it; it is made if it does not exist.",
    ),
    report_repository,
)
