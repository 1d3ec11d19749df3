"""What one rendering may use. Generous: they stop bombs, not work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one child process, which renders one environment.

    Attributes:
        seconds: wall-clock time of one template; also the child's processor time.
        total_seconds: of the whole environment.
        memory: address space of the child, in bytes.
        template_output, total_output: rendered text, in characters.
        message: of one template's text with its origins, in bytes.
    """

    seconds: float = 10.0
    total_seconds: float = 60.0
    memory: int = 512 * 1024 * 1024
    template_output: int = 10 * 1024 * 1024
    total_output: int = 50 * 1024 * 1024
    message: int = 48 * 1024 * 1024
