"""Values of the environment's own layer that no template reads: most often a misspelt key that overrides nothing.

A value that a template may read in another run is not reported: if its key occurs in a template (inside a condition,
say), if templates read none of the keys beside it by name (they may compute the key), or if it has an anchor.
"""

from __future__ import annotations

import re

from reconciler.model.document import JsonObject
from reconciler.model.environment import Environment
from reconciler.model.finding import Severity
from reconciler.model.location import Origin
from reconciler.model.path import FieldPath, at, show
from reconciler.model.rendering import Rendering
from reconciler.stages.render.findings import RenderFindings
from reconciler.text.suggest import did_you_mean

_WORD = re.compile(r"[\w-]+")
_ANCHOR = re.compile(r":[ \t]+&\S")
_HINT = "use it in a template, or remove it"


def check_unread(rendering: Rendering, environment: Environment, findings: RenderFindings) -> None:
    """Only the nearest layer is checked: environments share the others, and another environment may read the value."""
    own = f"environments/{environment.name}/"
    origins = dict(environment.value_origins)
    own_unread = [path for path in rendering.unread if origins[path].path.startswith(own)]
    words = _words(environment) if own_unread else frozenset()
    unread, body = frozenset(rendering.unread), environment.values.body()
    for path in own_unread:
        where, key = origins[path], str(path[-1])
        if key in words or _ANCHOR.search(environment.line(where)):
            continue
        near = [name for name in _read_beside(path, unread, rendering, body) if name in words]
        if not near:
            continue
        message = f"no template of this environment reads values.{show(path)}"
        hint = did_you_mean(key, near)
        severity = Severity.WARNING if hint else Severity.NOTICE
        findings.add("J014", message, Origin(where), hint=hint or _HINT, severity=severity)


def _words(environment: Environment) -> frozenset[str]:
    """Every word in the templates: a template can only read a key by its name if the name is among these."""
    texts = (file.text for file in (*environment.templates, *environment.library))
    return frozenset(word for text in texts for word in _WORD.findall(text))


def _read_beside(
    path: FieldPath, unread: frozenset[FieldPath], rendering: Rendering, body: JsonObject
) -> list[str]:
    """The keys with the same parent that templates read, whether or not they exist."""
    parent = path[:-1]
    siblings = at(body, parent)
    missed = [str(other[-1]) for other in rendering.missed if other[:-1] == parent]
    return [*missed, *(key for key in siblings or () if (*parent, key) not in unread)]
