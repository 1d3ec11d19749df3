"""Names and namespaces of objects: which ones an environment allows, and how a report shows the others."""

from __future__ import annotations

import re

from reconciler.kind import FieldFinding
from reconciler.model.document import Json
from reconciler.model.environment import Environment
from reconciler.model.finding import Severity
from reconciler.text.suggest import did_you_mean, one_of

# RFC 1123 subdomain, as the API server checks the names of custom resources.
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME_LENGTH = 253
_PRINTED_LENGTH = 63
_UNPRINTED = re.compile(r"[^A-Za-z0-9._-]|\A\.+\Z")


def check_name(name: Json) -> FieldFinding | None:
    """Why an object cannot have this name; None if it can."""
    if name is None:
        return _error("M004", "name", "`metadata.name` is missing", "add a name")
    if not isinstance(name, str):
        return _error("M005", "name", "`metadata.name` must be a string", "quote it")
    if len(name) > _NAME_LENGTH:
        return _error("M005", "name", f"a name has at most {_NAME_LENGTH} characters")
    if not _NAME.fullmatch(name):
        message = "a name has lower case letters, digits, `-` and `.`, the last two only inside"
        corrected = _corrected(name)
        return _error("M005", "name", message, f"did you mean {corrected}?" if corrected else "")
    return None


def check_namespace(namespace: Json, environment: Environment) -> FieldFinding | None:
    """Why an object of an environment cannot be in this namespace; None if it can."""
    allowed = environment.namespaces
    if namespace in (None, ""):
        hint = f"the environment may write to {one_of(allowed)}"
        return _error("M006", "namespace", "`metadata.namespace` is missing", hint)
    if not isinstance(namespace, str):
        return _error("M006", "namespace", "`metadata.namespace` must be a string", "quote it")
    if allowed and namespace not in allowed:
        message = f"the environment may not write to the namespace {_printable(namespace)}"
        hint = f"add it to `namespaces` in {environment.file}"
        return _error("M007", "namespace", message, did_you_mean(namespace, allowed) or hint)
    return None


def printed_name(name: Json) -> str:
    """A name as a report shows it, valid or not: no character of it can break out of a line, or of a path."""
    if not isinstance(name, str):
        return ""
    return _UNPRINTED.sub(
        "?", name if len(name) <= _NAME_LENGTH else f"{name[:_PRINTED_LENGTH]}..."
    )


def _error(code: str, field: str, message: str, hint: str = "") -> FieldFinding:
    return FieldFinding(code, Severity.ERROR, ("metadata", field), message, hint)


def _corrected(name: str) -> str:
    corrected = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")
    return corrected if _NAME.fullmatch(corrected) and len(corrected) <= _NAME_LENGTH else ""


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:_PRINTED_LENGTH])
