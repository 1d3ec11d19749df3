"""Reading a spec leniently, with pydantic models that never judge its structure.

The CRD alone judges types, required fields and unknown fields, so a model here reads the fields that a rule needs and
takes a value of another type as absent.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

from reconciler.model.document import JsonObject, dig, dig_map
from reconciler.text.suggest import suggest


def _only(expected: type) -> BeforeValidator:
    return BeforeValidator(lambda value: value if type(value) is expected else None)


# Values of these types, None for anything else.
Text = Annotated[str | None, _only(str)]
Number = Annotated[int | None, _only(int)]
Flag = Annotated[bool | None, _only(bool)]
Map = Annotated[dict[str, Any] | None, _only(dict)]
Items = Annotated[list[Any] | None, _only(list)]
BLOCK = _only(dict)  # `Annotated[Google | None, BLOCK]`


class Block(BaseModel):
    """A mapping in a spec: the fields that a rule needs."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    @classmethod
    def of(cls, body: JsonObject) -> Self:
        """The spec of an object."""
        return cls.model_validate(dig_map(body, "spec"))

    def misspells(self, *names: str) -> bool:
        """Whether an unknown key is near to one of these names: the finding on that key suggests the name."""
        known = [field.alias or name for name, field in type(self).model_fields.items()]
        return any(suggest(key, known) in names for key in self.model_extra or ())


def namespace_of(body: JsonObject) -> str:
    return str(dig(body, "metadata", "namespace") or "")
