"""Load: an environment's files into an `Environment`, or everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from reconciler.errors import UsageError
from reconciler.kind import Kind
from reconciler.model.document import Document
from reconciler.model.environment import (
    ClusterTarget,
    ClusterType,
    Environment,
    SourceFile,
)
from reconciler.model.identity import GroupKind
from reconciler.model.location import Location
from reconciler.ports import Repository
from reconciler.stages.load.file import EnvironmentFile, read_file
from reconciler.stages.load.findings import FindingCollector
from reconciler.stages.load.form import LABEL, environment_schema
from reconciler.stages.load.layers import read_values
from reconciler.stages.load.pins import pinned_files
from reconciler.stages.load.policy import read_policy
from reconciler.stages.load.templates import select
from reconciler.text.suggest import did_you_mean, one_of

__all__ = ["environment_schema", "environments", "load"]

_NOT_LIVE = (".git", "environments", "templates")  # folders with something else in them
_FILE = re.compile(r"environments/([^/]+)/environment\.yaml")


def environments(repository: Repository) -> tuple[str, ...]:
    """Names of all environments: the folders under `environments/` that hold an environment.yaml."""
    found = (_FILE.fullmatch(path) for path in repository.files("environments"))
    return tuple(match[1] for match in found if match)


def load(
    repository: Repository, root: Path | str, name: str, kinds: Mapping[GroupKind, Kind]
) -> Environment:
    """Read one environment; `root` is the folder of the repository, for the path of a directory cluster.

    Raises:
        UnusableEnvironment: everything that is wrong with its files, with places.
        RepositoryError: a file cannot be read.
        UsageError: there is no such environment.
    """
    known = environments(repository)
    if name not in known:
        raise _unknown(name, known)
    findings = FindingCollector(name, repository)
    path = f"environments/{name}/environment.yaml"
    if not re.fullmatch(LABEL, name) or len(name) > 40:  # noqa: PLR2004 -- it is part of the names of objects
        hint = "lower case letters, digits and `-`, at most 40 characters"
        findings.add(
            "E001", Location(path), "the folder's name cannot be the name of an environment", hint
        )
    file = read_file(path, findings)
    if file is None:
        findings.stop_if_any()
        raise AssertionError("a file that cannot be used has a problem")
    values, layers = read_values(repository, _layers(repository, name, file, findings), findings)
    selected = select(repository, name, file, findings)
    cluster = _cluster(Path(root).absolute(), name, file, findings)
    crd_files = pinned_files(repository, file, kinds.values(), findings)
    policy = read_policy(file, kinds.values(), findings)
    findings.stop_if_any()
    form = file.form
    return Environment(
        name=name,
        file=path,
        cluster=cluster,
        home=form.home or form.namespaces[0],
        namespaces=tuple(dict.fromkeys(form.namespaces)),
        crds=tuple(sorted(form.crds.items())),
        policy=policy,
        values=Document.of(values.content),
        value_origins=values.origins,
        templates=selected.templates,
        library=selected.library,
        unfit=selected.unfit,
        crd_files=crd_files,
        files=(SourceFile(path, file.text), *layers),
    )


def _unknown(name: str, known: tuple[str, ...]) -> UsageError:
    hint = did_you_mean(name, known)
    if not hint:
        hint = f"there are {one_of(known)}" if known else "add environments/<name>/environment.yaml"
    return UsageError(f"there is no environment `{name}`", hint=hint)


def _layers(
    repository: Repository, name: str, file: EnvironmentFile, findings: FindingCollector
) -> tuple[str, ...]:
    """The values layers of an environment, the nearest last. An environment can be a layer of another one."""
    folders = {
        path.split("/")[1] for path in repository.files("environments") if path.count("/") > 1
    }
    order: dict[str, None] = {}

    def visit(layer: str, file: EnvironmentFile | None, above: tuple[str, ...]) -> None:
        for index, below in enumerate(file.form.extends if file else ()):
            where = file.where("extends", index) if file else Location("")
            if below in (*above, layer):
                chain = " -> ".join((*above, layer, below))
                findings.add("E005", where, f"values layers extend each other: {chain}")
            elif below not in folders:
                hint = did_you_mean(below, folders) or f"there are {one_of(folders)}"
                findings.add("E005", where, f"there is no values layer `{below}`", hint)
            elif below not in order:
                visit(below, _own_file(below), (*above, layer))
        order[layer] = None

    def _own_file(layer: str) -> EnvironmentFile | None:
        path = f"environments/{layer}/environment.yaml"
        return (
            read_file(path, findings) if path in repository.files(f"environments/{layer}") else None
        )

    visit(name, file, ())
    return tuple(order)


def _cluster(
    root: Path, name: str, file: EnvironmentFile, findings: FindingCollector
) -> ClusterTarget:
    form = file.form.cluster
    if form is None:
        return ClusterTarget(ClusterType.DIRECTORY, path=str(root / ".clusters" / name))
    wrong = "path" if form.type is ClusterType.KUBERNETES else "context"
    if getattr(form, wrong) is not None:
        message = f"`cluster.{wrong}` is not for a {form.type} cluster"
        findings.add("E003", file.where("cluster", wrong), message)
    if form.type is ClusterType.KUBERNETES:
        return ClusterTarget(ClusterType.KUBERNETES, form.context or "", "", form.uid or "")
    path = form.path or f".clusters/{name}"
    if path.startswith(("/", "~")) or ".." in path.split("/"):
        hint = "use --cluster directory:PATH for a folder elsewhere"
        message = "`cluster.path` must stay inside of the repository"
        findings.add("E003", file.where("cluster", "path"), message, hint)
    elif not (steps := PurePosixPath(path).parts) or steps[0] in _NOT_LIVE:
        message = "`cluster.path` must be a folder of its own"
        findings.add("E003", file.where("cluster", "path"), message, f"such as .clusters/{name}")
    return ClusterTarget(ClusterType.DIRECTORY, path=str(root / path), uid=form.uid or "")
