"""Options to adapters. Only this module selects adapters; it imports the large ones when they are needed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from reconciler import __version__
from reconciler.cli.execution.stop import STOP
from reconciler.cli.wiring.crds import crds_in
from reconciler.cli.wiring.inputs import Inputs
from reconciler.cli.wiring.pod import uses_pod_account
from reconciler.cli.wiring.rate import ALONE, Division, Fleet, turns_of
from reconciler.dependencies import Dependencies
from reconciler.errors import UsageError
from reconciler.http.rate import Turns
from reconciler.kind import Kind
from reconciler.kinds import KINDS
from reconciler.model.command import kubectl_options
from reconciler.model.environment import ClusterTarget, ClusterType, Environment
from reconciler.model.identity import GroupKind
from reconciler.ports import Cluster, Redactor, Repository
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate.crds import CrdInUse
from reconciler.text.yaml import load_one

if TYPE_CHECKING:
    from reconciler.consumer import Consumer

# On Linux time.monotonic() stands still while the machine is suspended; a lock does not.
_MONOTONIC: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.clock_gettime(_MONOTONIC)

    def sleep(self, seconds: float) -> None:
        STOP.sleep(seconds)


def build_dependencies(
    inputs: Inputs,
    redactor: Redactor,
    *,
    reads_cluster: bool = True,
    reads_consumers: bool = False,
    division: Division = ALONE,
) -> Dependencies:
    """The dependencies of a run; creating them reads no environment and sends no request."""
    from reconciler.adapters.holder import ProcessHolder
    from reconciler.adapters.jinja.renderer import JinjaRenderer

    repository, trusted = open_repository(inputs, redactor), _trusted(inputs, redactor)

    def connect(environment: Environment) -> Cluster:
        return _connect(inputs, environment, redactor, turns_at)

    def target(environment: Environment) -> ClusterTarget:
        target = target_of(inputs, environment)
        if reads_cluster and target.type is ClusterType.KUBERNETES and not inputs.against:
            _importing_client()
        return replace(target, pod=reads_cluster and uses_pod_account(target, inputs, os.environ))

    def target_of_earlier(environment: Environment) -> ClusterTarget:
        return target_of(replace(inputs, context="", cluster=""), environment)

    root = Path(inputs.folder).absolute()
    fleet = Fleet(repository, trusted, root, target, target_of_earlier)
    turns_at = turns_of(inputs, division, fleet)
    return Dependencies(
        root=root,
        repository=repository,
        renderer=JinjaRenderer(),
        clock=SystemClock(),
        holder=ProcessHolder(),
        stop=STOP,
        kinds=KINDS,
        crds_for=partial(_crds_for, crds_in(inputs.crds, KINDS)),
        label_live=_label_live,
        target=target,
        target_of_earlier=target_of_earlier,
        connect=connect,
        version=__version__,
        invocation=inputs.invocation(),
        trusted=trusted,
        consumers=_consumers() if reads_consumers else {},
    )


@cache
def _importing_client() -> Thread:
    """A thread that imports the kubernetes client, which takes as long as the child process that renders."""

    def load() -> None:
        # The adapter imports it again, and says what is wrong; a warning is an error where -W asks for it.
        with suppress(ImportError, Warning):
            import_module("kubernetes.config")

    thread = Thread(target=load, daemon=True)
    thread.start()
    return thread


def _consumers() -> Mapping[GroupKind, Consumer]:
    from reconciler.consumers import CONSUMERS

    return CONSUMERS


def open_repository(inputs: Inputs, redactor: Redactor) -> Repository:
    """The repository of the options; one with a URL is fetched.

    Raises:
        RepositoryError: there is no such folder, repository or revision.
        UsageError: the URL, its credentials or the list of signers are unusable.
        SafetyStop: none of the signers signed the commit.
    """
    repository = _opened(inputs, redactor)
    if inputs.git_signers_file:
        from reconciler.adapters.sources.signatures import require_signature

        require_signature(repository, inputs.git_signers_file)
    return repository


def _opened(inputs: Inputs, redactor: Redactor) -> Repository:
    if inputs.is_remote:
        from reconciler.adapters.sources.access import GitAccess
        from reconciler.adapters.sources.remote import RemoteRevision

        access = GitAccess(
            inputs.git_token_file, inputs.git_user, inputs.git_key_file, inputs.git_known_hosts_file
        )
        return RemoteRevision(inputs.repository, inputs.revision, access, redactor)
    return open_folder(inputs)


def open_folder(inputs: Inputs) -> Repository:
    """The working tree of a folder, or the commit of --revision.

    Raises:
        RepositoryError: there is no such folder or revision.
    """
    root = Path(inputs.repository)
    if inputs.revision:
        from reconciler.adapters.sources.git_revision import GitRevision

        return GitRevision(root, inputs.revision)
    from reconciler.adapters.sources.worktree import Worktree

    return Worktree(root)


def _trusted(inputs: Inputs, redactor: Redactor) -> Repository | None:
    if not inputs.trust:
        return None
    return open_repository(replace(inputs, revision=inputs.trust), redactor)


def target_of(inputs: Inputs, environment: Environment) -> ClusterTarget:
    """The cluster of an environment, unless the command line names another.

    Raises:
        UsageError: --cluster is malformed.
    """
    target = environment.cluster
    if inputs.cluster:
        kind, _, rest = inputs.cluster.partition(":")
        if kind == ClusterType.DIRECTORY and rest:
            return ClusterTarget(ClusterType.DIRECTORY, path=str(Path(rest).absolute()))
        if kind != ClusterType.KUBERNETES:
            raise UsageError(
                f"--cluster {inputs.cluster}: not a cluster",
                hint="directory:PATH, kubernetes, or kubernetes:CONTEXT",
            )
        target = ClusterTarget(ClusterType.KUBERNETES, context=rest, in_cluster=not rest)
    if inputs.context or inputs.kubeconfig:
        context = inputs.context or target.context
        target = replace(target, type=ClusterType.KUBERNETES, context=context)
    options = kubectl_options(
        kubeconfig=inputs.kubeconfig, insecure=inputs.insecure_skip_tls_verify
    )
    return replace(target, options=options)


def _connect(
    inputs: Inputs,
    environment: Environment,
    redactor: Redactor,
    turns_at: Callable[[str], Turns],
) -> Cluster:
    if inputs.against:
        from reconciler.cli.snapshots.against import open_snapshot

        return open_snapshot(inputs, environment, redactor)
    target = environment.cluster
    if target.type is ClusterType.DIRECTORY:
        from reconciler.adapters.directory import DirectoryCluster

        return DirectoryCluster.open(
            Path(target.path),
            redactor=redactor,
            clock=SystemClock(),
            crds=_crd_texts(environment),
            namespaces=sorted({environment.home, *environment.namespaces}),
            name=f"directory:{_short(target.path)}",
        )
    _importing_client().join()
    from reconciler.adapters.kubernetes import KubernetesCluster, Pace

    return KubernetesCluster.connect(
        kubeconfig=inputs.kubeconfig or None,
        context="" if target.pod else target.context,
        in_cluster=target.in_cluster,
        redactor=redactor,
        insecure_skip_tls_verify=inputs.insecure_skip_tls_verify,
        pace=Pace(inputs.timeout, STOP.sleep, turns_at),
    )


def _crds_for(
    named: Mapping[GroupKind, CrdInUse], environment: Environment, kinds: AbstractSet[GroupKind]
) -> Mapping[GroupKind, CrdInUse]:
    """The CRD of each of these kinds: from --crds, or else the environment's pin, or else the newest era."""
    from reconciler.crds import catalogue

    crds = {}
    for kind, pin, own in _pins(environment, kinds - named.keys()):
        name = kind.endpoint.crd_name
        if own is not None:
            used = CrdInUse(Crd.of(load_one(own, pin)), f"{pin}, pinned")
        else:
            date = catalogue.era(name, pin).date
            used = CrdInUse(catalogue.load(name, pin), f"{date}, pinned" if pin else date)
        crds[kind.endpoint.group_kind] = used
    return {**crds, **named}


def _label_live(crd: Crd) -> CrdInUse:
    from reconciler.crds import catalogue

    era = catalogue.recognise(crd)
    return CrdInUse(crd, f"live, {era.date}" if era else "live, of an unknown era")


def _crd_texts(environment: Environment) -> list[str]:
    """The CRDs of a new directory cluster: those that validate its environment offline, and those of consumers."""
    from reconciler.crds import catalogue

    managed = [
        own if own is not None else catalogue.text(catalogue.era(kind.endpoint.crd_name, pin).path)
        for kind, pin, own in _pins(environment, KINDS.keys())
    ]
    consumers = [
        catalogue.text(catalogue.era(consumer.endpoint.crd_name).path)
        for kind, consumer in _consumers().items()
        if kind not in KINDS
    ]
    return [*managed, *consumers]


def _pins(
    environment: Environment, kinds: AbstractSet[GroupKind]
) -> Iterator[tuple[Kind, str, str | None]]:
    """Each of these kinds with its pin, and the text of the CRD if the pin is a file of the repository."""
    pins = dict(environment.crds)
    own = {file.path: file.text for file in environment.crd_files}
    for kind in (kind for name, kind in KINDS.items() if name in kinds):
        pin = pins.get(kind.endpoint.crd_name, "")
        yield kind, pin, own.get(pin)


def _short(path: str) -> str:
    """The path relative to the working directory, if it is below that."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
