"""The options of `validate`, `diff`, `apply`, `drift`, `stamp` and `impact`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reconciler.cli.cluster_options import cluster, connection, selection
from reconciler.cli.options import (
    complete,
    crds,
    deletions,
    differences,
    dry_run,
    every_environment,
    named,
    option,
    repository,
    sources,
    sources_and_addresses,
    sources_or_files,
    split,
    take,
    trust,
)
from reconciler.cli.report_options import reports
from reconciler.cli.runs.options import applying, report_branch
from reconciler.cli.runs.running import run_verb
from reconciler.errors import UsageError
from reconciler.model.finding import Severity


@click.command(
    short_help="Check offline; report all findings at once.",
    epilog="\b\nExamples:\n  reconciler validate\n  reconciler validate prod -o json=findings.json\n"
    "  reconciler validate manifests/ --crds crd.yaml\n  helm template . | reconciler validate -",
)
@option(
    "--severity",
    type=click.Choice([s.value for s in Severity]),
    default=Severity.ERROR.value,
    show_default=True,
    help="The least severe finding that fails the run.",
)
@reports
@trust
@crds
@sources_or_files
def validate(names: tuple[str, ...], severity: str, **options: Any) -> int:
    """Check everything that can be checked offline, and report all findings at once.

    Takes names of environments (by default all), or plain manifests: files, folders, `-` for stdin.
    """
    from reconciler.cli.wiring.names import files_among
    from reconciler.model.verbs import VALIDATE

    inputs, reporting = split(options)
    if files := files_among(names, inputs):
        from reconciler.cli.runs.plain import validate_files

        return validate_files(files, inputs, reporting, Severity(severity))
    return run_verb(VALIDATE, names, options, severity=Severity(severity))


@click.command(
    short_help="Show what apply would change.",
    epilog="\b\nExamples:\n  reconciler diff prod\n  reconciler diff prod -o text -o markdown=comment.md\n"
    "  reconciler diff prod --revision HEAD --out plan.json",
)
@option(
    "--against",
    default="",
    metavar="DIR",
    callback=named,
    help="Compare with a snapshot in place of a cluster.",
)
@option(
    "--out",
    default="",
    metavar="FILE",
    callback=named,
    help="Also write the plan of one environment to a file, without values.",
)
@differences
@take
@deletions
@cluster
@reports
@report_branch
@trust
@sources
def diff(names: tuple[str, ...], diff_exit_code: int, out: str, **options: Any) -> int:
    """Show what apply would change in the cluster. Writes nothing there."""
    from reconciler.model.verbs import DIFF

    if out and len(names) != 1:
        raise UsageError("--out writes the plan of one environment", hint="name one, not several")
    if options["against"]:
        _refuse_beside_snapshot(names, options)
    verb = DIFF.without_consumers() if options["against"] else DIFF
    return run_verb(verb, names, options, out, differences=diff_exit_code)


@click.command(
    short_help="Apply what git describes.",
    epilog="\b\nExamples:\n  reconciler apply prod\n  reconciler apply --all --dry-run\n"
    "  reconciler apply --plan plan.json",
)
@every_environment
@dry_run
@option(
    "--plan",
    "file",
    default="",
    metavar="FILE",
    callback=named,
    help="Follow this plan of diff --out exactly, or write nothing.",
)
@applying
@take
@deletions
@cluster
@reports
@report_branch
@sources
def apply(
    names: tuple[str, ...], everything: bool, dry_run: bool, file: str, **options: Any
) -> int:
    """Apply what git describes, by server-side apply."""
    from reconciler.model.verbs import APPLY

    if dry_run and options["commit_report"]:
        raise UsageError("--commit-report: apply --dry-run applies nothing", hint="commit a diff")
    verb = APPLY.waiting() if options["ready_wait"] else APPLY
    verb = verb.as_dry_run() if dry_run else verb
    settings = {
        name: options.pop(name)
        for name in ("allow_dirty", "promote_anyway", "lock_wait", "ready_wait")
    }
    if file:
        from reconciler.cli.plans.files import plan_to_follow
        from reconciler.model.sealed import SealedOptions

        inputs, _ = split(options)
        said = SealedOptions(
            tuple(sorted(set(options["take"]))),
            options["prune"],
            options["prune_limit"],
            options["allow_rollback"],
        )
        plan = plan_to_follow(
            file,
            names,
            inputs.invocation(),
            everything=everything,
            only=bool(options["only"]),
            options=said,
        )
        names, options["only"] = (plan.environment,), plan.only
        verb, settings["reviewed"] = verb.following_plan(), plan
    _refuse_no_choice("apply", names, options, everything=everything)
    _refuse_files(names, options)
    return run_verb(verb, names, options, plan=file, **settings)


@click.command(
    short_help="Make operators notice rotated keys.",
    epilog="\b\nExamples:\n  reconciler stamp prod\n  reconciler stamp prod --only provider/omnia/claude --dry-run",
)
@every_environment
@dry_run
@selection
@reports
@sources
def stamp(names: tuple[str, ...], everything: bool, dry_run: bool, **options: Any) -> int:
    """Write one annotation to each provider with a rotated key, so that its operator reconciles.

    Changes nothing else: a provider that differs from git stays as it is.
    """
    from reconciler.model.verbs import STAMP

    _refuse_no_choice("stamp", names, options, everything=everything)
    return run_verb(STAMP.as_dry_run() if dry_run else STAMP, names, options)


@click.command(
    short_help="Show who uses a provider or a Secret.",
    epilog="\b\nExamples:\n  reconciler impact prod\n  reconciler impact prod secret/llm/openai\n"
    "  reconciler impact prod modelprovider/llm/openai -o json",
)
@reports
@connection
@sources_and_addresses
def impact(names: tuple[str, ...], **options: Any) -> int:
    """Show the tree of consumers of a Secret or a provider, and what happens to each.

    An ADDRESS is KIND[.GROUP]/NAMESPACE/NAME, of an object or a Secret; without one, everything in git is shown.
    """
    from reconciler.model.verbs import IMPACT

    environments = tuple(name for name in names if "/" not in name)
    chosen = frozenset(name.lower() for name in names if "/" in name)
    if chosen and len(environments) != 1:
        raise UsageError("an address belongs to one environment: name that environment too")
    return run_verb(IMPACT, environments, options, addresses=chosen)


def _refuse_beside_snapshot(names: tuple[str, ...], options: dict[str, Any]) -> None:
    """A snapshot is of one environment, and read in place of a cluster."""
    if len(names) != 1:
        raise UsageError("--against DIR: a snapshot is of one environment", hint="name that one")
    for name in ("cluster", "context"):
        if options[name]:
            raise UsageError(
                f"--against and --{name} exclude each other: a snapshot is read in place of a cluster",
                hint=f"leave out one of them; --{name} may also come from RECONCILER_{name.upper()}",
            )


def _refuse_files(names: tuple[str, ...], options: dict[str, Any]) -> None:
    """A file in the place of an environment is most likely the plan that somebody means to apply."""
    for name in names:
        if Path(name).is_file():
            hint = f"for a plan: {split(options)[0].invocation().following(name)}"
            raise UsageError(f"{name} is a file, not an environment", hint=hint)


def _refuse_no_choice(
    command: str, names: tuple[str, ...], options: dict[str, Any], *, everything: bool
) -> None:
    """A command that writes to a cluster takes names, or `--all`."""
    if bool(names) == everything:
        inputs, _ = split(options)
        raise UsageError(
            f"{command} takes names or --all, not both"
            if names
            else f"{command} writes: name the environments, or use --all",
            hint=f"{inputs.invocation().command('environments')} lists them",
        )


@click.command(
    short_help="Report drift, rotated keys, and objects that are not ready.",
    epilog="\b\nExamples:\n  reconciler drift\n  reconciler drift prod --record -o json=drift.json",
)
@option(
    "--record",
    is_flag=True,
    help="Record the fingerprints of the Secrets, and when each rotation was noticed.",
)
@differences
@cluster
@reports
@report_branch
@trust
@sources
def drift(names: tuple[str, ...], record: bool, diff_exit_code: int, **options: Any) -> int:
    """Report what others changed in the cluster, rotated Secrets, and providers that are not ready."""
    from reconciler.model.verbs import DRIFT

    verb = DRIFT.recording() if record else DRIFT
    return run_verb(verb, names, options, differences=diff_exit_code)


@click.command(
    short_help="Release the lock of an apply that ended without releasing it.",
    epilog="\b\nExample:\n  reconciler unlock prod runner-7/4121/9f8e7d6c-1a2b3c4d",
)
@click.argument("name", metavar="ENVIRONMENT", shell_complete=complete)
@click.argument("holder", metavar="HOLDER")
@connection
@repository
def unlock(name: str, holder: str, **options: Any) -> int:
    """Release the lock of an apply that ended without releasing it.

    HOLDER is the run that the message about the lock names, so that nobody releases the lock of a later run. If that
    run still works, it stops before its next write.
    """
    from reconciler.cli.runs.unlock import unlock_environment

    inputs, _ = split(options)
    return unlock_environment(inputs, name, holder)
