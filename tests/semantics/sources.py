"""CRDs for tests: those of the package, and `sink`, which has every schema feature that the engine models."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from reconciler.crds import catalogue
from reconciler.kinds import discover
from reconciler.model.document import JsonObject
from reconciler.model.identity import ObjectRef
from reconciler.semantics.schema.crd import Crd, CrdVersion
from reconciler.semantics.server import WriteContext
from tests.controlplane.crds import load, regrouped

HERE = Path(__file__).parent
TESTDATA = HERE / "testdata"
SINK = TESTDATA / "sink.yaml"
CRDS = HERE.parents[1] / "reconciler" / "crds"


def newest(pattern: str) -> Path:
    """The newest CRD file that matches; the dates in the names sort as text."""
    return max(CRDS.glob(pattern))


@cache
def crd(path: Path) -> Crd:
    return Crd.of(load(path))


@cache
def managed() -> dict[str, tuple[Path, Crd]]:
    """The CRD of every era of every managed kind, by a group that only this CRD has."""
    by_group: dict[str, tuple[Path, Crd]] = {}
    for module in discover():
        for era in catalogue.eras(module.KIND.endpoint.crd_name):
            path = CRDS / era.path
            group = f"{path.stem}.semantics.test"
            by_group[group] = path, Crd.of(regrouped(load(path), group))
    return by_group


def sink() -> CrdVersion:
    return crd(SINK).storage_version


def ref(crd: Crd, name: str = "one") -> ObjectRef:
    return ObjectRef(crd.group, crd.kind, "llm", name)


def body(version: CrdVersion, spec: object, **metadata: object) -> JsonObject:
    return {
        "apiVersion": version.api_version,
        "kind": version.kind,
        "metadata": {"name": "one", "namespace": "llm", **metadata},
        "spec": spec,
    }


def writer(manager: str = "alice", version: str = "2") -> WriteContext:
    return WriteContext(manager, "2026-07-30T12:00:00Z", version, lambda: "uid-1")
