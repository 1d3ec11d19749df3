"""Render: an environment's templates into manifests, each field with its origin."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kind import Kind
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.environment import Environment
from reconciler.model.identity import GroupKind
from reconciler.model.manifest import Manifest
from reconciler.ports import Renderer


def render(
    environment: Environment, renderer: Renderer, kinds: Mapping[GroupKind, Kind]
) -> tuple[tuple[Manifest, ...], tuple[Diagnostic, ...]]:
    """All manifests of an environment, in the order of their templates, and what is wrong with the others."""
    raise NotImplementedError
