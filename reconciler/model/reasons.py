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
ROTATION_OPEN: Final = "open rotation"
KEY_REPLACED: Final = "fingerprint key replaced"
UNREADABLE: Final = "a Secret that cannot be read"
NOT_READY: Final = "not ready"
HELD: Final = "held"
WAITING: Final = "waiting for the cluster"
