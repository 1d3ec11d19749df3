"""Globs of `policy.extraFields` that no field of any CRD can match, so that what they would remove or fail stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, Severity
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate.policy import key_location
from reconciler.stages.validate.schema_hints import field_names
from reconciler.text.lines import shown
from reconciler.text.suggest import suggest

_TOKEN = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)
_ROOT = "spec."
_HINT = "write the name of a field as a report prints it, such as spec.headers.*"


def unmatched(environment: Environment, crds: Iterable[Crd]) -> Iterator[Finding]:
    """A warning for each glob that no field below `spec` can match, in any version of these CRDs."""
    globs = [
        glob for glob, _ in environment.policy.extra_fields if not glob.startswith("metadata.")
    ]
    fields = tuple(dict.fromkeys(_fields(crds))) if globs else ()
    for glob in globs if fields else ():
        if not any(_overlap(glob, field) for field in fields):
            where = key_location(environment, glob)
            yield Finding(
                "POL006",
                Severity.WARNING,
                f"no field of the CRDs can match `policy.extraFields.{glob}`",
                where,
                hint=_hint(glob, fields),
                source=shown(environment.line(where)),
            )


def _hint(glob: str, fields: Iterable[str]) -> str:
    near = suggest(glob.removeprefix(_ROOT), (field.removeprefix(_ROOT) for field in fields))
    return f"did you mean {_ROOT}{near}?" if near else _HINT


def _fields(crds: Iterable[Crd]) -> Iterator[str]:
    for crd in crds:
        for version in crd.versions:
            if spec := version.schema.properties.get("spec"):
                yield from field_names(spec, "spec")


def _overlap(glob: str, field: str) -> bool:
    """Whether some text matches both a glob and the glob of a field."""
    return _match(tuple(_TOKEN.findall(glob)), tuple(field))


def _match(left: Sequence[str], right: Sequence[str]) -> bool:
    @cache
    def match(i: int, j: int) -> bool:
        if i == len(left):
            return set(right[j:]) <= {"*"}
        if left[i] == "*" or (j < len(right) and right[j] == "*"):
            return match(i + 1, j) or (j < len(right) and match(i, j + 1))
        return j < len(right) and _fits(left[i], right[j]) and match(i + 1, j + 1)

    return match(0, 0)


def _fits(token: str, character: str) -> bool:
    if len(token) == 1:
        return token in ("?", character)
    return re.fullmatch(token.replace("[!", "[^", 1).replace("\\", "\\\\"), character) is not None
