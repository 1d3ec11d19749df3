"""Findings on the spec of an object. Paths count from the spec, and a hint is required: it says what to write."""

from __future__ import annotations

from functools import partial

from reconciler.kind import FieldFinding, Topic
from reconciler.model.finding import Severity
from reconciler.model.path import FieldPath


def finding(
    severity: Severity,
    code: str,
    path: FieldPath,
    message: str,
    hint: str,
    topic: Topic = Topic.NONE,
) -> FieldFinding:
    return FieldFinding(code, severity, ("spec", *path), message, hint, topic)


error = partial(finding, Severity.ERROR)
warning = partial(finding, Severity.WARNING)
notice = partial(finding, Severity.NOTICE)
