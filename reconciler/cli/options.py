"""The options that several commands share."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from reconciler.cli.runs.reporting import Reporting
from reconciler.cli.wiring.inputs import Inputs

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T", Inputs, Reporting)


def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of environments."""
    from reconciler.cli.wiring.dependencies import open_folder
    from reconciler.errors import ReconcilerError
    from reconciler.stages.load import environments

    try:
        inputs = Inputs(repository=ctx.params.get("repository") or ".")
        names = () if inputs.is_remote else environments(open_folder(inputs))
    except ReconcilerError:
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_or_file(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of environments, or files if no name begins with the text."""
    return complete(ctx, param, incomplete) or [CompletionItem(incomplete, type="file")]


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """An option that also has the environment variable RECONCILER_<NAME>."""
    long = max(n for n in names if n.startswith("--")).partition("/")[0]
    name = long.lstrip("-").replace("-", "_").upper()
    return click.option(*names, envvar=f"RECONCILER_{name}", **settings)


def together(*decorators: Callable[[Any], Any]) -> Callable[[F], F]:
    """Several decorators as one; the help lists their options in this order."""

    def decorate(command: F) -> F:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def named(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Refuse an option that is empty, as from an unset variable in a script."""
    typed = ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
    if typed and not value.strip():
        raise click.BadParameter("it is empty", ctx, param)
    return value


def guarding(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Refuse an option that is empty, also in its variable: without it, a check would be left out in silence."""
    variable = str(param.envvar)
    if not value.strip() and variable in os.environ and not os.environ[variable].strip():
        raise click.BadParameter(
            f"{variable} is empty; remove it to leave out the check", ctx, param
        )
    return named(ctx, param, value)


# Where the sources are, whose word counts, and the credentials for git.
repository = together(
    option(
        "-C",
        "--repository",
        default=".",
        metavar="DIR|URL",
        help="The configuration repository: a folder, or https://... or ssh://... to fetch it.",
    ),
    option(
        "--revision",
        default="",
        metavar="REF",
        callback=named,
        help="Read a git revision instead of the working tree.",
    ),
    option(
        "--git-signers-file",
        default="",
        metavar="FILE",
        callback=guarding,
        help="Read only commits that somebody in this file signed: SSH allowed signers, OpenPGP public keys.",
    ),
    option(
        "--git-token-file",
        default="",
        metavar="FILE",
        help="A token for an https:// repository.",
    ),
    option(
        "--git-user",
        default="",
        metavar="NAME",
        help="The user name for the token, if the forge needs one.",
    ),
    option(
        "--git-key-file",
        default="",
        metavar="FILE",
        help="A private key for an ssh:// repository.",
    ),
    option(
        "--git-known-hosts-file",
        default="",
        metavar="FILE",
        help="The keys of the host of an ssh:// repository.",
    ),
)


def _sources(metavar: str, completion: Any) -> Callable[[F], F]:
    return together(
        click.argument("names", nargs=-1, metavar=metavar, shell_complete=completion), repository
    )


sources = _sources("[ENVIRONMENT]...", complete)
sources_and_addresses = _sources("[ENVIRONMENT]... [ADDRESS]...", complete)
environment_and_secrets = _sources("ENVIRONMENT [SECRET]...", complete)
environment_and_addresses = _sources("ENVIRONMENT ADDRESS...", complete)
sources_or_files = _sources("[ENVIRONMENT|FILE]...", complete_or_file)


trust = option(
    "--trust",
    default="",
    metavar="BASE",
    callback=guarding,
    help="Take cluster, namespaces and policy from this git revision: for a pull request.",
)

crds = option(
    "--crds",
    multiple=True,
    metavar="PATH",
    help="Validate with the CRDs in this file or folder; repeatable.",
)


# Of a command that plans an apply.
take = option(
    "--take",
    multiple=True,
    metavar="FIELD",
    help="Take over this field of the --only object from its owner, in this run; repeatable.",
)

# About objects that git no longer has.
deletions = together(
    option(
        "--prune/--no-prune",
        "prune",
        default=None,
        help="Delete applied objects that are no longer in git, whatever policy.prune says.",
    ),
    option(
        "--prune-limit",
        type=click.IntRange(min=1),
        metavar="NUMBER",
        help="Delete up to this number of objects, whatever the limits of policy.prune say.",
    ),
    option(
        "--allow-rollback",
        is_flag=True,
        help="Apply and delete even if this revision may be older than the one applied last.",
    ),
)

every_environment = option(
    "--all", "everything", is_flag=True, help="Every environment of the repository."
)
dry_run = option("--dry-run", is_flag=True, help="Report what the command would do; write nothing.")

differences = option(
    "--diff-exit-code",
    default=1,
    type=click.IntRange(0, 255),
    metavar="NUMBER",
    show_default=True,
    help="Exit code for differences (diff) or findings (drift).",
)

# Of a command that prints no report of a run.
text_or_json = option(
    "-o",
    "--output",
    default="text",
    metavar="FORMAT[=PATH]",
    help="text or json; to stdout or a file.",
)


def split(options: dict[str, Any]) -> tuple[Inputs, Reporting]:
    """The values of the options of `sources`, `crds` and `cluster`, and those of `reports`."""
    return _taken(Inputs, options), _taken(Reporting, options)


def _taken(form: type[T], options: dict[str, Any]) -> T:
    names = [field.name for field in dataclasses.fields(form)]
    return form(**{name: options[name] for name in names if name in options})
