"""The example manifests, and the expectations in their first lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.crds import catalogue
from reconciler.kind import Kind
from reconciler.kinds import discover
from reconciler.model.manifest import Manifest
from reconciler.semantics.schema.crd import Crd
from tests.kinds.manifests import manifest_of

FOLDER = Path(__file__).parent
MODULES = {module.__name__.rpartition(".")[2]: module for module in discover()}
_LINE = re.compile(r"# (expect|tells|crd): (.+)")


@dataclass(frozen=True)
class Example:
    path: Path
    manifest: Manifest = field(repr=False)
    expect: tuple[str, ...]
    tells: tuple[str, ...]
    pin: str

    @property
    def kind(self) -> Kind:
        kind: Kind = MODULES[self.path.parent.parent.name].KIND
        return kind

    @property
    def crd(self) -> Crd:
        return catalogue.load(self.kind.endpoint.crd_name, self.pin)

    @property
    def name(self) -> str:
        return f"{self.path.parent.parent.name}-{self.path.stem}"


def examples(verdict: str) -> list[Example]:
    return [_read(path) for path in sorted(FOLDER.glob(f"*/{verdict}/*.yaml"))]


def _read(path: Path) -> Example:
    text = path.read_text(encoding="utf-8")
    lines: dict[str, list[str]] = {"expect": [], "tells": [], "crd": [""]}
    for key, rest in _LINE.findall(text):
        lines[key].append(rest)
    return Example(
        path,
        manifest_of(text, path.name),
        tuple(sorted(lines["expect"])),
        tuple(sorted(lines["tells"])),
        lines["crd"][-1],
    )
