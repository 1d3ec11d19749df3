"""`validate FILE...`: validates plain manifests, which belong to no environment."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import replace

from reconciler.adapters.sources.environment_paths import refuse_environments
from reconciler.adapters.sources.named import NamedFiles, read_named
from reconciler.cli.runs.reporting import Reporting, reported
from reconciler.cli.wiring.dependencies import build_dependencies
from reconciler.cli.wiring.inputs import Inputs
from reconciler.dependencies import Options
from reconciler.model.command import Invocation
from reconciler.model.finding import Severity, in_order
from reconciler.model.run import Run
from reconciler.model.verbs import VALIDATE
from reconciler.pipeline import run_plain
from reconciler.ports import Redactor
from reconciler.stages.render.plain import names_managed_group
from reconciler.steps.sources import load_plain


def validate_files(
    files: tuple[str, ...], inputs: Inputs, reporting: Reporting, severity: Severity
) -> int:
    """Report every finding on the manifests in files, folders and stdin."""
    refuse_environments(files)
    inputs = replace(inputs, repository=".")

    def start(redactor: Redactor) -> Run:
        deps = build_dependencies(inputs, redactor)
        stdin = sys.stdin.buffer if sys.stdin else io.BytesIO()  # stdin may be closed
        named = read_named(files, stdin, lambda text: names_managed_group(text, deps.kinds))
        state = load_plain(deps, named.files)
        state = replace(
            state,
            findings=in_order([*named.findings, *state.findings]),
            notes=(*state.notes, *_notes(named)),
        )
        return run_plain(state, deps, Options(VALIDATE, severity=severity))

    return reported(reporting, inputs, start)


def _notes(named: NamedFiles) -> Iterator[str]:
    if count := len(named.templates):
        what = "1 template" if count == 1 else f"{count} templates"
        command = Invocation().command("validate", "ENVIRONMENT")
        yield f"{what} (only an environment gives them values: {command})"
    if count := len(named.large):
        what = "1 file" if count == 1 else f"{count} files"
        yield f"{what} of more than 1 MiB, which {'names' if count == 1 else 'name'} no managed kind"
    if count := len(named.unread):
        what = "1 file that is" if count == 1 else f"{count} files that are"
        yield f"{what} not UTF-8 ({', '.join(named.unread[:5])}{', ...' if count > 5 else ''})"  # noqa: PLR2004 -- enough to find them
