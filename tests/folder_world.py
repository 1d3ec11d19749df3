"""A configuration repository whose clusters are folders, and the pipeline that runs over it in this process."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from reconciler.adapters.directory import DirectoryCluster
from reconciler.adapters.sources.worktree import Worktree
from reconciler.consumer import Consumer
from reconciler.crds import catalogue
from reconciler.dependencies import Dependencies, Options
from reconciler.kind import Kind
from reconciler.kinds import KINDS
from reconciler.model.document import Document, JsonObject
from reconciler.model.environment import Environment
from reconciler.model.identity import CONFIG_MAP, SECRET, GroupKind
from reconciler.model.impact import Pod
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Run
from reconciler.model.verbs import Verb
from reconciler.pipeline import run
from reconciler.ports import Cluster
from reconciler.semantics.schema.crd import Crd
from reconciler.stages.validate.crds import CrdInUse
from tests.fakes import (
    Fault,
    FaultyCluster,
    NamedHolder,
    NoRedactor,
    PlainRenderer,
    Signals,
    StoppedClock,
)
from tests.repository import write
from tests.stages.live import HOME, PROVIDER, crd_text

CONFIG = f"configVersion: 1\nhome: {HOME}\nnamespaces: [omnia]\n"


@dataclass
class FolderWorld:
    """A repository, and a folder as cluster for each of its environments.

    Attributes:
        kinds: the kinds that the program manages.
        own_crds: the CRDs of those that the package has no CRD of.
        faults, renders, connects: what fails, by environment.
        consumers: the kinds of consumers that the program reads, and that every cluster serves.
        pods: of every cluster; a folder has none.
        uid: of every cluster, in place of its own.
        live_pin: the era of Omnia's CRDs in every cluster.
        revision: of the repository, in place of what git says.
        connected: the last connection of each environment.
    """

    root: Path
    kinds: Mapping[GroupKind, Kind] = field(default_factory=lambda: KINDS)
    own_crds: Mapping[GroupKind, JsonObject] = field(default_factory=dict)
    faults: dict[str, tuple[Fault, ...]] = field(default_factory=dict)
    renders: dict[str, Exception] = field(default_factory=dict)
    connects: dict[str, Exception] = field(default_factory=dict)
    consumers: Mapping[GroupKind, Consumer] = field(default_factory=dict)
    pods: tuple[Pod, ...] | None = None
    uid: str | None = None
    live_pin: str = ""
    revision: Revision | None = None
    connected: dict[str, FaultyCluster] = field(default_factory=dict)

    def write(self, *environments: str, config: str = CONFIG, **templates: str) -> Self:
        for name in environments or ("prod",):
            folder = f"environments/{name}"
            files = {f"{folder}/{file}.yaml.j2": text for file, text in templates.items()}
            write(self.root, {f"{folder}/environment.yaml": config, **files})
        return self

    def cluster(self, name: str = "prod") -> DirectoryCluster:
        """A new connection to the folder of an environment."""
        return DirectoryCluster.open(
            self.root.parent / "live" / name,
            redactor=NoRedactor(),
            clock=StoppedClock(),
            crds=[
                *(self._live_crd(kind) for kind in self.kinds.values()),
                *(
                    crd_text(c.endpoint.crd_name)
                    for k, c in self.consumers.items()
                    if k not in self.kinds
                ),
            ],
            namespaces=["omnia", HOME],
        )

    def _live_crd(self, kind: Kind) -> str | JsonObject:
        pin = self.live_pin if kind.system == "omnia" else ""
        own = self.own_crds.get(kind.endpoint.group_kind)
        return own or crd_text(kind.endpoint.crd_name, pin)

    def secret(self, value: str) -> None:
        """Write the Secret `claude` in the cluster of prod."""
        data = {"ANTHROPIC_API_KEY": base64.b64encode(value.encode()).decode()}
        metadata = {"name": "claude", "namespace": "omnia"}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
        cluster = self.cluster()
        before = cluster.get(SECRET, "omnia", "claude")
        if before:
            cluster.replace(SECRET, Document.of(before.body() | {"data": data}))
        else:
            cluster.create(SECRET, Document.of(body))

    def connect(self, environment: Environment) -> Cluster:
        name = environment.name
        if name in self.connects:
            raise self.connects[name]
        faults = self.faults.get(name, ())
        self.connected[name] = FaultyCluster(
            self.cluster(name), *faults, uid=self.uid, pods=self.pods
        )
        return self.connected[name]

    def repository(self) -> Worktree:
        tree = Worktree(self.root)
        if self.revision is not None:
            tree.__dict__["revision"] = self.revision
        return tree

    def dependencies(self) -> Dependencies:
        return Dependencies(
            root=self.root,
            repository=self.repository(),
            renderer=PlainRenderer(self.renders),
            clock=StoppedClock(),
            holder=NamedHolder(),
            stop=Signals(),
            kinds=self.kinds,
            crds_for=self._crds_for,
            label_live=lambda crd: CrdInUse(crd, "live"),
            target=lambda environment: environment.cluster,
            target_of_earlier=lambda environment: environment.cluster,
            connect=self.connect,
            version="1.2.3",
            consumers=self.consumers,
        )

    def _crds_for(
        self, environment: Environment, kinds: AbstractSet[GroupKind]
    ) -> Mapping[GroupKind, CrdInUse]:
        pins = dict(environment.crds)
        used = {}
        for group_kind in kinds:
            name = self.kinds[group_kind].endpoint.crd_name
            own, pin = self.own_crds.get(group_kind), pins.get(name, "")
            crd = Crd.of(own) if own else catalogue.load(name, pin)
            used[group_kind] = CrdInUse(crd, pin or "newest")
        return used

    def run(self, verb: Verb, *names: str, **options: Any) -> Run:
        steps = options.pop("steps", None)
        return run(names or ("prod",), self.dependencies(), Options(verb, **options), steps)

    def run_environment(self, verb: Verb, **options: Any) -> EnvironmentRun:
        """What the run over prod says about it."""
        (environment,) = self.run(verb, **options).environments
        return environment

    def stored(self) -> tuple[str, ...]:
        """Every object in the cluster of prod, byte by byte."""
        cluster = self.cluster()
        return tuple(
            document.text
            for endpoint, namespace in ((PROVIDER, "omnia"), (CONFIG_MAP, HOME), (SECRET, HOME))
            for document in cluster.list(endpoint, namespace)
        )
