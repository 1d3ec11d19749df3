"""`render` and `environments`: what git says, without a report."""

from __future__ import annotations

import sys
from pathlib import Path

from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.doors import open_doors
from reconciler.cli.names import resolve
from reconciler.cli.output import Sink, cleaned, emit, write_file, write_out
from reconciler.cli.where import Where
from reconciler.desired import Desired, checked, desired
from reconciler.doors import Doors
from reconciler.errors import ExitCode, worst
from reconciler.model.finding import errors_in
from reconciler.model.manifest import Manifest
from reconciler.model.run import Command, EnvironmentRun, Run
from reconciler.pipeline import guarded
from reconciler.ports import Redactor
from reconciler.text.yaml import dump


def render_environments(where: Where, names: tuple[str, ...], out: str) -> int:
    """Print or write every manifest; findings go to stderr, and an error among them is exit code 3.

    Where a secret stands in clear text nothing is printed: a log may be read by more people than the repository.
    """
    redactor = SecretRedactor()
    doors = open_doors(where, redactor)
    codes = []
    for name in resolve(doors.repository, names):
        found, code = _read(doors, name, redactor)
        codes.append(code)
        if found is None or any(d.code.startswith("SEC") for d in errors_in(found.findings)):
            continue
        if out:
            _write_files(Path(out) / name, found.manifests)
        else:
            text = "".join(f"---\n{_text(manifest)}" for manifest in found.manifests)
            emit(text or "# no objects", Sink("yaml"), redactor)
    return worst(codes)


def list_environments(where: Where, names: tuple[str, ...]) -> int:
    """One line per environment."""
    redactor = SecretRedactor()
    doors = open_doors(where, redactor)
    codes = []
    rows = [("ENVIRONMENT", "CLUSTER", "NAMESPACES", "OBJECTS")]
    for name in resolve(doors.repository, names):
        found, code = _read(doors, name, redactor)
        codes.append(code)
        if found is None:
            rows.append((name, "(cannot be read)", "", ""))
            continue
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
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        write_out("  ".join(cells).rstrip() + "\n")
    return worst(codes)


def _read(doors: Doors, name: str, redactor: Redactor) -> tuple[Desired | None, ExitCode]:
    """One environment, or None; errors go to stderr as `validate` prints them, and stop no other environment."""
    found: Desired | None = None

    def look() -> EnvironmentRun:
        nonlocal found
        found = checked(doors, desired(doors, name))
        errors = errors_in(found.findings)
        code = ExitCode.INVALID if errors else ExitCode.OK
        return EnvironmentRun(name, code, findings=errors, objects=len(found.manifests))

    seen = guarded(name, look)
    if seen.exit_code is not ExitCode.OK:
        from reconciler.report import Style
        from reconciler.reports import FORMATS

        run = Run(Command.VALIDATE, doors.version, doors.repository.revision, (seen,))
        sys.stderr.write(FORMATS["text"].render(cleaned(run, redactor), Style()))
    return found, seen.exit_code


def _text(manifest: Manifest) -> str:
    return f"# Source: {manifest.origin(()).template}\n{dump(manifest.document.body())}"


def _write_files(folder: Path, manifests: tuple[Manifest, ...]) -> None:
    for manifest in manifests:
        ref = manifest.ref
        path = folder / ref.namespace / f"{ref.kind.lower()}.{ref.group}" / f"{ref.name}.yaml"
        write_file(path, _text(manifest))
