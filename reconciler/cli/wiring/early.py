"""What starts before the modules of a run are imported, so that it starts beside them."""

from __future__ import annotations


def start_renderer() -> None:
    """Start the first process that renders, for a run that will need it."""
    from reconciler.adapters.jinja.child_process import start_early

    start_early()
