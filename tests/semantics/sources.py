"""CRDs for tests: the ones in the tree, and the one that has every schema feature."""

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
    """The newest CRD file of a kind: dates sort as text."""
    return max(CRDS.glob(pattern))


@cache
def crd(path: Path) -> Crd:
    return Crd.of(load(path))


@cache
def managed() -> dict[str, tuple[Path, Crd]]:
    """Every era of every managed kind, each with a group of its own, by that group."""
    found: dict[str, tuple[Path, Crd]] = {}
    for module in discover():
        for era in catalogue.eras(module.KIND.endpoint.crd_name):
            path = CRDS / era.path
            group = f"{path.stem}.semantics.test"
            found[group] = path, Crd.of(regrouped(load(path), group))
    return found


def sink() -> CrdVersion:
    return crd(SINK).storage_version


def provider() -> CrdVersion:
    return crd(newest("omnia/providers.*.yaml")).storage_version


def ref(of: Crd, name: str = "one") -> ObjectRef:
    return ObjectRef(of.group, of.kind, "llm", name)


def body(version: CrdVersion, spec: object, **metadata: object) -> JsonObject:
    return {
        "apiVersion": version.api_version,
        "kind": version.kind,
        "metadata": {"name": "one", "namespace": "llm", **metadata},
        "spec": spec,
    }


def writer(manager: str = "alice", version: str = "2") -> WriteContext:
    return WriteContext(manager, "2026-07-30T12:00:00Z", version, lambda: "uid-1")
