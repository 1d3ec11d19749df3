"""Text for people."""

from __future__ import annotations

from reconciler.model.run import Run
from reconciler.report import ReportFormat, Style


def render(run: Run, _: Style) -> str:
    lines: list[str] = []
    for environment in run.environments:
        lines.extend(
            f"{d.where}: {d.severity}[{d.code}] {d.message}" for d in environment.diagnostics
        )
        lines.extend(f"{c.state:10} {c.ref}" for c in environment.changes if c.state != "unchanged")
        lines.append(f"{environment.name}: exit {environment.exit_code}")
    return "\n".join(lines) + "\n"


FORMAT = ReportFormat("text", "for people", render)
