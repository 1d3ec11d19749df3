"""Load: an environment's files into an `Environment`."""

from __future__ import annotations

from pathlib import Path

from reconciler.model.document import JsonObject
from reconciler.model.environment import Environment
from reconciler.ports import Repository


def environments(repository: Repository) -> tuple[str, ...]:
    """Names of all environments: the folders under `environments/` that hold an environment.yaml."""
    raise NotImplementedError


def load(repository: Repository, root: Path, name: str) -> Environment:
    """Read one environment; `root` is the folder of the repository, for the path of a directory cluster.

    Raises:
        EnvironmentFileError: everything that is wrong with its files, with places.
        RepositoryError: a file cannot be read.
    """
    raise NotImplementedError


def environment_schema() -> JsonObject:
    """JSON Schema of environment.yaml, for editors."""
    raise NotImplementedError
