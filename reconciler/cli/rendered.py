"""`render` and `environments`: what git says, without a report."""

from __future__ import annotations

import sys
from pathlib import Path

from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.doors import open_doors
from reconciler.cli.names import resolve
from reconciler.cli.output import Sink, emit
from reconciler.cli.where import Where
from reconciler.doors import Doors
from reconciler.errors import ExitCode, worst
from reconciler.model.diagnostic import errors_in
from reconciler.model.manifest import Manifest
from reconciler.model.run import Command, EnvironmentRun, Run
from reconciler.pipeline import Desired, checked, desired
from reconciler.text.yaml import dump


def render_environments(where: Where, names: tuple[str, ...], out: str) -> int:
    """Print or write every manifest; findings go to stderr, and an error among them is exit code 3."""
    redactor = SecretRedactor()
    doors = open_doors(where, redactor)
    codes = []
    for name in resolve(doors.repository, names):
        found = checked(doors, desired(doors, name))
        codes.append(_complain(found, doors))
        if out:
            _write_files(Path(out) / name, found.manifests)
        else:
            text = "".join(f"---\n{_text(manifest)}" for manifest in found.manifests)
            emit(text or "# no objects", Sink("yaml"), redactor)
    return worst(codes)


def list_environments(where: Where, names: tuple[str, ...]) -> int:
    """One line per environment."""
    doors = open_doors(where, SecretRedactor())
    codes = []
    rows = [("ENVIRONMENT", "CLUSTER", "NAMESPACES", "OBJECTS")]
    for name in resolve(doors.repository, names):
        found = desired(doors, name)
        codes.append(_complain(found, doors))
        environment = found.environment
        rows.append(
            (
                name,
                str(environment.cluster),
                ",".join(environment.namespaces),
                str(len(found.manifests)),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    return worst(codes)


def _complain(found: Desired, doors: Doors) -> ExitCode:
    """Errors to stderr, as `validate` prints them."""
    errors = errors_in(found.diagnostics)
    if not errors:
        return ExitCode.OK
    from reconciler.report import Style
    from reconciler.reports import FORMATS

    environment = EnvironmentRun(
        found.environment.name, ExitCode.INVALID, diagnostics=errors, objects=len(found.manifests)
    )
    run = Run(Command.VALIDATE, doors.version, doors.repository.revision, (environment,))
    sys.stderr.write(FORMATS["text"].render(run, Style()))
    return ExitCode.INVALID


def _text(manifest: Manifest) -> str:
    return f"# Source: {manifest.origin(()).template}\n{dump(manifest.document.body())}"


def _write_files(folder: Path, manifests: tuple[Manifest, ...]) -> None:
    for manifest in manifests:
        ref = manifest.ref
        path = folder / ref.namespace / f"{ref.kind.lower()}.{ref.group}" / f"{ref.name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_text(manifest), encoding="utf-8")
