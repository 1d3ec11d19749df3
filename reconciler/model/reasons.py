"""Reasons that both a verdict and its report speak of; in JSON they are `exitReasons` and `notInSync`."""

from __future__ import annotations

from typing import Final

NEW: Final = "new objects"
CHANGED: Final = "changes"
TO_ADOPT: Final = "objects to adopt"
TO_DELETE: Final = "objects to delete"
NOT_CHECKED: Final = "not checked"
LIMITED: Final = "limited by --only"
REPORTED: Final = "extra fields, only reported"
NO_REPORT: Final = "no report"
