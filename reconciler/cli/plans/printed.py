"""Prints a plan file."""

from __future__ import annotations

from reconciler.adapters.redactor import SecretRedactor
from reconciler.cli.delivery.output import emit, text_or_json
from reconciler.cli.delivery.redaction import cleaned
from reconciler.cli.plans.files import read_plan
from reconciler.errors import ExitCode
from reconciler.model.command import Invocation
from reconciler.report import Style
from reconciler.reports._plan import plan_json, plan_text
from reconciler.text.foreign import masked_name


def print_plan(file: str, output: str, *, verbose: bool) -> int:
    """Print a plan as text or as JSON, without what looks like a secret.

    Raises:
        UsageError: it is no plan, or the format is unknown.
    """
    sink = text_or_json(output, "show")
    redactor = SecretRedactor()
    plan = cleaned(read_plan(file), redactor)
    style = Style(verbose=verbose, invocation=Invocation.at(plan.cluster))
    text = plan_json(plan) if sink.format == "json" else plan_text(plan, style, masked_name(file))
    emit(text, sink, redactor)
    return ExitCode.OK
