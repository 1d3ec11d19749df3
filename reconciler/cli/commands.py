"""The verbs and their options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from reconciler import __version__
from reconciler.cli.where import Where
from reconciler.errors import ExitCode, UsageError
from reconciler.model.run import Command

F = TypeVar("F", bound=Callable[..., Any])

EXIT_CODES = """\b
Exit codes:
  0   in sync, or done
  1   differences (diff), or what failOn names (drift)
  2   usage or environment configuration
  3   the desired state is invalid
  5   the cluster cannot be asked
  6   applied in part
  8   safety stop: conflict, stale plan, another cluster
  9   git or file source
  70  a bug
"""


def _complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from reconciler.cli.doors import open_repository
    from reconciler.errors import ReconcilerError
    from reconciler.stages.load import environments

    try:
        repository = ctx.params.get("repository") or "."
        names = environments(open_repository(Where(repository=repository)))
    except ReconcilerError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def _option(*names: str, **settings: Any) -> Callable[[F], F]:
    """An option that also has the environment variable RECONCILER_<NAME>."""
    name = names[-1].lstrip("-").replace("-", "_").upper()
    return click.option(*names, envvar=f"RECONCILER_{name}", **settings)


def _sources(command: F) -> F:
    for decorate in (
        click.argument("names", nargs=-1, metavar="[ENVIRONMENT]...", shell_complete=_complete),
        _option(
            "-C", "--repository", default=".", metavar="DIR", help="The configuration repository."
        ),
        _option(
            "--revision",
            default="",
            metavar="REF",
            help="Read a git revision instead of the working tree.",
        ),
    ):
        command = decorate(command)
    return command


def _cluster(command: F) -> F:
    for decorate in (
        _option("--kubeconfig", default="", metavar="FILE", help="Your kubeconfig."),
        _option("--context", default="", metavar="NAME", help="A context of your kubeconfig."),
        _option(
            "--cluster",
            default="",
            metavar="directory:PATH",
            help="Use another cluster than the environment's.",
        ),
        _option(
            "--timeout",
            default=60.0,
            type=click.FloatRange(1, 3600),
            metavar="SECONDS",
            help="Longest time for one request with all its retries.",
        ),
        _option(
            "--insecure-skip-tls-verify",
            is_flag=True,
            help="Do not check the API server's certificate.",
        ),
        _option(
            "--only",
            multiple=True,
            metavar="KIND/NAMESPACE/NAME",
            help="Only this object; repeatable.",
        ),
    ):
        command = decorate(command)
    return command


def _reports(command: F) -> F:
    for decorate in (
        _option(
            "-o",
            "--output",
            multiple=True,
            metavar="FORMAT[=PATH]",
            help="text, json or markdown; to stdout or a file; repeatable.",
        ),
        _option("-v", "--verbose", is_flag=True, help="List what is unchanged and in order, too."),
        _option("--color", type=click.Choice(["auto", "always", "never"]), default="auto"),
    ):
        command = decorate(command)
    return command


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
@_sources
@click.option(
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
    epilog="\b\nExamples:\n  reconciler validate\n  reconciler validate prod -o json=findings.json",
)
@_sources
@_reports
def validate(names: tuple[str, ...], repository: str, revision: str, **report: Any) -> int:
    """Check everything that can be checked offline, and report all findings at once."""
    return _run(Command.VALIDATE, names, Where(repository=repository, revision=revision), report)


@root.command(
    short_help="Show what apply would change.",
    epilog="\b\nExamples:\n  reconciler diff prod\n  reconciler diff prod -o text -o markdown=comment.md",
)
@_sources
@_cluster
@_reports
@click.option(
    "--diff-exit-code",
    default=1,
    type=click.IntRange(0, 255),
    help="Code for differences.",
    show_default=True,
)
def diff(names: tuple[str, ...], diff_exit_code: int, **options: Any) -> int:
    """Show what apply would really change in the cluster. Writes nothing."""
    where, report = _split(options)
    code = _run(Command.DIFF, names, where, report)
    return diff_exit_code if code == ExitCode.DIFFERENCES else code


@root.command(
    short_help="Make the cluster as git describes it.",
    epilog="\b\nExamples:\n  reconciler apply prod\n  reconciler apply --all --dry-run",
)
@_sources
@_cluster
@_reports
@click.option("--all", "everything", is_flag=True, help="Every environment of the repository.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
def apply(names: tuple[str, ...], everything: bool, dry_run: bool, **options: Any) -> int:
    """Make the cluster as git describes it: server-side apply, object by object."""
    if bool(names) == everything:
        raise UsageError(
            "apply writes: name the environments, or say --all",
            hint="reconciler environments lists them",
        )
    where, report = _split(options)
    return _run(Command.APPLY, names, where, report, dry_run=dry_run)


@root.command(
    short_help="Report outside edits, rotated keys, what is not ready.",
    epilog="\b\nExamples:\n  reconciler drift\n  reconciler drift prod --record -o json=drift.json",
)
@_sources
@_cluster
@_reports
@click.option(
    "--record",
    is_flag=True,
    help="Remember the Secrets' fingerprints: what is rotated now is then known.",
)
@click.option(
    "--diff-exit-code",
    default=1,
    type=click.IntRange(0, 255),
    help="Code for findings.",
    show_default=True,
)
def drift(names: tuple[str, ...], record: bool, diff_exit_code: int, **options: Any) -> int:
    """Report what was changed from outside, rotated Secrets, and providers that are not ready."""
    where, report = _split(options)
    code = _run(Command.DRIFT, names, where, report, record=record)
    return diff_exit_code if code == ExitCode.DIFFERENCES else code


@root.command(short_help="List the environments.")
@_sources
def environments(names: tuple[str, ...], repository: str, revision: str) -> int:
    """List the environments: cluster, namespaces, and how many objects each has in git."""
    from reconciler.cli.rendered import list_environments

    return list_environments(Where(repository=repository, revision=revision), names)


@root.command(
    short_help="Bring a report to a pull request.",
    epilog="\b\nExample:\n  reconciler diff prod -o json=report.json\n"
    "  GITHUB_TOKEN=... reconciler comment report.json --number 42",
)
@click.argument("report", metavar="REPORT")
@click.option("--number", default="", envvar="RECONCILER_NUMBER", help="Of the pull request.")
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
@click.option(
    "--author", default="", help="Login that writes; found out from the token by default."
)
def comment(report: str, **post: str) -> int:
    """Create or update the one comment of an environment on a pull request.

    REPORT is what `-o json=FILE` or `-o markdown=FILE` wrote, for one environment.
    """
    from reconciler.cli.comment import Post, post_comment

    return post_comment(Post(file=report, **post))


def _split(options: dict[str, Any]) -> tuple[Where, dict[str, Any]]:
    keys = (
        "repository",
        "revision",
        "kubeconfig",
        "context",
        "cluster",
        "timeout",
        "insecure_skip_tls_verify",
    )
    where = Where(**{key: options.pop(key) for key in keys})
    return where, options


def _run(
    command: Command, names: tuple[str, ...], where: Where, report: dict[str, Any], **settings: bool
) -> int:
    from reconciler.adapters.redactor import SecretRedactor
    from reconciler.cli.doors import open_doors
    from reconciler.cli.names import resolve
    from reconciler.cli.output import sinks, write_reports
    from reconciler.doors import Options
    from reconciler.pipeline import run

    targets = sinks(report["output"])
    redactor = SecretRedactor()
    doors = open_doors(where, redactor)
    only = frozenset(address.lower() for address in report.get("only", ()))
    result = run(command, resolve(doors.repository, names), doors, Options(**settings, only=only))
    write_reports(result, targets, redactor, color=report["color"], verbose=report["verbose"])
    return result.exit_code
