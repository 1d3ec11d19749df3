"""What the outside of a node tells its inside."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from tests.controlplane import config
from tests.controlplane.build import Binaries
from tests.node.archive import Image


@dataclass(frozen=True)
class Specification:
    """
    Attributes:
        home: the folder of the node's files, which the tests read too.
        programs, runtime: as in `build.Parts`.
        tokens: of the users of `config.USERS`.
        cgroup: its name, at the root of each hierarchy.
        listener: the number of the socket where the machine reaches the API server.
    """

    home: Path
    control_plane: Binaries
    programs: Path
    runtime: Path
    images: tuple[Image, ...]
    tokens: dict[str, str]
    cgroup: str
    listener: int

    @property
    def ready(self) -> Path:
        """Appears when all servers run."""
        return self.home / "started"

    def write(self, file: Path) -> None:
        config.write_private(file, json.dumps(asdict(self), default=str))

    @classmethod
    def read(cls, file: Path) -> Self:
        content = json.loads(file.read_text())
        paths = {name: Path(path) for name, path in content["control_plane"].items()}
        images = [
            Image(image["name"], image["settings"], tuple(image["layers"]))
            for image in content["images"]
        ]
        folders = {name: Path(content[name]) for name in ("home", "programs", "runtime")}
        return cls(
            **content | folders | {"control_plane": Binaries(**paths), "images": tuple(images)}
        )
