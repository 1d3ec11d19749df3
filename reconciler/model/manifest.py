"""One rendered object, with the place of each of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.path import FieldPath


@dataclass(frozen=True, slots=True)
class Manifest:
    """One rendered object.

    Attributes:
        origins: place of every field (of its key; of the whole document under `()`), by path. Read-only.
    """

    ref: ObjectRef
    api_version: str
    document: Document
    origins: Mapping[FieldPath, Origin] = field(repr=False, compare=False, hash=False)

    def origin(self, path: FieldPath) -> Origin:
        """The origin of a field, or of the nearest field above it that the sources hold."""
        for end in range(len(path), -1, -1):
            origin = self.origins.get(path[:end])
            if origin is not None:
                return origin
        return Origin(Location("<rendered>"))
