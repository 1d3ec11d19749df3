"""The verbs and their options."""

from __future__ import annotations

from typing import Any

import click

from reconciler import __version__
from reconciler.cli.options import (
    cluster,
    crds,
    option,
    reports,
    sources,
    sources_or_files,
    split,
)
from reconciler.cli.reporting import reported
from reconciler.cli.stop import STOP
from reconciler.cli.where import Where
from reconciler.errors import UsageError
from reconciler.model.finding import Severity
from reconciler.model.run import Command, Run
from reconciler.ports import Redactor

EXIT_CODES = """\b
Exit codes:
  0   in sync, or done
  1   differences (diff), or what failOn names (drift)
  2   usage or environment configuration
  3   the desired state is invalid
  5   the cluster cannot be asked
  6   applied in part, or a part could not be looked at
  8   safety stop: a conflict, another cluster, a concurrent run
  9   git or file source
  70  a bug
  130 interrupted; 143 terminated
"""


class _InOrder(click.Group):
    """Commands in the order of the pipeline, which says more than the alphabet."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_InOrder, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, message=f"reconciler {__version__}")
def root() -> None:
    """Declarative GitOps for LLM providers on Kubernetes: Flokoa ModelProvider and Model, Omnia Provider.

    Each environment's definitions live in git as Jinja-templated YAML. Commands take environment names; without one,
    those that only read take all of them.
    """


@root.command(
    epilog="\b\nExamples:\n  reconciler render dev\n  reconciler render prod --out manifests/"
)
@sources
@option(
    "--out",
    default="",
    metavar="DIR",
    help="One file per object into this folder, instead of stdout.",
)
def render(names: tuple[str, ...], repository: str, revision: str, out: str) -> int:
    """Print the manifests that git describes. No cluster is asked."""
    from reconciler.cli.rendered import render_environments

    where = Where(repository=repository, revision=revision)
    return render_environments(where, names, out)


@root.command(
    short_help="Check offline, all findings at once.",
    epilog="\b\nExamples:\n  reconciler validate\n  reconciler validate prod -o json=findings.json\n"
    "  reconciler validate manifests/ --crds crd.yaml\n  helm template . | reconciler validate -",
)
@sources_or_files
@crds
@option(
    "--severity",
    type=click.Choice([s.value for s in Severity]),
    default=Severity.ERROR.value,
    show_default=True,
    help="The least severe finding that fails the run.",
)
@reports
def validate(names: tuple[str, ...], severity: str, **options: Any) -> int:
    """Check everything that can be checked offline, and report all findings at once.

    Takes environments, all without a name, or plain manifests without any environment: files, folders, `-` for stdin.
    """
    from reconciler.cli.names import files_among

    where, reporting = split(options)
    if files := files_among(names, where):
        from reconciler.cli.plain import validate_files

        return validate_files(files, where, reporting, Severity(severity))
    return _run(Command.VALIDATE, names, options, severity=Severity(severity))


@root.command(
    short_help="Show what apply would change.",
    epilog="\b\nExamples:\n  reconciler diff prod\n  reconciler diff prod -o text -o markdown=comment.md",
)
@sources
@cluster
@reports
@option(
    "--diff-exit-code",
    default=1,
    type=click.IntRange(0, 255),
    help="Code for differences.",
    show_default=True,
)
def diff(names: tuple[str, ...], diff_exit_code: int, **options: Any) -> int:
    """Show what apply would really change in the cluster. Writes nothing."""
    return _run(Command.DIFF, names, options, differences=diff_exit_code)


@root.command(
    short_help="Make the cluster as git describes it.",
    epilog="\b\nExamples:\n  reconciler apply prod\n  reconciler apply --all --dry-run",
)
@sources
@cluster
@reports
@option("--all", "everything", is_flag=True, help="Every environment of the repository.")
@option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
def apply(names: tuple[str, ...], everything: bool, dry_run: bool, **options: Any) -> int:
    """Make the cluster as git describes it: server-side apply, object by object."""
    if bool(names) == everything:
        raise UsageError(
            "apply takes names or --all, not both"
            if names
            else "apply writes: name the environments, or say --all",
            hint="reconciler environments lists them",
        )
    return _run(Command.APPLY, names, options, dry_run=dry_run)


@root.command(
    short_help="Report outside edits, rotated keys, what is not ready.",
    epilog="\b\nExamples:\n  reconciler drift\n  reconciler drift prod --record -o json=drift.json",
)
@sources
@cluster
@reports
@option(
    "--record",
    is_flag=True,
    help="Remember the Secrets' fingerprints: what is rotated now is then known.",
)
@option(
    "--diff-exit-code",
    default=1,
    type=click.IntRange(0, 255),
    help="Code for findings.",
    show_default=True,
)
def drift(names: tuple[str, ...], record: bool, diff_exit_code: int, **options: Any) -> int:
    """Report what was changed from outside, rotated Secrets, and providers that are not ready."""
    return _run(Command.DRIFT, names, options, record=record, differences=diff_exit_code)


@root.command(short_help="List the environments.")
@sources
def environments(names: tuple[str, ...], repository: str, revision: str) -> int:
    """List the environments: cluster, namespaces, and how many objects each has in git."""
    from reconciler.cli.rendered import list_environments

    return list_environments(Where(repository=repository, revision=revision), names)


@root.command(
    short_help="Tell what a finding's code means.",
    epilog="\b\nExamples:\n  reconciler explain K8S002\n  reconciler explain",
)
@click.argument("code", required=False, default="", metavar="[CODE]")
def explain(code: str) -> int:
    """Print a rule, why it exists, and a corrected example; without a code, all of them."""
    from reconciler.cli.explain import explain_code

    return explain_code(code)


@root.command(
    short_help="Print JSON Schemas for editors.",
    epilog="\b\nExamples:\n  reconciler schema > environments/environment.schema.json\n"
    "  reconciler schema provider --era 2026-04-19\n  reconciler schema --out schemas/",
)
@click.argument("name", required=False, default="", metavar="[environment|KIND]")
@option("--era", default="", metavar="DATE", help="Of the CRD; the newest by default.")
@crds
@option("--out", default="", metavar="DIR", help="Write files; all of them without a name.")
def schema(name: str, **options: Any) -> int:
    """Print the JSON Schema of environment.yaml, or of the manifests of a kind."""
    from reconciler.cli.schema import Wanted, print_schemas

    return print_schemas(Wanted(name, **options))


@root.command(
    short_help="Bring a report to a pull request.",
    epilog="\b\nExample:\n  reconciler diff prod -o json=report.json\n"
    "  GITHUB_TOKEN=... reconciler comment report.json --number 42",
)
@click.argument("report", metavar="REPORT")
@option("--number", default="", help="Of the pull request.")
@click.option(
    "--commit",
    default="",
    envvar="GITHUB_SHA",
    help="Without --number: the pull request that brought this commit.",
)
@click.option(
    "--forge-repository", "repository", default="", envvar="GITHUB_REPOSITORY", metavar="OWNER/NAME"
)
@click.option(
    "--api-url", default="https://api.github.com", envvar="GITHUB_API_URL", show_default=True
)
@option("--author", default="", help="Login that writes; found out from the token by default.")
def comment(report: str, **post: str) -> int:
    """Create or update the one comment of an environment on a pull request.

    REPORT is what `-o json=FILE` or `-o markdown=FILE` wrote, for one environment.
    """
    from reconciler.cli.comment import Post, post_comment

    return post_comment(Post(file=report, **post))


def _run(command: Command, names: tuple[str, ...], options: dict[str, Any], **settings: Any) -> int:
    """`options` are those that commands share, `settings` of the one command."""
    from reconciler.cli.doors import open_doors
    from reconciler.cli.names import resolve
    from reconciler.doors import Options
    from reconciler.pipeline import run

    where, reporting = split(options)
    only = frozenset(address.lower() for address in options.get("only", ()))
    chosen = Options(only=only, full=options.get("full", False), **settings)

    def start(redactor: Redactor) -> Run:
        doors = open_doors(where, redactor)
        with STOP.deferred():
            return run(command, resolve(doors.repository, names), doors, chosen)

    return reported(reporting, where, start)
