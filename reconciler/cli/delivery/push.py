"""`--push`: the metrics of a run for a Prometheus Pushgateway."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from reconciler.model.run import Run
from reconciler.ports import Redactor


def pusher(url: str, timeout: float) -> Callable[[Run, Redactor], None]:
    """Pushes the metrics of a run.

    Raises:
        UsageError: the URL cannot be used.
    """
    from reconciler.adapters.pushgateway import Pushgateway

    gateway = Pushgateway(url, timeout=timeout)

    def push(run: Run, redactor: Redactor) -> None:
        from reconciler.cli.delivery.output import without_secrets
        from reconciler.cli.delivery.redaction import cleaned
        from reconciler.report import Style
        from reconciler.reports import FORMATS

        clean = cleaned(run, redactor)
        with closing(gateway):
            for environment in clean.environments:
                single = replace(clean, environments=(environment,))
                text = FORMATS["prometheus"].render(single, Style())
                gateway.push(run.verb.name, environment.name, without_secrets(text, redactor))

    return push
