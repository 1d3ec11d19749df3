"""The environments of a repository, and the order in which they are applied: `after` of an environment.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from reconciler.ports import Repository
from reconciler.stages.load.file import EnvironmentFile, read_file
from reconciler.stages.load.findings import LoadFindings
from reconciler.stages.load.templates import ENVIRONMENT_FILE, intended_name
from reconciler.text.suggest import did_you_mean, one_of

_ENVIRONMENT_FILE = re.compile(r"environments/([^/]+)/environment\.yaml")
_SUFFIXES = (".yaml", ".yml", ".j2")  # of a file that is meant; environment.yaml.bak is put aside


def environments(repository: Repository) -> tuple[str, ...]:
    """The names of all environments: the folders below `environments/` with an environment.yaml."""
    return _environments_in(repository.files("environments"))


@lru_cache(maxsize=4)  # of one run: each environment of a fleet asks for the names of all
def _environments_in(files: tuple[str, ...]) -> tuple[str, ...]:
    matches = map(_ENVIRONMENT_FILE.fullmatch, files)
    return tuple(match[1] for match in matches if match)


def lost_environments(repository: Repository) -> Mapping[str, Mapping[str, str]]:
    """Folders that are meant to be environments, each with the files that would be an environment.yaml and a hint."""
    known = frozenset(environments(repository))
    lost: dict[str, dict[str, str]] = {}
    for path in repository.files("environments"):
        _, folder, *rest = path.split("/")
        if rest and folder not in known and (hint := _as_environment(folder, rest)):
            lost.setdefault(folder, {})[path] = hint
    return lost


def _as_environment(folder: str, path: list[str]) -> str:
    """How to make a file in a folder without an environment.yaml one; "" if it is another file."""
    *below, name = path
    if below:
        joined = "/".join(("environments", "-".join((folder, *below)), ENVIRONMENT_FILE))
        return f"folders do not nest: move it to {joined}" if name == ENVIRONMENT_FILE else ""
    is_meant = name.endswith(_SUFFIXES) and intended_name(name) == ENVIRONMENT_FILE
    return f"did you mean {ENVIRONMENT_FILE}?" if is_meant else ""


def read_order(
    repository: Repository, name: str, file: EnvironmentFile, findings: LoadFindings
) -> frozenset[str]:
    """Every environment that comes before this one; `findings` gets names that do not exist, and cycles."""
    known = environments(repository)
    earlier: set[str] = set()
    for index, before in enumerate(file.form.after):
        where = file.location("after", index)
        if before not in known:
            lost = lost_environments(repository).get(before, {})
            hint = next((f"{path}: {each}" for path, each in lost.items()), "")
            hint = hint or did_you_mean(before, known) or f"known environments: {one_of(known)}"
            findings.add("E011", f"there is no environment `{before}`", where, hint)
        elif (path := _path(repository, before, name)) is not None:
            chain = " -> ".join((name, *path))
            message = f"`after` goes in a circle: {chain}"
            findings.add("E011", message, where, "remove one of these from `after`")
        else:
            earlier |= {before, *_reached(repository, before)}
    return frozenset(earlier)


def _path(repository: Repository, start: str, end: str) -> tuple[str, ...] | None:
    """The environments from one to another along `after`; None if it does not lead there."""
    paths: dict[str, tuple[str, ...]] = {start: (start,)}
    pending = [start]
    while pending:
        current = pending.pop(0)
        if current == end:
            return paths[current]
        for before in _after(repository, current):
            if before not in paths:
                paths[before] = (*paths[current], before)
                pending.append(before)
    return None


def _reached(repository: Repository, start: str) -> Iterator[str]:
    reached = {start}
    pending = [start]
    while pending:
        for before in _after(repository, pending.pop()):
            if before not in reached:
                reached.add(before)
                pending.append(before)
                yield before


def _after(repository: Repository, name: str) -> tuple[str, ...]:
    """`after` of another environment; what is wrong with that file is a finding of its own run."""
    if name not in environments(repository):
        return ()
    file = read_file(f"environments/{name}/environment.yaml", LoadFindings(name, repository))
    return tuple(file.form.after) if file else ()
