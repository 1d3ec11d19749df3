"""`validate FILE...`: plain manifests, without any environment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from reconciler.adapters.redactor import SecretRedactor
from reconciler.adapters.sources.named import Named, read_named
from reconciler.cli.doors import open_doors
from reconciler.cli.output import sinks, write_reports
from reconciler.cli.where import Where
from reconciler.desired import desired_of
from reconciler.doors import Options
from reconciler.model.diagnostic import Severity, in_order
from reconciler.pipeline import run_plain
from reconciler.report import Style
from reconciler.stages.render.plain import concerns


def validate_files(
    files: tuple[str, ...], where: Where, report: dict[str, Any], severity: Severity
) -> int:
    """Every finding on the manifests of files, folders and stdin."""
    targets = sinks(report["output"])
    redactor = SecretRedactor()
    doors = open_doors(replace(where, repository="."), redactor)
    named = read_named(files, sys.stdin.buffer, lambda text: concerns(text, doors.kinds))
    wanted = desired_of(doors, named.files)
    wanted = replace(
        wanted,
        diagnostics=in_order([*named.diagnostics, *wanted.diagnostics]),
        notes=(*wanted.notes, *_notes(named)),
    )
    result = run_plain(wanted, doors, Options(severity=severity))
    style = Style(verbose=report["verbose"])
    write_reports(result, targets, redactor, style, color=report["color"])
    return result.exit_code


def _notes(named: Named) -> Iterator[str]:
    if count := len(named.templates):
        what = "1 template" if count == 1 else f"{count} templates"
        yield f"{what} (only an environment gives them values: reconciler validate ENVIRONMENT)"
    if count := len(named.unread):
        what = "1 file that is" if count == 1 else f"{count} files that are"
        yield f"{what} not UTF-8 ({', '.join(named.unread[:5])}{', ...' if count > 5 else ''})"  # noqa: PLR2004 -- enough to find them
