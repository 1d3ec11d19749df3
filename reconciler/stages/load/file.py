"""Read and validate environment.yaml; every finding has its location."""

from __future__ import annotations

import copy
import typing
from collections.abc import Collection, Iterable, Mapping
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from reconciler.model.document import Json, JsonObject
from reconciler.model.location import Location
from reconciler.model.path import FieldPath, at, show
from reconciler.stages.load.findings import LoadFindings
from reconciler.stages.load.form_errors import errors_of
from reconciler.text.suggest import did_you_mean, one_of
from reconciler.text.yaml import NodePosition, load_documents

if TYPE_CHECKING:
    from reconciler.stages.load.form import EnvironmentForm

_MESSAGES = {
    "string_type": "must be a string",
    "string_too_short": "must not be empty",
    "list_type": "must be a list",
    "bool_type": "must be true, false or a mapping",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "too_short": "must not be empty",
    "string_pattern_mismatch": "must be a namespace: lower case letters, digits and `-`",
    "string_too_long": "must have at most 63 characters",
}
_BOUNDS = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}
_HINTS = {"string_type": "quote it"}


class EnvironmentFile:
    """The valid part of an environment.yaml, and the location of each of its fields."""

    def __init__(
        self, path: str, text: str, form: EnvironmentForm, places: Mapping[FieldPath, NodePosition]
    ) -> None:
        self.path, self.text, self.form = path, text, form
        self._places = places

    def combined(
        self, form: EnvironmentForm, other: EnvironmentFile, keys: Collection[str]
    ) -> EnvironmentFile:
        """This file with another form, some of whose keys come from another file."""
        own = {path: place for path, place in self._places.items() if not path or path[0] in keys}
        others = {
            path: place for path, place in other._places.items() if path and path[0] not in keys
        }
        return EnvironmentFile(self.path, self.text, form, own | others)

    def location(self, *path: str | int) -> Location:
        """The location of a value, or of its nearest parent in the file."""
        for end in range(len(path), -1, -1):
            place = self._places.get(path[:end])
            if place is not None:
                return (
                    place.value.location(self.path)
                    if place.scalar
                    else place.best.location(self.path)
                )
        return Location(self.path)

    def has_unusable_type(self) -> bool:
        """Whether `cluster.type` is in the file, but invalid, so which keys belong to it is unknown."""
        written = ("cluster", "type") in self._places
        return written and "type" not in getattr(self.form.cluster, "model_fields_set", ())

    def key_location(self, *path: str | int) -> Location:
        """The location of the key of a value that is in the file."""
        return self._places[path].best.location(self.path)


def read_file(path: str, findings: LoadFindings) -> EnvironmentFile | None:
    """The valid part of an environment.yaml, or None if it is not a mapping; `findings` gets the rest."""
    text = findings.read(path, missing="this file does not exist")
    if text is None:
        return None
    stream = load_documents(text, aliases=True)
    findings.add_yaml_findings(path, stream.errors)
    if stream.errors:
        return None
    if len(stream.documents) != 1 or not isinstance(stream.documents[0].value, dict):
        hint = "begin with `configVersion: 1`"
        findings.add("E001", "this file must contain one mapping", Location(path, 1, 1), hint)
        return None
    from reconciler.stages.load.form import EnvironmentForm  # pydantic takes long to build it

    document = stream.documents[0]
    try:
        form = EnvironmentForm.model_validate(document.value)
    except ValidationError as invalid:
        errors = errors_of(invalid, document.value)
        for error in errors:
            _add(findings, path, error, document.value, document.positions)
        form = EnvironmentForm.model_validate(_without_errors(document.value, errors))
    return EnvironmentFile(path, text, form, document.positions)


def _without_errors(value: Json, errors: Iterable[Mapping[str, Any]]) -> JsonObject:
    """The valid part of the file, so that later checks can run despite the errors."""
    rest: JsonObject = copy.deepcopy(value)
    for error in errors:
        names = list(takewhile(lambda step: isinstance(step, str), error["loc"]))
        parent = at(rest, tuple(names[:-1]))
        if isinstance(parent, dict):
            parent.pop(names[-1], None)
    return {"configVersion": 1, "namespaces": ["default"], **rest}


def _add(
    findings: LoadFindings,
    path: str,
    error: Mapping[str, Any],
    value: Json,
    places: Mapping[FieldPath, NodePosition],
) -> None:
    field = tuple(step for step in error["loc"] if step != "[key]")
    kind = error["type"]
    name = show(field)
    if kind == "missing":
        where = places[field[:-1]].best.location(path)
        findings.add("E004", f"`{name}` is missing", where, _example(field))
        return
    place = places.get(field)
    if kind == "extra_forbidden" and place is not None:
        known = _known_keys(field[:-1])
        hint = did_you_mean(str(field[-1]), known) or f"known keys: {one_of(known)}"
        findings.add("E002", f"unknown key `{name}`", place.best.location(path), hint)
        return
    position = place.value if place is not None else places[()].value
    where = position.location(path)
    if field == ("configVersion",):
        message = "this release supports only configVersion 1"
        findings.add("E007", message, where, _version_hint(at(value, field)))
        return
    expected = (error.get("ctx") or {}).get("expected")
    if expected:
        words = expected.replace("'", "").replace(" or ", ", ").split(", ")
        actual = at(value, field)
        hint = did_you_mean(actual, words) if isinstance(actual, str) else ""
        findings.add("E003", f"`{name}` must be {expected.replace(chr(39), '')}", where, hint)
        return
    bounds = error.get("ctx") or {}
    if kind in _BOUNDS:
        word, bound = _BOUNDS[kind]
        findings.add("E003", f"`{name}` must be {word} {bounds[bound]}", where)
        return
    message = _MESSAGES.get(kind, error["msg"][:1].lower() + error["msg"][1:])
    findings.add("E003", f"`{name}` {message}", where, _hint(kind, field))


def _version_hint(value: Json) -> str:
    if value == "1":
        return "write 1 without quotes"
    is_later = type(value) is int and value > 1
    return "upgrade the reconciler" if is_later else "write `configVersion: 1`"


def _hint(kind: str, field: FieldPath) -> str:
    """How to write a value of the right type. It never repeats the value, which may be the URL of a webhook."""
    if kind == "list_type":
        return f"put it in brackets: `{field[-1]}: [...]`"
    if kind in ("model_type", "model_attributes_type"):
        return _example(field) or f"known keys: {one_of(_known_keys(field))}"
    return _HINTS.get(kind, "")


def _example(field: FieldPath) -> str:
    examples: dict[FieldPath, str] = {
        ("configVersion",): "add `configVersion: 1`",
        ("namespaces",): "add the namespaces that it may write to: `namespaces: [llm]`",
        ("cluster",): "write `cluster: {type: kubernetes}`",
        ("cluster", "type"): "kubernetes or directory",
    }
    return examples.get(field, "")


def _known_keys(field: FieldPath) -> list[str]:
    """The keys that the form allows at a path."""
    from reconciler.stages.load.form import EnvironmentForm

    form: type[BaseModel] = EnvironmentForm
    for step in field:
        for name, attribute in form.model_fields.items():
            if step in (name, attribute.alias):
                form = next(
                    part
                    for part in (attribute.annotation, *typing.get_args(attribute.annotation))
                    if isinstance(part, type) and issubclass(part, BaseModel)
                )
    return [attribute.alias or name for name, attribute in form.model_fields.items()]
