"""Environment names of a command line."""

from __future__ import annotations

from reconciler.errors import EnvironmentFileError
from reconciler.ports import Repository
from reconciler.stages.load import environments


def resolve(repository: Repository, names: tuple[str, ...]) -> tuple[str, ...]:
    """The environments that are meant, each once, in the order of the command line; none named means all.

    A name that does not exist is left for `load`, which says so with a suggestion.

    Raises:
        EnvironmentFileError: the repository has no environment at all.
    """
    if names:
        return tuple(dict.fromkeys(names))
    found = environments(repository)
    if not found:
        raise EnvironmentFileError(
            "there is no environment here",
            hint="an environment is a folder environments/<name>/ with an environment.yaml; "
            "-C names another repository",
        )
    return found
