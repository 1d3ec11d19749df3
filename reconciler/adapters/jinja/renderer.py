"""The parent: runs one child per environment, and never waits or reads without a limit."""

from __future__ import annotations

from reconciler.adapters.jinja.limits import Limits
from reconciler.model.environment import Environment
from reconciler.ports import Rendering


class JinjaRenderer:
    """Implements `ports.Renderer`."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def render(self, environment: Environment) -> Rendering:
        raise NotImplementedError
