"""A rendered object, with the origin of each field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from reconciler.frozen import dataclass
from reconciler.model.document import Document
from reconciler.model.identity import ObjectRef
from reconciler.model.location import Location, Origin
from reconciler.model.path import FieldPath


@dataclass(frozen=True, slots=True)
class Manifest:
    """A rendered object.

    Attributes:
        origins: the origin of every field (of its key) by path, and of the document under `()`. Read-only.
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
