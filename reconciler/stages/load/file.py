"""environment.yaml: read, judged as a whole, every problem at its place."""

from __future__ import annotations

import copy
import typing
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any

from pydantic import BaseModel, ValidationError

from reconciler.model.document import Json, JsonObject
from reconciler.model.location import Location
from reconciler.model.path import FieldPath, at, show
from reconciler.stages.load.findings import FindingCollector
from reconciler.stages.load.form import EnvironmentForm
from reconciler.text.suggest import did_you_mean, one_of
from reconciler.text.yaml import NodePosition, load_documents

_MESSAGES = {
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "too_short": "must not be empty",
    "string_pattern_mismatch": "must be a namespace: lower case letters, digits and `-`",
    "string_too_long": "must have at most 63 characters",
}
_HINTS = {"string_type": "quote it"}


class EnvironmentFile:
    """What is valid of an environment.yaml, and where its fields stand."""

    def __init__(
        self, path: str, text: str, form: EnvironmentForm, places: Mapping[FieldPath, NodePosition]
    ) -> None:
        self.path, self.text, self.form = path, text, form
        self._places = places

    def where(self, *path: str | int) -> Location:
        """The place of a value, or of the nearest thing around it."""
        for end in range(len(path), -1, -1):
            place = self._places.get(path[:end])
            if place is not None:
                return (
                    place.value.location(self.path)
                    if place.scalar
                    else place.best.location(self.path)
                )
        return Location(self.path)

    def key(self, *path: str | int) -> Location:
        """The place of the key of a value that is there."""
        return self._places[path].best.location(self.path)


def read_file(path: str, findings: FindingCollector) -> EnvironmentFile | None:
    """An environment.yaml, as far as it can be read; findings say what is wrong with it. None if it is no mapping."""
    text = findings.text(path, missing="the file is not there")
    if text is None:
        return None
    stream = load_documents(text, aliases=True)
    findings.add_yaml_findings(path, stream.errors)
    if stream.errors:
        return None
    if len(stream.documents) != 1 or not isinstance(stream.documents[0].value, dict):
        findings.add(
            "E001", Location(path, 1, 1), "must hold one mapping", "begin with `configVersion: 1`"
        )
        return None
    document = stream.documents[0]
    try:
        form = EnvironmentForm.model_validate(document.value)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        for found in wrong:
            _add(findings, path, found, document.value, document.positions)
        form = EnvironmentForm.model_validate(_sound(document.value, wrong))
    return EnvironmentFile(path, text, form, document.positions)


def _sound(value: Json, wrong: Iterable[Mapping[str, Any]]) -> JsonObject:
    """The file without what is wrong, so that the rest of it is judged as well; nobody else sees it."""
    rest: JsonObject = copy.deepcopy(value)
    for found in wrong:
        names = list(takewhile(lambda step: isinstance(step, str), found["loc"]))
        around = at(rest, tuple(names[:-1]))
        if isinstance(around, dict):
            around.pop(names[-1], None)
    return {"configVersion": 1, "namespaces": ["default"], **rest}


def _add(
    findings: FindingCollector,
    path: str,
    found: Mapping[str, Any],
    value: Json,
    places: Mapping[FieldPath, NodePosition],
) -> None:
    field = tuple(step for step in found["loc"] if step != "[key]")
    kind = found["type"]
    name = show(field)
    if kind == "missing":
        where = places[field[:-1]].best.location(path)
        findings.add("E004", where, f"`{name}` is missing", _example(field))
        return
    place = places.get(field)
    if kind == "extra_forbidden" and place is not None:
        known = _known(field[:-1])
        hint = did_you_mean(str(field[-1]), known) or f"there are {one_of(known)}"
        findings.add("E002", place.best.location(path), f"unknown key `{name}`", hint)
        return
    position = place.value if place is not None else places[()].value
    where = position.location(path)
    if field == ("configVersion",):
        findings.add(
            "E007", where, "this release knows configVersion 1 only", "upgrade the reconciler"
        )
        return
    expected = (found.get("ctx") or {}).get("expected")
    if expected:
        words = expected.replace("'", "").replace(" or ", ", ").split(", ")
        given = at(value, field)
        hint = did_you_mean(given, words) if isinstance(given, str) else ""
        findings.add("E003", where, f"`{name}` must be {expected.replace(chr(39), '')}", hint)
        return
    message = _MESSAGES.get(kind, found["msg"][:1].lower() + found["msg"][1:])
    findings.add("E003", where, f"`{name}` {message}", _HINTS.get(kind, ""))


def _example(field: FieldPath) -> str:
    examples: dict[FieldPath, str] = {
        ("configVersion",): "add `configVersion: 1`",
        ("namespaces",): "add the namespaces it may write to: `namespaces: [llm]`",
        ("cluster", "type"): "kubernetes or directory",
    }
    return examples.get(field, "")


def _known(field: FieldPath) -> list[str]:
    """The keys of the part of the form that a path leads to."""
    form: type[BaseModel] = EnvironmentForm
    for step in field:
        for name, described in form.model_fields.items():
            if step in (name, described.alias):
                form = next(
                    part
                    for part in (described.annotation, *typing.get_args(described.annotation))
                    if isinstance(part, type) and issubclass(part, BaseModel)
                )
    return [described.alias or name for name, described in form.model_fields.items()]
