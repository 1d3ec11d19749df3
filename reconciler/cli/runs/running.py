"""Runs a verb with the values of the options."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.cli.execution.stop import STOP
from reconciler.cli.options import split
from reconciler.cli.runs.reporting import reported
from reconciler.errors import UsageError
from reconciler.model.shard import UNDIVIDED

if TYPE_CHECKING:
    from reconciler.dependencies import Options
    from reconciler.model.run import Run
    from reconciler.model.verbs import Verb
    from reconciler.ports import Redactor


def run_verb(
    verb: Verb,
    names: tuple[str, ...],
    options: dict[str, Any],
    out: str = "",
    plan: str = "",
    **settings: Any,
) -> int:
    """Run a verb with the options that commands share, and with its own `settings`.

    The plan is written to the file `out`, and the run follows that in the file `plan`; both may be "".
    """
    from reconciler.cli.wiring.early import start_renderer

    start_renderer()

    from reconciler.cli.execution.progress import shown
    from reconciler.cli.execution.streams import write_error
    from reconciler.cli.wiring.dependencies import build_dependencies
    from reconciler.cli.wiring.names import resolve
    from reconciler.cli.wiring.rate import Division
    from reconciler.pipeline import run

    inputs, reporting = split(options)
    chosen = _chosen(verb, names, options, settings)

    def start(redactor: Redactor) -> Run:
        deps = build_dependencies(
            inputs,
            redactor,
            reads_cluster=verb.reads_cluster,
            reads_consumers=verb.reads_consumers,
            division=Division(chosen.shard, names, verb.is_about_apply),
        )
        lines = not reporting.for_programs
        with STOP.deferred(), shown(quiet=reporting.quiet, lines=lines) as progress:
            deps = replace(deps, progress=progress)
            result = run(resolve(deps.repository, names), deps, chosen)
        # Logs of pods have both streams in one: a line in front of a report for programs would spoil it.
        if lines and not result.environments:
            write_error(f"shard {chosen.shard}: no environment is in this share\n")
        return result

    return reported(reporting, inputs, start, out, plan)


def _chosen(
    verb: Verb, names: tuple[str, ...], options: dict[str, Any], settings: dict[str, Any]
) -> Options:
    from reconciler.dependencies import Options, PruneOptions

    only = frozenset(address.lower() for address in options.get("only", ()))
    taken = frozenset(options.get("take", ()))
    if taken and (len(only) != 1 or len(names) != 1):
        hint = "name the environment, and the object with --only KIND/NAMESPACE/NAME"
        raise UsageError("--take takes fields of one object of one environment", hint=hint)
    prune = PruneOptions(
        options.get("prune"), options.get("prune_limit"), options.get("allow_rollback", False)
    )
    return Options(
        verb,
        only=only,
        full=options.get("full", False),
        take=taken,
        prune=prune,
        shard=options.get("shard", UNDIVIDED),
        **settings,
    )
