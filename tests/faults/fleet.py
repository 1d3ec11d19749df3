"""A configuration repository of many environments: one run of the command meets many faults at once.

Each environment has a namespace of its own, by which a rule of the proxy finds its requests.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Self

from tests.controlplane.plane import ControlPlane
from tests.world import TEMPLATES, World, secret

CLAUDE_KEY = "Qz7-vR2kX9wLmT4yBd83HsPfJc6N"
GATEWAY_KEY = "hW5nYt0UeGx1-KqZr8VbAoM2SjD7"


class Fleet(World):
    """A world of environments with a hostile wire to their cluster."""

    @classmethod
    def of(cls, root: Path, names: tuple[str, ...], *templates: str) -> Self:
        """Environments of these names, in namespaces that no other test has."""
        prefix = f"t-{secrets.token_hex(4)}"
        numbered = {f"{number}.yaml.j2": text for number, text in enumerate(templates)}
        namespaces = {name: f"{prefix}-{name}" for name in names}
        return cls.make(root, namespaces, templates=numbered or TEMPLATES)

    def path(self, name: str, rest: str = "") -> str:
        """A pattern of the paths of one environment's requests."""
        return f"/namespaces/{re.escape(self.namespaces[name])}/{rest}"

    def founded(self, plane: ControlPlane) -> Self:
        """Make the namespaces, with the Secrets that the manifests name."""
        claude = secret("claude", ANTHROPIC_API_KEY=CLAUDE_KEY)
        gateway = secret("gateway", **{"api-key": GATEWAY_KEY})
        for namespace in self.namespaces.values():
            plane.create("namespaces", {"metadata": {"name": namespace}})
            for body in (claude, gateway):
                plane.create(f"namespaces/{namespace}/secrets", body)
        return self

    def written(self, plane: ControlPlane, mark: int) -> list[str]:
        """What the server was really asked to write here but the lock, by its audit log."""
        mine = set(self.namespaces.values())
        return [
            f"{record.verb} {record.namespace}/{record.resource}/{record.name}: {record.code}"
            for record in plane.audit.since(mark)
            if record.namespace in mine
            and record.verb not in ("get", "list")
            and record.resource != "leases"
            and not record.dry_run
        ]
