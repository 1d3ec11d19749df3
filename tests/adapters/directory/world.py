"""Shared by the tests of the directory cluster: a folder, a moving clock, and one kind."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reconciler.adapters.directory import DirectoryCluster
from reconciler.adapters.directory.files import Files
from reconciler.model.document import Document
from reconciler.model.identity import Endpoint

_CRDS = Path(__file__).parents[3] / "reconciler" / "crds"
CRD = (_CRDS / "omnia" / "providers.2026-07-24.c7428e31.yaml").read_text()
OLD_CRD = (_CRDS / "omnia" / "providers.2026-04-18.2ceb3942.yaml").read_text()
PROVIDER = Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers")
US = "provider-reconciler"
START = datetime(2026, 7, 30, 12, 0, 0, tzinfo=UTC)


@dataclass
class MovingClock:
    """Advances by a second on each call."""

    time: datetime = START

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@dataclass
class RecordingRedactor:
    """A redactor that records the registered values."""

    values: list[bytes] = field(default_factory=list)

    def register(self, value: bytes) -> None:
        self.values.append(value)

    def clean(self, text: str) -> str:
        return text

    def clean_name(self, text: str) -> str:
        return text

    def leaks(self, text: str) -> bool:
        return any(value.decode(errors="ignore") in text for value in self.values)


def opened(
    root: Path, *, files: Files | None = None, redactor: RecordingRedactor | None = None
) -> DirectoryCluster:
    return DirectoryCluster.open(
        root,
        redactor=redactor or RecordingRedactor(),
        clock=MovingClock(),
        crds=[CRD],
        namespaces=["omnia", "home"],
        files=files,
    )


def provider(name: str = "gpt", model: str = "gpt-4o", **spec: Any) -> Document:
    return Document.of(
        {
            "apiVersion": PROVIDER.api_version,
            "kind": PROVIDER.kind,
            "metadata": {"name": name, "namespace": "omnia"},
            "spec": {"type": "openai", "model": model, **spec},
        }
    )


def config_map(content: Mapping[str, str], version: str = "") -> Document:
    metadata = {"name": "record", "namespace": "home"}
    metadata |= {"resourceVersion": version} if version else {}
    return Document.of(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(content)}
    )


def file_of(root: Path, name: str = "gpt") -> Path:
    return root / "omnia" / "providers.omnia.altairalabs.ai" / f"{name}.yaml"


def edit(path: Path, old: str, new: str, *, at: datetime = START + timedelta(hours=1)) -> None:
    """Replace text as an editor does, and set the time of the file."""
    text = path.read_text()
    assert old in text
    put(path, text.replace(old, new), at=at)


def put(path: Path, text: str, *, at: datetime = START + timedelta(hours=1)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (at.timestamp(), at.timestamp()))


def live(cluster: DirectoryCluster, name: str = "gpt") -> dict[str, Any]:
    document = cluster.get(PROVIDER, "omnia", name)
    assert document is not None
    return document.body()


def managers(body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (entry["manager"], entry["operation"], entry.get("subresource", ""))
        for entry in body["metadata"]["managedFields"]
    ]


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()
    }
