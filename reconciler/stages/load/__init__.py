"""Load: read the files of an environment into an `Environment`, or report everything that is wrong with them.

file         environment.yaml; its form is in `form`, and the errors of that form in `form_errors`
policy       the policy: codes of rules, globs of names
notify       the key `notify`
pins         the key `crds`
order        the environments of a repository, and `after`
layers       values layers
templates    the templates that it renders, and those that they may include
trust        settings of a trusted revision
findings     what is wrong with the files, collected
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from reconciler.errors import UsageError
from reconciler.kind import Kind
from reconciler.model.applyset import TOOL
from reconciler.model.document import Document
from reconciler.model.environment import (
    ClusterTarget,
    ClusterType,
    Environment,
    Policy,
    SourceFile,
)
from reconciler.model.identity import GroupKind
from reconciler.model.location import Location
from reconciler.model.trust import Trust
from reconciler.ports import Repository
from reconciler.stages.load.file import EnvironmentFile, read_file
from reconciler.stages.load.findings import LoadFindings
from reconciler.stages.load.layers import read_values
from reconciler.stages.load.notify import read_notify
from reconciler.stages.load.order import environments, lost_environments, read_order
from reconciler.stages.load.pins import pinned_files
from reconciler.stages.load.policy import read_policy
from reconciler.stages.load.templates import UNREAD_FILE, select
from reconciler.stages.load.trust import changed_settings, with_settings
from reconciler.text.suggest import did_you_mean, one_of

__all__ = ["environments", "load", "load_outline", "lost_environments"]

_MAX_LAYERS = 50  # below each other
_RESERVED_FOLDERS = (".git", "environments", "templates")  # no directory cluster may be in these


def load(
    repository: Repository,
    root: Path | str,
    name: str,
    kinds: Mapping[GroupKind, Kind],
    base: Repository | None = None,
) -> Environment:
    """Read one environment.

    Args:
        root: the folder of the repository, for the path of a directory cluster.
        base: a trusted revision of the repository, which decides the settings (`load.trust`).

    Raises:
        UnusableEnvironment: with every finding on its files.
        RepositoryError: a file cannot be read.
        UsageError: there is no such environment.
    """
    _refuse_unknown(name, repository)
    findings, path = LoadFindings(name, repository), f"environments/{name}/environment.yaml"
    file, trust, settings = _trusted(base, name, _required_file(name, path, findings), findings)
    values, layers = read_values(repository, _layers(repository, name, file, findings), findings)
    selected = select(repository, name, file, findings)
    outline = _outline(root, name, file, settings)
    crd_files = pinned_files(repository, file, kinds.values(), findings)
    policy = read_policy(file, kinds.values(), settings)
    earlier = read_order(base or repository, name, file, settings)
    notify = read_notify(file, settings)
    _stop_if_any(settings, findings)
    return replace(
        outline,
        crds=tuple(sorted(file.form.crds.items())),
        policy=policy,
        values=Document.of(values.content),
        value_origins=values.origins,
        templates=selected.templates,
        library=selected.library,
        template_findings=selected.findings,
        crd_files=crd_files,
        files=(SourceFile(path, file.text), *layers),
        trust=trust,
        earlier=earlier,
        notify=notify,
    )


def load_outline(repository: Repository, root: Path | str, name: str) -> Environment:
    """Where an environment is, who applies it and after which others, without its policy, values and templates.

    Raises:
        UnusableEnvironment: with every finding on its environment.yaml.
        RepositoryError: the file cannot be read.
    """
    findings = LoadFindings(name, repository)
    file = _required_file(name, f"environments/{name}/environment.yaml", findings)
    outline = _outline(root, name, file, findings)
    findings.stop_if_any()
    return outline


def _outline(
    root: Path | str, name: str, file: EnvironmentFile, findings: LoadFindings
) -> Environment:
    return Environment(
        name=name,
        file=file.path,
        cluster=_cluster(Path(root).absolute(), name, file, findings),
        home=file.form.home or file.form.namespaces[0],
        namespaces=tuple(dict.fromkeys(file.form.namespaces)),
        crds=(),
        policy=Policy(),
        values=Document.of({}),
        value_origins=(),
        templates=(),
        library=(),
        after=tuple(dict.fromkeys(file.form.after)),
        observed=_observed(file, findings),
    )


def _stop_if_any(*findings: LoadFindings) -> None:
    for each in findings:
        each.stop_if_any()


def _observed(file: EnvironmentFile, findings: LoadFindings) -> str:
    """The field manager of the tool that applies the environment; "" if this program does."""
    observes = file.form.mode == "observe"
    if observes and not file.form.manager:
        hint = "write manager: argocd-controller, or kustomize-controller"
        message = "`mode: observe` needs the field manager of the tool that applies"
        findings.add("E003", message, file.location("mode"), hint)
    elif file.form.manager and (not observes or file.form.manager.startswith(TOOL)):
        message = "`manager` names another tool, for `mode: observe`"
        findings.add("E003", message, file.location("manager"), "remove it")
    return (file.form.manager or "") if observes else ""


def _required_file(name: str, path: str, findings: LoadFindings) -> EnvironmentFile:
    _check_name(name, path, findings)
    file = read_file(path, findings)
    if file is None:
        findings.stop_if_any()
        raise AssertionError("an unreadable environment.yaml without a finding")
    return file


def _check_name(name: str, path: str, findings: LoadFindings) -> None:
    from reconciler.stages.load.form import LABEL

    if not re.fullmatch(LABEL, name) or len(name) > 40:  # noqa: PLR2004 -- it is part of the names of objects
        message = "the name of this folder cannot be the name of an environment"
        hint = "use lower case letters, digits and `-`, at most 40 characters"
        findings.add("E001", message, Location(path), hint)


def _trusted(
    base: Repository | None, name: str, file: EnvironmentFile, findings: LoadFindings
) -> tuple[EnvironmentFile, Trust | None, LoadFindings]:
    """The file with the settings of a trusted revision, which settings it changes, and the findings on settings."""
    if base is None:
        return file, None, findings
    if name not in environments(base):
        return file, Trust(base.revision, is_new=True), findings
    settings = LoadFindings(name, base)
    trusted = _required_file(name, file.path, settings)
    settings.stop_if_any()
    changes = changed_settings(file.form, trusted.form)
    return with_settings(file, trusted), Trust(base.revision, ignored=changes), settings


def _refuse_unknown(name: str, repository: Repository) -> None:
    known = environments(repository)
    if name in known:
        return
    findings = LoadFindings(name, repository)
    for path, hint in lost_environments(repository).get(name, {}).items():
        findings.add("E009", UNREAD_FILE, Location(path), hint)
    findings.stop_if_any()
    hint = did_you_mean(name, known)
    if not hint:
        listed = f"known environments: {one_of(known)}"
        hint = listed if known else "add environments/<name>/environment.yaml"
    raise UsageError(f"there is no environment `{name}`", hint=hint)


@lru_cache(maxsize=4)  # of one run, as in `order`
def _folders_in(files: tuple[str, ...]) -> frozenset[str]:
    """The folders below `environments/`."""
    return frozenset(path.split("/")[1] for path in files if path.count("/") > 1)


def _layers(
    repository: Repository, name: str, file: EnvironmentFile, findings: LoadFindings
) -> tuple[str, ...]:
    """The values layers of an environment, the nearest last. An environment can be a layer of another one."""
    folders = _folders_in(repository.files("environments"))
    order: dict[str, None] = {}

    def visit(layer: str, file: EnvironmentFile | None, above: tuple[str, ...]) -> None:
        for index, below in enumerate(file.form.extends if file else ()):
            where = file.location("extends", index) if file else Location("")
            if below in (*above, layer):
                chain = " -> ".join((*above, layer, below))
                findings.add("E005", f"values layers extend each other: {chain}", where)
            elif below not in folders:
                hint = did_you_mean(below, folders) or f"known values layers: {one_of(folders)}"
                findings.add("E005", f"there is no values layer `{below}`", where, hint)
            elif len(above) >= _MAX_LAYERS:
                findings.add("E005", f"more than {_MAX_LAYERS} values layers in a row", where)
            elif below not in order:
                visit(below, _environment_file(below), (*above, layer))
        order[layer] = None

    def _environment_file(layer: str) -> EnvironmentFile | None:
        path = f"environments/{layer}/environment.yaml"
        return (
            read_file(path, findings) if path in repository.files(f"environments/{layer}") else None
        )

    visit(name, file, ())
    return tuple(order)


def _cluster(root: Path, name: str, file: EnvironmentFile, findings: LoadFindings) -> ClusterTarget:
    form = file.form.cluster
    if form is None:
        return ClusterTarget(ClusterType.DIRECTORY, path=str(root / ".clusters" / name))
    misplaced = "path" if form.type is ClusterType.KUBERNETES else "context"
    if getattr(form, misplaced) is not None and not file.has_unusable_type():
        message = f"`cluster.{misplaced}` does not apply to a {form.type} cluster"
        findings.add("E003", message, file.location("cluster", misplaced))
    if form.type is ClusterType.KUBERNETES:
        return ClusterTarget(
            ClusterType.KUBERNETES, form.context or "", "", form.uid or "", form.in_cluster
        )
    path = form.path or f".clusters/{name}"
    where = file.location("cluster", "path")
    if path.startswith(("/", "~")) or ".." in path.split("/"):
        hint = "use --cluster directory:PATH for a folder elsewhere"
        findings.add("E003", "`cluster.path` must stay inside the repository", where, hint)
    elif not (steps := PurePosixPath(path).parts) or steps[0] in _RESERVED_FOLDERS:
        hint = f"such as .clusters/{name}"
        findings.add("E003", "`cluster.path` must be a folder of its own", where, hint)
    return ClusterTarget(ClusterType.DIRECTORY, path=str(root / path), uid=form.uid or "")
