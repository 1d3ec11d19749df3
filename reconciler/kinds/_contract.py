"""What contracts are made of: pydantic models that never judge structure, and breaches with stable codes.

The structure (types, required and unknown fields) is the CRD's word alone, so a model here reads what it can
use and takes a value of another type for "not set". Whatever is told says what to write: hints have no default.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from reconciler.kind import FieldFinding, Topic
from reconciler.model.document import JsonObject, dig, dig_map
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath
from reconciler.text.suggest import suggest


def _only(wanted: type) -> BeforeValidator:
    return BeforeValidator(lambda value: value if type(value) is wanted else None)


# Values of these types, None for anything else.
Text = Annotated[str | None, _only(str)]
Number = Annotated[int | None, _only(int)]
Flag = Annotated[bool | None, _only(bool)]
Map = Annotated[dict[str, Any] | None, _only(dict)]
Items = Annotated[list[Any] | None, _only(list)]
BLOCK = _only(dict)  # `Annotated[Google | None, BLOCK]`


class Block(BaseModel):
    """A mapping of a spec, as far as a rule needs it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @classmethod
    def of(cls, body: JsonObject) -> Self:
        """The spec of an object."""
        return cls.model_validate(dig_map(body, "spec"))

    def misspells(self, *names: str) -> bool:
        """Whether a key that is not known here is near to one of these: the CRD asks for that one then."""
        known = [field.alias or name for name, field in type(self).model_fields.items()]
        return any(suggest(key, known) in names for key in self.model_extra or ())


@dataclass(frozen=True, slots=True)
class Breach:
    """One way in which a spec cannot work; `path` counts from the spec."""

    code: str
    path: FieldPath
    message: str
    hint: str

    def as_warning(self) -> FieldFinding:
        """Where the object works all the same."""
        return warning(self.code, self.path, self.message, self.hint)


class Contract(Block):
    """The root of a spec. It reports every breach at once; none stops the others."""

    def breaches(self) -> Iterator[Breach]:
        raise NotImplementedError

    @model_validator(mode="after")
    def tell_all(self) -> Self:
        told = [
            InitErrorDetails(
                type=PydanticCustomError(
                    breach.code, "{message}", {"message": breach.message, "hint": breach.hint}
                ),
                loc=breach.path,
                input=None,  # a value may be a secret
            )
            for breach in self.breaches()
        ]
        if told:
            raise ValidationError.from_exception_data(type(self).__name__, told, hide_input=True)
        return self


def warning(code: str, path: FieldPath, message: str, hint: str) -> FieldFinding:
    return FieldFinding(code, Severity.WARNING, ("spec", *path), message, hint)


def notice(code: str, path: FieldPath, message: str, hint: str) -> FieldFinding:
    return FieldFinding(code, Severity.NOTICE, ("spec", *path), message, hint)


def namespace_of(body: JsonObject) -> str:
    return str(dig(body, "metadata", "namespace") or "")


def about(topic: Topic, finding: FieldFinding) -> FieldFinding:
    """The finding, with what an environment's policy may have a word for."""
    return replace(finding, topic=topic)
