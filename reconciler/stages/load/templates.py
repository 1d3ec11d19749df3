"""Which templates an environment renders, and which it may include."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.errors import UnfitFile
from reconciler.model.environment import SourceFile
from reconciler.model.finding import Finding, Severity, unfit
from reconciler.model.location import Location
from reconciler.ports import Repository
from reconciler.stages.load.file import EnvironmentFile
from reconciler.stages.load.findings import FindingCollector
from reconciler.text.suggest import did_you_mean

_MANIFEST = ".yaml.j2"
_TEMPLATE = ".j2"
_READ = ("environment.yaml", "values.yaml")
_NEAR = 0.85  # `value.yaml` and `environment.yml` are, `values-extra.yaml` is not
UNREAD = "nothing reads this file"


def matches(pattern: str, path: str) -> bool:
    """Whether a path is one of a pattern: `*` stays within a folder, `**` is any number of folders."""
    return _matches(pattern.split("/"), path.split("/"))


def _matches(pattern: list[str], path: list[str]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_matches(pattern[1:], path[count:]) for count in range(len(path) + 1))
    return (
        bool(path) and fnmatch.fnmatchcase(path[0], pattern[0]) and _matches(pattern[1:], path[1:])
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """Templates to render, in order, the library of all others, and findings on those that are no text."""

    templates: tuple[SourceFile, ...]
    library: tuple[SourceFile, ...]
    unfit: tuple[Finding, ...]


def select(
    repository: Repository, name: str, file: EnvironmentFile, findings: FindingCollector
) -> Selection:
    """The templates that an environment renders, and those that they may include; what is wrong goes to `findings`."""
    shared = [path for path in repository.files("templates") if path.endswith(_TEMPLATE)]
    folder = f"environments/{name}"
    own = _own(repository.files(folder), folder, findings)
    rendered: dict[str, None] = {}
    for index, pattern in enumerate(file.form.manifests):
        where = file.where("manifests", index)
        rendered |= dict.fromkeys(_listed(pattern, shared, where, findings))
    rendered |= dict.fromkeys(path for path in own if _is_rendered(path))
    library = [path for path in (*shared, *own) if path not in rendered]
    broken: list[Finding] = []
    # A library may hold what other environments use: only a template that is rendered has to be fit.
    return Selection(
        tuple(_texts(repository, rendered, Severity.ERROR, broken)),
        tuple(_texts(repository, library, Severity.NOTICE, broken)),
        tuple(broken),
    )


def _own(paths: Iterable[str], folder: str, findings: FindingCollector) -> list[str]:
    """Templates of the environment's own folder. A manifest there that nothing reads is a mistake, told at once."""
    found: list[str] = []
    for path in paths:
        name = path.removeprefix(f"{folder}/")
        if name in _READ:
            continue
        hidden = path.rpartition("/")[2].startswith("_")
        if name.endswith(_TEMPLATE) and (hidden or (name.endswith(_MANIFEST) and "/" not in name)):
            found.append(path)
        elif name.endswith((".yaml", ".yml", _TEMPLATE)):
            stem = name.partition(".")[0].rpartition("/")[2]
            hint = f"to render it, name it {folder}/{stem}{_MANIFEST}"
            findings.add("E009", Location(path), UNREAD, misnamed(name) or hint)
    return found


def misnamed(name: str) -> str:
    """What the name of a file nearly is: `did you mean values.yaml?`; "" when it is nothing like it."""
    near = difflib.get_close_matches(name, _READ, n=1, cutoff=_NEAR) if name not in _READ else ()
    return f"did you mean {near[0]}?" if near else ""


def _listed(
    pattern: str, shared: list[str], where: Location, findings: FindingCollector
) -> list[str]:
    if not pattern.endswith(_TEMPLATE):
        findings.add(
            "E006",
            where,
            "a pattern of manifests must end in .j2",
            f"such as templates/*{_MANIFEST}",
        )
        return []
    if pattern.startswith("/") or ".." in pattern.split("/"):
        findings.add("E006", where, "a pattern of manifests must stay inside of the repository")
        return []
    found = [
        path
        for path in shared
        if matches(pattern, path) and (_is_rendered(path) or path == pattern)
    ]
    if not found:
        hint = did_you_mean(pattern, shared) or did_you_mean(f"templates/{pattern}", shared)
        findings.add("E006", where, "no template matches this pattern", hint)
    return found


def _is_rendered(path: str) -> bool:
    return not path.rpartition("/")[2].startswith("_")


def _texts(
    repository: Repository, paths: Iterable[str], severity: Severity, found: list[Finding]
) -> Iterator[SourceFile]:
    for path in paths:
        try:
            yield SourceFile(path, repository.read(path) or "")
        except UnfitFile as error:
            found.append(unfit(path, error, severity))
