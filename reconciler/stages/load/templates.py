"""The templates that an environment renders, and those that they may include."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Iterator

from reconciler.errors import UnusableFile
from reconciler.frozen import dataclass
from reconciler.model.environment import SourceFile
from reconciler.model.finding import Finding, Severity, unusable_file
from reconciler.model.location import Location
from reconciler.ports import Repository
from reconciler.stages.load.file import EnvironmentFile
from reconciler.stages.load.findings import LoadFindings
from reconciler.text.suggest import did_you_mean, one_of

_MANIFEST = ".yaml.j2"
_TEMPLATE = ".j2"
ENVIRONMENT_FILE = "environment.yaml"
_FILES = (ENVIRONMENT_FILE, "values.yaml")
_MAX_COMPARISONS = 1_000_000  # of a pattern with a path
_SIMILARITY = 0.85  # finds `value.yaml` and `environment.yml`, but not `values-extra.yaml`
UNREAD_FILE = "nothing reads this file"


def matches(pattern: str, path: str) -> bool:
    """Whether a path matches a pattern: `*` stays within a folder, `**` matches any number of folders."""
    steps = path.split("/")
    ends = {0}  # how many steps of the path the pattern so far can match
    for part in pattern.split("/"):
        if part == "**":
            ends = set(range(min(ends), len(steps) + 1))
        else:
            ends = {
                end + 1
                for end in ends
                if end < len(steps) and fnmatch.fnmatchcase(steps[end], part)
            }
        if not ends:
            return False
    return len(steps) in ends


@dataclass(frozen=True, slots=True)
class Selection:
    """The templates to render, in order; the library of all others; and findings on those that are not text."""

    templates: tuple[SourceFile, ...]
    library: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]


def select(
    repository: Repository, name: str, file: EnvironmentFile, findings: LoadFindings
) -> Selection:
    """The templates that an environment renders, and those that they may include."""
    shared = [path for path in repository.files("templates") if path.endswith(_TEMPLATE)]
    folder = f"environments/{name}"
    own = _own_templates(repository.files(folder), folder, findings)
    rendered: dict[str, None] = {}
    if len(file.form.manifests) * len(shared) > _MAX_COMPARISONS:
        where = file.location("manifests")
        findings.add("E006", "too many patterns in `manifests` for so many templates", where)
        findings.stop_if_any()
    for index, pattern in enumerate(file.form.manifests):
        where = file.location("manifests", index)
        rendered |= dict.fromkeys(_matching(pattern, shared, where, findings))
    rendered |= dict.fromkeys(path for path in own if _is_rendered(path))
    library = [path for path in (*shared, *own) if path not in rendered]
    unreadable: list[Finding] = []
    # Only a rendered template must be readable: other environments may use the rest of the library.
    return Selection(
        tuple(_read(repository, rendered, Severity.ERROR, unreadable)),
        tuple(_read(repository, library, Severity.NOTICE, unreadable)),
        tuple(unreadable),
    )


def _own_templates(paths: Iterable[str], folder: str, findings: LoadFindings) -> list[str]:
    """The templates in the environment's own folder. A manifest there that nothing reads is a finding."""
    templates: list[str] = []
    for path in paths:
        name = path.removeprefix(f"{folder}/")
        if name in _FILES:
            continue
        hidden = path.rpartition("/")[2].startswith("_")
        if name.endswith(_TEMPLATE) and (hidden or (name.endswith(_MANIFEST) and "/" not in name)):
            templates.append(path)
        elif name.endswith((".yaml", ".yml", _TEMPLATE)):
            stem = name.partition(".")[0].rpartition("/")[2]
            hint = f"to render it, name it {folder}/{stem}{_MANIFEST}"
            findings.add("E009", UNREAD_FILE, Location(path), misnamed(name) or hint)
    return templates


def misnamed(name: str) -> str:
    """`did you mean values.yaml?` for a name that is nearly that of a file that is read; "" for any other."""
    intended = intended_name(name)
    return f"did you mean {intended}?" if intended else ""


def intended_name(name: str) -> str:
    """The name of a file that is read, for another name that is nearly the same; "" for any other."""
    known = () if name in _FILES else _FILES
    near = difflib.get_close_matches(name, known, n=1, cutoff=_SIMILARITY)
    return near[0] if near else ""


def _matching(
    pattern: str, shared: list[str], where: Location, findings: LoadFindings
) -> list[str]:
    if not pattern.endswith(_TEMPLATE):
        hint = f"such as templates/*{_MANIFEST}"
        findings.add("E006", "a pattern in `manifests` must end in .j2", where, hint)
        return []
    if pattern.startswith("/") or ".." in pattern.split("/"):
        findings.add("E006", "a pattern in `manifests` must stay inside the repository", where)
        return []
    templates = [
        path
        for path in shared
        if matches(pattern, path) and (_is_rendered(path) or path == pattern)
    ]
    if not templates:
        hint = did_you_mean(pattern, shared) or did_you_mean(f"templates/{pattern}", shared)
        hint = hint or (
            f"templates here: {one_of(shared, 3)}" if shared else "make a folder templates/"
        )
        findings.add("E006", "no template matches this pattern", where, hint)
    return templates


def _is_rendered(path: str) -> bool:
    return not path.rpartition("/")[2].startswith("_")


def _read(
    repository: Repository, paths: Iterable[str], severity: Severity, unreadable: list[Finding]
) -> Iterator[SourceFile]:
    for path in paths:
        try:
            yield SourceFile(path, repository.read(path) or "")
        except UnusableFile as error:
            unreadable.append(unusable_file(path, error, severity))
