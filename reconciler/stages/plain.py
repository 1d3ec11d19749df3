"""Plain manifests as an environment: no values, no policy, any namespace."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.document import Document
from reconciler.model.environment import (
    ClusterTarget,
    ClusterType,
    Environment,
    Policy,
    SourceFile,
)

NAME = "files"


def plain_environment(files: Iterable[SourceFile]) -> Environment:
    """An environment for the validation of plain files."""
    return Environment(
        name=NAME,
        file="",
        cluster=ClusterTarget(ClusterType.DIRECTORY),
        home="",
        namespaces=(),
        crds=(),
        policy=Policy(),
        values=Document.of({}),
        value_origins=(),
        templates=tuple(files),
        library=(),
    )
