"""How bodies are sent to the API server."""

from __future__ import annotations

from reconciler.frozen import dataclass

JSON = "application/json"
APPLY = "application/apply-patch+yaml"
MERGE_PATCH = "application/merge-patch+json"
_STRICT = ("fieldValidation", "Strict")


@dataclass(frozen=True, slots=True)
class Write:
    """How a body is sent: the verb of RBAC, the method, and what the method needs."""

    verb: str
    method: str
    query: tuple[tuple[str, str], ...] = (_STRICT,)
    content_type: str = JSON


CREATE = Write("create", "POST")
REPLACE = Write("update", "PUT")


def apply_as(manager: str, *, force: bool, dry_run: bool) -> Write:
    """Server-side apply; a field that the schema does not have is refused, never dropped."""
    query = (("fieldManager", manager), ("force", str(force).lower()), _STRICT)
    dry = (("dryRun", "All"),) if dry_run else ()
    return Write("patch", "PATCH", (*query, *dry), APPLY)


def merge_patch_as(manager: str) -> Write:
    """A JSON merge patch; null takes out a field, whoever owns it."""
    return Write("patch", "PATCH", (("fieldManager", manager), _STRICT), MERGE_PATCH)
