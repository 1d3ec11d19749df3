"""The arguments of a command line: names of environments, or files."""

from __future__ import annotations

from pathlib import Path

from reconciler.cli.wiring.inputs import Inputs
from reconciler.errors import EnvironmentFileError, ReconcilerError, UsageError
from reconciler.model.command import Invocation, shell
from reconciler.ports import Repository

_LONGEST = 100  # characters


def resolve(repository: Repository, names: tuple[str, ...]) -> tuple[str, ...]:
    """The environments that the command line names, without duplicates, in its order; without a name, all of them.

    `stages.load` reports a name that does not exist, with a suggestion, and a misnamed environment.yaml.

    Raises:
        EnvironmentFileError: the repository has no environment at all.
        UsageError: a name is longer than that of any environment.
    """
    for name in names:
        if len(name) > _LONGEST:
            raise UsageError(f"`{name[:_LONGEST]}...` is too long for the name of an environment")
    if names:
        return tuple(dict.fromkeys(names))
    from reconciler.stages.load import environments, lost_environments

    known = (*environments(repository), *lost_environments(repository))
    if not known:
        raise EnvironmentFileError(
            "this repository has no environment",
            hint="an environment is a folder environments/<name>/ with an environment.yaml; "
            "-C selects another repository",
        )
    return known


def files_among(names: tuple[str, ...], inputs: Inputs) -> tuple[str, ...]:
    """The arguments, if they name files or folders; () if they name environments.

    A name that could be either is an environment; `./prod` is the folder.

    Raises:
        UsageError: the arguments are both files and environments, or files with --revision.
    """
    files = tuple(name for name in names if _is_file(name, inputs))
    if not files:
        return ()
    if len(files) < len(names):
        name = next(name for name in names if name not in files)
        raise UsageError(
            f"`{name}` is taken as an environment, and {files[0]} is a file: validate them separately",
            hint=f"./{name} is a file or a folder",
        )
    if inputs.revision:
        raise UsageError(
            "--revision applies only to environments, not to files",
            hint=shell("git", "show", f"{inputs.revision}:PATH")
            + " | "
            + Invocation().command("validate", "-"),
        )
    return files


def _is_file(name: str, inputs: Inputs) -> bool:
    from reconciler.adapters.sources.named import looks_like_file

    if looks_like_file(name):
        return True
    try:
        exists = bool(name) and Path(name).exists()
    except OSError:  # longer than any name of a file
        return False
    return exists and name not in _known(inputs)


def _known(inputs: Inputs) -> tuple[str, ...]:
    from reconciler.cli.wiring.dependencies import open_folder
    from reconciler.stages.load import environments

    if inputs.is_remote:
        return ()
    try:
        return environments(open_folder(inputs))
    except ReconcilerError:
        return ()
