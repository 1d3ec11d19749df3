"""Values of the environment's own layer that nothing reads: most often a misspelt key that overrides nothing."""

from __future__ import annotations

from reconciler.model.diagnostic import Severity
from reconciler.model.environment import Environment
from reconciler.model.location import Origin
from reconciler.model.path import FieldPath, at, show
from reconciler.ports import Rendering
from reconciler.stages.render.findings import Findings
from reconciler.text.suggest import did_you_mean


def check_unread(rendering: Rendering, environment: Environment, findings: Findings) -> None:
    """A layer that environments share may hold what another one reads, so only the nearest is looked at."""
    own = f"environments/{environment.name}/"
    origins = dict(environment.value_origins)
    for path in rendering.unread:
        where = origins[path]
        if where.path.startswith(own):
            message = f"no template of this environment reads values.{show(path)}"
            hint = did_you_mean(str(path[-1]), _near(path, rendering, environment))
            findings.add(
                "J014", message, Origin(where), hint=hint or "remove it", severity=Severity.WARNING
            )


def _near(path: FieldPath, rendering: Rendering, environment: Environment) -> list[str]:
    """What is read beside it, and what templates asked for there in vain."""
    parent = path[:-1]
    beside = at(environment.values.body(), parent)
    unread = {other[-1] for other in rendering.unread if other[:-1] == parent}
    asked = [str(other[-1]) for other in rendering.missed if other[:-1] == parent]
    return [*asked, *(key for key in beside or () if key not in unread)]
