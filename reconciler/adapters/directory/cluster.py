"""`ports.Cluster` on a folder of YAML files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reconciler.ports import Clock, Redactor


class DirectoryCluster:
    """One folder; several processes and threads may use it at once."""

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        redactor: Redactor,
        clock: Clock,
        crds: Sequence[str | Mapping[str, Any]] = (),
        namespaces: Sequence[str] = (),
        name: str = "",
    ) -> DirectoryCluster:
        """A folder as a cluster; nothing is read or written yet.

        Args:
            crds: CustomResourceDefinitions (YAML text or mappings) for a folder that does not exist yet; the
                first write brings both there. An existing one has its own.
            namespaces: likewise.
            name: for people; `directory:ROOT` by default.
        """
        raise NotImplementedError
