"""Limits of rendering. They are generous: they stop attacks and accidents, not work."""

from __future__ import annotations

from reconciler.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one child process, which renders one environment.

    Attributes:
        seconds: wall-clock time of one template.
        total_seconds: wall-clock time of the environment; processor time of the child, too.
        memory: address space of the child, in bytes.
        template_output, total_output: rendered text, in characters.
        message: the rendered text of one template with its origins, in bytes.
    """

    seconds: float = 10.0
    total_seconds: float = 60.0
    memory: int = 512 * 1024 * 1024
    template_output: int = 10 * 1024 * 1024
    total_output: int = 50 * 1024 * 1024
    message: int = 48 * 1024 * 1024
