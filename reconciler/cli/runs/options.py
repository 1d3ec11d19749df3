"""The options that only some verbs have: how `apply` goes on, and a branch for reports."""

from __future__ import annotations

from reconciler.cli.cluster_options import Seconds
from reconciler.cli.options import named, option, together

# What a command that applies refuses, and for how long it waits.
applying = together(
    option(
        "--allow-dirty",
        is_flag=True,
        help="Apply uncommitted changes to an API server.",
    ),
    option(
        "--promote-anyway",
        is_flag=True,
        help="Apply a revision that the environments in `after` have not proven.",
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
        help="Wait at most this long until the objects are ready.",
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
        help="Also commit the reports to this branch, which is created if it does not exist, and push it.",
    ),
    report_repository,
)
