"""Configuration repositories in a temporary folder, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reconciler.adapters.sources.worktree import Worktree
from reconciler.kinds import KINDS
from reconciler.model.environment import Environment
from reconciler.stages.load import load

MINIMAL = "configVersion: 1\nnamespaces: [llm]\n"


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder, and return it."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def environment(
    root: Path, templates: Mapping[str, str], values: str = "", config: str = MINIMAL
) -> Environment:
    """The environment `prod` with some templates of its own, as the loader reads it."""
    files = {"environments/prod/environment.yaml": config, "environments/prod/values.yaml": values}
    own = {f"environments/prod/{path}": text for path, text in templates.items() if "/" not in path}
    shared = {path: text for path, text in templates.items() if "/" in path}
    write(root, files | own | shared)
    return load(Worktree(root), root, "prod", KINDS)
