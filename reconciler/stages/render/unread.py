"""Values of the environment's own layer that nothing reads: most often a misspelt key that overrides nothing.

What a template may read in another run is left alone: a key that it names at all (behind a condition, say), keys beside
one that was computed, and what an anchor lends to others.
"""

from __future__ import annotations

import re

from reconciler.model.document import JsonObject
from reconciler.model.environment import Environment
from reconciler.model.finding import Severity
from reconciler.model.location import Origin
from reconciler.model.path import FieldPath, at, show
from reconciler.ports import Rendering
from reconciler.stages.render.findings import Findings
from reconciler.text.suggest import did_you_mean

_WORD = re.compile(r"[\w-]+")
_ANCHOR = re.compile(r":[ \t]+&\S")
_USE_IT = "use it in a template, or remove it"


def check_unread(rendering: Rendering, environment: Environment, findings: Findings) -> None:
    """A layer that environments share may hold what another one reads, so only the nearest is looked at."""
    own = f"environments/{environment.name}/"
    origins = dict(environment.value_origins)
    mine = [path for path in rendering.unread if origins[path].path.startswith(own)]
    named = _words(environment) if mine else frozenset()
    unread, body = frozenset(rendering.unread), environment.values.body()
    for path in mine:
        where, key = origins[path], str(path[-1])
        if key in named or _ANCHOR.search(environment.line(where)):
            continue
        near = [one for one in _near(path, unread, rendering, body) if one in named]
        if not near:
            continue
        message = f"no template of this environment reads values.{show(path)}"
        hint = did_you_mean(key, near)
        severity = Severity.WARNING if hint else Severity.NOTICE
        findings.add("J014", message, Origin(where), hint=hint or _USE_IT, severity=severity)


def _words(environment: Environment) -> frozenset[str]:
    """Everything that a template could name a key by."""
    texts = (file.text for file in (*environment.templates, *environment.library))
    return frozenset(word for text in texts for word in _WORD.findall(text))


def _near(
    path: FieldPath, unread: frozenset[FieldPath], rendering: Rendering, body: JsonObject
) -> list[str]:
    """What is read beside it, and what templates asked for there in vain."""
    parent = path[:-1]
    beside = at(body, parent)
    asked = [str(other[-1]) for other in rendering.missed if other[:-1] == parent]
    return [*asked, *(key for key in beside or () if (*parent, key) not in unread)]
