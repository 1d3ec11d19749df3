"""The command `reconciler` and its subcommands."""

from __future__ import annotations

import click

from reconciler import __version__
from reconciler.cli.definitions.commands import environments, rbac, render
from reconciler.cli.forge.commands import comment
from reconciler.cli.holds.commands import hold, release
from reconciler.cli.notify.commands import notify
from reconciler.cli.plans.commands import show
from reconciler.cli.record.commands import acknowledge, history, key, status
from reconciler.cli.reference.commands import explain, schema
from reconciler.cli.runs.commands import apply, diff, drift, impact, stamp, unlock, validate
from reconciler.cli.saved.commands import report
from reconciler.cli.snapshots.commands import snapshot
from reconciler.cli.starter.commands import init

EXIT_CODES = """\b
Exit codes:
  0   in sync, or done
  1   differences (diff), or a condition of failOn (drift)
  2   usage or environment configuration
  3   the desired state is invalid
  5   the cluster cannot be read
  6   partial: something failed, waits, or could not be read
  7   another apply holds the lock of the environment, or took it
  8   safety stop: a conflict, another cluster, a concurrent run
  9   git, files, or the delivery of a report
  70  a bug
  130 interrupted; 143 terminated
"""


class _InOrder(click.Group):
    """Lists the commands in the order in which they are added, not alphabetically."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_InOrder, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, message=f"reconciler {__version__}")
def root() -> None:
    """Declarative GitOps for LLM providers on Kubernetes: Flokoa ModelProvider and Model, Omnia Provider.

    Each environment's definitions live in git as Jinja-templated YAML. Commands take environment names; without one,
    commands that only read run for all environments.
    """


for command in (
    init,
    render,
    validate,
    diff,
    apply,
    show,
    snapshot,
    drift,
    impact,
    stamp,
    acknowledge,
    hold,
    release,
    status,
    history,
    unlock,
    key,
    environments,
    rbac,
    explain,
    schema,
    report,
    comment,
    notify,
):
    root.add_command(command)
